"""What can be checked in a notebook: an assignment's questions, and how far one is."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group

from grader.notebook.result import text_of
from grader.reports.findings import line, number
from grader.reports.listing import Row as Line
from grader.reports.listing import table
from grader.reports.wording import WORDS

__all__ = ["Listing", "Row"]

_WIDTH = 80
_HOW = "%check NAME checks one of them, %check all every one."


@dataclass(frozen=True)
class Row:
    """A question: its name, what it is worth, how it went or how far it is written, its file, what it is about."""

    name: str
    points: float
    status: str
    file: str
    title: str

    @property
    def words(self) -> tuple[str, ...]:
        """The row as text."""
        word = WORDS.get(self.status, self.status)
        return self.name, number(self.points), word, self.file, self.title


@dataclass(frozen=True, repr=False)
class Listing:
    """All questions of an assignment. A notebook shows it as a table."""

    assignment: str
    title: str
    rows: tuple[Row, ...]

    _TITLES = ("question", "points", "your code", "file", "title")

    def __repr__(self) -> str:
        lines = [Line(row.words) for row in self.rows]
        return text_of(Group(*table(self._TITLES, lines, _WIDTH), f"\n{_HOW}"))

    def _repr_html_(self) -> str:
        rows = [_cells("td", row.words) for row in self.rows]
        head = _cells("th", self._TITLES)
        return (
            f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
            "<p><code>%check NAME</code> checks one of them, <code>%check all</code> every one.</p>"
        )


def _cells(tag: str, words: Sequence[str]) -> str:
    """Return a row, of which only the last cell may be broken into several lines."""
    styles = ["text-align: left; white-space: nowrap"] * (len(words) - 1) + ["text-align: left"]
    cells = [
        f"<{tag} style='{style}'>{html.escape(line(word))}</{tag}>" for word, style in zip(words, styles, strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"
