"""How a loss went in training."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from grader.reports.findings import line
from grader.reports.html.elements import Element, h
from grader.reports.html.pictures.reading import numbers, said, whole

__all__ = ["curve"]

_WIDTH, _HEIGHT = 320, 110
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 10, 30


def curve(picture: Mapping[str, Any]) -> Element:
    """Return a line over steps.

    Raises:
        KeyError, TypeError, ValueError: the picture is damaged.
    """
    at, values = [whole(place) for place in picture["at"]], numbers(picture["values"])
    name, over = line(str(picture["name"])), line(str(picture["over"]))
    if len(at) != len(values) or sorted(at) != at:
        raise ValueError("a curve has a value for each place, in order")
    finite = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *finite]), max([*finite, 0.0])
    high = high if high > low else low + 1.0
    last = max(at[-1], 1)

    def x(place: float) -> float:
        return _LEFT + _WIDTH * place / last

    def y(value: float) -> float:
        return _TOP + _HEIGHT * (1 - (value / 2 - low / 2) / (high / 2 - low / 2))  # halved: no overflow

    words = f"{name} over {at[-1] + 1} {over}s: from {said(values[0])} to {said(values[-1])}"
    places = list(zip(at, values, strict=True))
    runs = [
        [(x(place), y(value)) for place, value in run]
        for known, run in itertools.groupby(places, lambda pair: math.isfinite(pair[1]))
        if known
    ]
    marks = [h("path", d=f"M{_LEFT} {_TOP}V{_TOP + _HEIGHT}H{_LEFT + _WIDTH}", class_="gr-axis")]
    for value in (low, high):
        marks.append(h("text", said(value), x=_LEFT - 6, y=f"{y(value) + 4:.1f}", class_="gr-tick gr-right"))
    for place in (0, at[-1]):
        marks.append(h("text", str(place + 1), x=f"{x(place):.1f}", y=_TOP + _HEIGHT + 14, class_="gr-tick"))
    marks.append(h("text", over, x=_LEFT + _WIDTH / 2, y=_TOP + _HEIGHT + 14, class_="gr-tick"))
    marks.append(h("text", name, x=_LEFT + _WIDTH, y=_TOP + 6, class_="gr-tick gr-right"))
    for run in runs:
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in run)
        marks.append(h("polyline", points=points, class_="gr-curve"))
    if runs:
        px, py = runs[-1][-1]
        marks.append(h("circle", cx=f"{px:.1f}", cy=f"{py:.1f}", r=2.5, class_="gr-dot"))
    box = f"0 0 {_LEFT + _WIDTH + _RIGHT} {_TOP + _HEIGHT + _BOTTOM - 10}"
    odd = len(values) - len(finite)
    return h(
        "figure",
        h("svg", *marks, class_="gr-plot", viewBox=box, role="img", aria_label=words),
        h("figcaption", words, f"; {odd} of the points are not finite" if odd else "", "."),
        class_="gr-figure",
    )
