"""One panel of a map: coloured cells, the indices of rows and columns, and a frame around one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.reports.html.elements import Element, h
from grader.reports.html.pictures.paint import Colour, png
from grader.reports.html.pictures.reading import Grid, short

__all__ = ["Window", "panel"]

_NUMBERED = 6  # with so many columns, numbers fit into the cells
_CELL, _LOW = 40, 26  # width and height of a cell with a number in it
_SIDE, _LARGEST = 190, 24  # of a panel without numbers, and of its cells
_GUTTER, _TOP, _EDGE = 18, 16, 2  # for the indices of rows and columns, and for the frame
_ROOM = 18  # an index needs so much


@dataclass(frozen=True)
class Window:
    """Which part of an array is drawn: its first row and column, its size, the place of the worst element."""

    top: int
    left: int
    rows: int
    columns: int
    worst: tuple[int, int]

    @property
    def numbered(self) -> bool:
        """Whether numbers fit into the cells."""
        return self.columns <= _NUMBERED

    @property
    def cell(self) -> tuple[float, float]:
        """The width and the height of a cell."""
        side = min(_SIDE / max(self.columns, self.rows), _LARGEST)
        return (_CELL, _LOW) if self.numbered else (side, side)


def panel(values: Grid, colours: Sequence[Sequence[Colour]], window: Window, words: str, sparse: bool) -> Element:
    """Return a drawing that is described by ``words``. Where it is ``sparse``, a zero is no number to read."""
    wide, high = window.cell
    size = {"width": f"{window.columns * wide:g}", "height": f"{window.rows * high:g}"}
    x, y = (window.worst[1] - window.left) * wide, (window.worst[0] - window.top) * high
    box = (-_GUTTER, -_TOP, window.columns * wide + _GUTTER + _EDGE, window.rows * high + _TOP + _EDGE)
    return h(
        "svg",
        h("image", href=png(colours), preserveAspectRatio="none", **size),
        h("rect", class_="gr-frame", **size),
        *_indices(window),
        *(_numbers(values, window, sparse) if window.numbered else ()),
        h("rect", x=f"{x:g}", y=f"{y:g}", width=f"{wide:g}", height=f"{high:g}", class_="gr-worst"),
        class_="gr-panel",
        viewBox=" ".join(f"{side:g}" for side in box),
        width=f"{box[2]:g}",
        height=f"{box[3]:g}",
        role="img",
        aria_label=words,
    )


def _numbers(values: Grid, window: Window, sparse: bool) -> list[Element]:
    wide, high = window.cell
    return [
        h("text", short(value), x=f"{(j + 0.5) * wide:g}", y=f"{(i + 0.5) * high + 3.5:g}", class_="gr-value")
        for i, row in enumerate(values)
        for j, value in enumerate(row)
        if value or not sparse
    ]


def _indices(window: Window) -> list[Element]:
    """Return the indices of rows and columns; where there is no room, of the first, the worst and the last."""
    wide, high = window.cell
    across = [
        h("text", str(window.left + index), x=f"{(index + 0.5) * wide:g}", y=-5, class_="gr-tick")
        for index in _shown(window.columns, window.worst[1] - window.left, wide)
    ]
    down = [
        h("text", str(window.top + index), x=-5, y=f"{(index + 0.5) * high + 3.5:g}", class_="gr-tick gr-right")
        for index in _shown(window.rows, window.worst[0] - window.top, high)
    ]
    return [*across, *(down if window.rows > 1 else ())]


def _shown(count: int, worst: int, size: float) -> list[int]:
    if size >= _ROOM:
        return list(range(count))
    return sorted({worst, *(end for end in (0, count - 1) if abs(end - worst) * size >= _ROOM)})
