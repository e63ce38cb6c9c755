"""What a first layer learnt: its filters, each a small picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.reports.findings import line
from grader.reports.html.elements import Element, h
from grader.reports.html.pictures.paint import largest, png, signed
from grader.reports.html.pictures.reading import grid, said, whole

__all__ = ["filters"]

_MOST = 64


def filters(picture: Mapping[str, Any]) -> Element:
    """Return filters beside each other, all on one scale.

    Raises:
        KeyError, TypeError, ValueError: the picture is damaged.
    """
    found = [grid(one) for one in picture["filters"][:_MOST]]
    name, shape = line(str(picture["name"])), tuple(whole(size) for size in picture["shape"])
    scale = largest(*found)
    drawn = [
        h("img", src=png(signed(one, scale)), width=len(one[0]) * 14, height=len(one) * 14, alt=f"filter {place}")
        for place, one in enumerate(found, start=1)
    ]
    return h(
        "figure",
        h("div", *drawn, class_="gr-filters"),
        h(
            "figcaption",
            "What the first layer learnt: ",
            h("code", name),
            f" {shape}, from −{said(scale)}, blue, to {said(scale)}, orange.",
        ),
        class_="gr-figure",
    )
