"""How the totals of a class are distributed."""

from __future__ import annotations

from collections.abc import Sequence

from grader.reports.findings import number
from grader.reports.html.elements import Element, h

__all__ = ["histogram"]

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 560, 130, 18, 38


def histogram(counted: Sequence[int], most: float) -> Element:
    """Return a bar for each part of the points, from none to ``most``; ``counted`` holds how many are in each."""
    wide = _WIDTH / len(counted)
    highest = max(*counted, 1)
    marks = [h("path", d=f"M0 {_TOP + _HEIGHT}H{_WIDTH}", class_="gr-axis")]
    for place, people in enumerate(counted):
        tall = _HEIGHT * people / highest
        x, y = place * wide + 2, _TOP + _HEIGHT - tall
        if people:
            size = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{wide - 4:.1f}", "height": f"{tall:.1f}"}
            marks.append(h("rect", class_="gr-part", **size))
            marks.append(h("text", str(people), x=f"{x + wide / 2 - 2:.1f}", y=f"{y - 5:.1f}", class_="gr-tick"))
    for place in range(0, len(counted) + 1, 2):
        share = place / len(counted)
        side = {0: " gr-left", len(counted): " gr-right"}.get(place, "")
        at = f"{place * wide:.1f}"
        marks.append(h("text", number(most * share), x=at, y=_TOP + _HEIGHT + 15, class_=f"gr-tick{side}"))
    marks.append(h("text", "points", x=_WIDTH / 2, y=_TOP + _HEIGHT + 32, class_="gr-tick"))
    words = ", ".join(
        f"{people} from {100 * place // len(counted)} to {100 * (place + 1) // len(counted)} %"
        for place, people in enumerate(counted)
        if people
    )
    return h(
        "figure",
        h(
            "svg",
            *marks,
            class_="gr-plot gr-histogram",
            viewBox=f"0 0 {_WIDTH} {_TOP + _HEIGHT + _BOTTOM}",
            role="img",
            aria_label=f"Submissions by their share of the points: {words}",
        ),
        class_="gr-figure",
    )
