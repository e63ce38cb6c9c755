"""Solution regions in text: model answers to written questions, in the text cells of notebooks.

::

    <!-- BEGIN SOLUTION -->             a region becomes: *Write your answer here.*
    <!-- END SOLUTION -->
    <!-- BEGIN SOLUTION NO PROMPT -->   becomes nothing
    <!-- END SOLUTION -->
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator

from grader.authoring.leaks import Secret
from grader.authoring.regions import Stub
from grader.authoring.source import normalised
from grader.errors import AssignmentError

__all__ = ["PROMPT", "make_prompt", "prose_secrets"]

PROMPT = "*Write your answer here.*"
_BEGIN, _BEGIN_QUIET, _END = "BEGIN SOLUTION", "BEGIN SOLUTION NO PROMPT", "END SOLUTION"
_COMMENT = re.compile(r"<!--(.*?)(?:-->|$)", re.DOTALL | re.MULTILINE)
_TELLING = 20  # letters; shorter lines are anybody's
_SIMILAR = 0.85


def make_prompt(source: str, where: str) -> Stub:
    """Return what students get of a text.

    Args:
        source: the author's text, Markdown.
        where: the cell, for messages.

    Raises:
        AssignmentError: a marker is misspelt, alone, nested, or not on a line of its own.
    """
    lines = normalised(source).split("\n")
    kept: list[str] = []
    origins: list[int] = []
    removed: set[int] = set()
    begun = 0
    for number, line in enumerate(lines, 1):
        words = _marker(line, f"{where} line {number}")
        if words == _END and not begun:
            raise AssignmentError(f"{where} line {number}: '{_END}' without a '{_BEGIN}' before it")
        if words in (_BEGIN, _BEGIN_QUIET) and begun:
            raise AssignmentError(
                f"{where} line {number}: '{words}' inside of the region of line {begun}: is '{_END}' missing?"
            )
        if words in (_BEGIN, _BEGIN_QUIET):
            begun = number
            if words == _BEGIN:
                kept.append(PROMPT)
                origins.append(number)
        if begun:
            removed.add(number)
        else:
            kept.append(line)
            origins.append(number)
        if words == _END:
            begun = 0
    if begun:
        raise AssignmentError(f"{where} line {begun}: '{_BEGIN}' without '{_END}'")
    return Stub("\n".join(kept), frozenset(removed), tuple(origins))


def prose_secrets(source: str, where: str, lines: Collection[int]) -> Iterator[Secret]:
    """Yield the lines of a text with the given numbers, but for those that say next to nothing."""
    for number, line in enumerate(normalised(source).split("\n"), 1):
        if number in lines and not _COMMENT.search(line) and len(line.strip()) >= _TELLING:
            yield Secret(line.strip(), f"{where} line {number}")


def _marker(line: str, place: str) -> str:
    """Return the words of a line's marker, nothing for another line."""
    for comment in _COMMENT.finditer(line):
        words = " ".join(comment[1].split())
        alone = comment[0] == line.strip() and line.strip().endswith("-->")
        if words in (_BEGIN, _BEGIN_QUIET, _END) and alone:
            return words
        close = difflib.get_close_matches(words.upper(), (_BEGIN, _BEGIN_QUIET, _END), n=1, cutoff=_SIMILAR)
        if close or re.search(r"\bSOLUTION\b", words.upper()):
            meant = close[0] if close else _BEGIN
            raise AssignmentError(
                f"{place}: '{comment[0]}' resembles a marker and is none: write '<!-- {meant} -->', alone on its line"
            )
    return ""
