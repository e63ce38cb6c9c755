"""A wrong answer beside the right one, and where they differ, over two axes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.reports.findings import line
from grader.reports.html.elements import Child, Element, h
from grader.reports.html.pictures.paint import Colour, largest, png, severity, signed
from grader.reports.html.pictures.panel import Window, panel
from grader.reports.html.pictures.reading import Grid, grid, said, whole

__all__ = ["PALE", "heatmap"]

STRONG, PALE = 255, 150  # the strongest colour, and that behind a number


def heatmap(picture: Mapping[str, Any]) -> Element:
    """Return three panels: what came, what should have, the error.

    Raises:
        KeyError, TypeError, ValueError: the picture is damaged.
    """
    got, want, error = (grid(picture[key]) for key in ("got", "want", "error"))
    window = _window(picture, got)
    if {(len(rows), len(rows[0])) for rows in (got, want, error)} != {(window.rows, window.columns)}:
        raise ValueError("panels of different sizes")
    shape = [whole(size) for size in picture["shape"]]
    name = line(str(picture["name"])) + _fixed(picture["index"], shape)
    where = line(str(picture["where"]))
    scale = largest(want) if any(map(any, want)) else largest(got)
    strongest = PALE if window.numbered else STRONG
    wrong = sum(value != 0 for row in error for value in row)
    words = f"{name}, the relative error: {wrong} of {window.rows * window.columns} elements are wrong {where}".rstrip()
    drawn = (
        ("yours", panel(got, signed(got, scale, strongest), window, f"{name}, what your code gives", False)),
        ("should be", panel(want, signed(want, scale, strongest), window, f"{name}, what it should be", False)),
        ("relative error", panel(error, severity(error, largest(error), strongest), window, words, True)),
    )
    return h(
        "figure",
        h("p", "Wrong ", h("strong", where), class_="gr-where") if where else None,
        h("div", *(h("div", h("p", title, class_="gr-panel-title"), svg) for title, svg in drawn), class_="gr-panels"),
        h("figcaption", *_caption(name, shape, window), *_key(scale, got)),
        class_="gr-figure",
    )


def _window(picture: Mapping[str, Any], rows: Grid) -> Window:
    row, column = (whole(place) for place in picture["worst"])
    window = Window(whole(picture["top"]), whole(picture["left"]), len(rows), len(rows[0]), (row, column))
    if not (0 <= row - window.top < window.rows and 0 <= column - window.left < window.columns):
        raise ValueError("the worst element is outside")
    return window


def _fixed(index: Sequence[Any], shape: Sequence[int]) -> str:
    """Return which slice of an array with more than two axes it is."""
    places = [str(whole(place)) for place in index]
    return f"[{', '.join([*places, ':', ':'])}]" if places and len(shape) == len(places) + 2 else ""


def _caption(name: str, shape: Sequence[int], window: Window) -> Iterator[Child]:
    yield h("code", name)
    if len(shape) > 1:
        yield ", height × width" if len(shape) == 4 else ", rows × columns"
    if [1, *shape][-2:] != [window.rows, window.columns]:
        rows = f"rows {window.top} to {window.top + window.rows - 1}, " if window.rows > 1 else ""
        yield f", only {rows}columns {window.left} to {window.left + window.columns - 1}"
    yield ". "


def _key(scale: float, got: Grid) -> Iterator[Child]:
    """Yield what the colours mean."""
    yield from (_swatch("blue", signed([[-1.0]], 1.0)), f" down to −{said(scale)}, ")
    yield from (_swatch("orange", signed([[1.0]], 1.0)), f" up to {said(scale)}, ")
    if not all(math.isfinite(value) for row in got for value in row):
        yield from (_swatch("violet", signed([[math.nan]], 1.0)), " NaN or infinite, ")
    yield from (_swatch("red", severity([[1.0]], 1.0)), " wrong. The frame is around the worst element.")
    yield " Errors are relative to the largest right value."


def _swatch(colour: str, pixels: Sequence[Sequence[Colour]]) -> Element:
    return h("img", src=png(pixels), class_="gr-swatch", alt=colour)
