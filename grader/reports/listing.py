"""Lists as plain tables without lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.reports.findings import line

__all__ = ["Row", "show", "table"]

_GAP = 2
_LAST = 24  # the last column is left out where it would be narrower


class Row(NamedTuple):
    """A row's cells, and their styles."""

    cells: Sequence[str]
    styles: Sequence[str] = ()


def show(console: Console, titles: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table, as wide as the terminal; in a pipe or a file, as wide as it is."""
    width = console.width if console.is_terminal else None
    for drawn in table(titles, rows, width):
        console.print(drawn, soft_wrap=width is None)


def table(titles: Sequence[str], rows: Sequence[Row], width: int | None) -> list[Text]:
    """Return the lines of a table. Where room is scarce, the last columns are shortened, then left out."""
    cells = [[line(cell) for cell in row.cells] for row in rows]
    widths = [max(cell_len(text) for text in column) for column in zip(titles, *cells, strict=True)]
    while width is not None and len(widths) > 2 and sum(widths) + _GAP * (len(widths) - 1) > width:
        room = width - sum(widths[:-1]) - _GAP * (len(widths) - 1)
        if room >= _LAST:
            widths[-1] = room
        else:
            widths.pop()
    lines = [_line(titles, ["dim"] * len(titles), widths, titles)]
    for row, texts in zip(rows, cells, strict=True):
        lines.append(_line(texts, row.styles or [""] * len(texts), widths, titles))
    return lines


def _line(texts: Sequence[str], styles: Sequence[str], widths: Sequence[int], titles: Sequence[str]) -> Text:
    whole = Text(no_wrap=True, overflow="ellipsis")
    for index, width in enumerate(widths):
        cell = Text(texts[index], styles[index])
        if titles[index] == "points":
            cell.pad_left(max(width - cell.cell_len, 0))
        else:
            cell.truncate(width, overflow="ellipsis", pad=True)
        whole.append_text(cell).append(" " * _GAP)
    whole.rstrip()
    return whole
