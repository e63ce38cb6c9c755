from __future__ import annotations

import pytest

from grader.reports.listing import Row, table

TITLES = ("question", "points", "file", "title")
ROWS = [Row(("one", "2", "layers.py", "a title of some length, and more")), Row(("three", "10", "x.py", "short"))]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (None, ["one            2  layers.py  a title of some length, and more", "three         10  x.py       short"]),
        (55, ["one            2  layers.py  a title of some length, a…", "three         10  x.py       short"]),
        (40, ["one            2  layers.py", "three         10  x.py"]),
        (20, ["one            2", "three         10"]),
        (5, ["one            2", "three         10"]),
    ],
)
def test_the_last_columns_give_way(width: int | None, lines: list[str]) -> None:
    assert [text.plain for text in table(TITLES, ROWS, width)][1:] == lines


def test_cells_are_text() -> None:
    (_, row) = table(("a", "b"), [Row(("[red]x\x1b[2J", "two\nlines"))], None)
    assert row.plain == "[red]x  two lines"
