"""The errors of several arrays beside each other: which of them are wrong, and which are right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from grader.reports.findings import line
from grader.reports.html.elements import Element, h
from grader.reports.html.marks import mark
from grader.reports.html.pictures.reading import number, said, whole

__all__ = ["bars"]

_LEAST = -8  # powers of ten: what is smaller is zero to the eye
_MOST = 4


def bars(picture: Mapping[str, Any]) -> Element:
    """Return a table with a bar for each array, on a logarithmic scale.

    Raises:
        KeyError, TypeError, ValueError: the picture is damaged.
    """
    limit = number(picture["limit"])
    found = [(line(str(bar["name"])), _error(bar["error"]), line(str(bar["note"]))) for bar in picture["bars"]]
    finite = [error for _, error, _ in found if error is not None and math.isfinite(error) and error > 0]
    end = min(max([1, *(math.ceil(math.log10(error)) for error in finite)]), _MOST)
    rows = [_row(name, error, note, limit, end) for name, error, note in found]
    left_out = whole(picture["left_out"])
    more = f" {left_out} more are not shown." if left_out else ""
    return h(
        "figure",
        h(
            "table",
            h("caption", "Which arrays are wrong"),
            h("thead", h("tr", *(h("th", title, scope="col") for title in ("array", "relative error", "")))),
            h("tbody", *rows),
            class_="gr-bars",
        ),
        h(
            "figcaption",
            f"The largest relative error of each, on a logarithmic scale; right up to the line, {said(limit)}.{more}",
        ),
        class_="gr-figure",
    )


def _error(value: Any) -> float | None:
    return None if value is None else number(value)


def _row(name: str, error: float | None, note: str, limit: float, end: int) -> Element:
    right = error is not None and error <= limit
    words = note or ("0" if not error else said(error, 2))
    return h(
        "tr",
        h("th", h("code", name), scope="row"),
        h("td", _bar(math.inf if error is None else error, limit, end, right)),
        h(
            "td",
            mark("passed" if right else "failed"),
            h("span", words),
            h("span", " right" if right else " wrong", class_="gr-unseen"),
            class_="gr-good" if right else "gr-bad",
        ),
    )


def _bar(error: float, limit: float, end: int, right: bool) -> Element:
    def at(value: float) -> float:
        power = math.log10(value) if value > 0 else _LEAST
        return 100 * min(max((power - _LEAST) / (end - _LEAST), 0.0), 1.0)

    width = 100.0 if not math.isfinite(error) else at(error)
    return h(
        "svg",
        h("rect", width=100, height=10, class_="gr-rest"),
        h("rect", width=f"{width:.1f}", height=10, class_="gr-done" if right else "gr-over"),
        h("rect", x=f"{at(limit):.1f}", width=0.6, height=10, class_="gr-limit"),
        class_="gr-bar",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
