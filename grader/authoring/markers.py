"""Markers: the comments by which authors say what is theirs alone. nbgrader's and otter-grader's are understood.

A marker is a comment of its own words and nothing else, in capitals. Whatever resembles one and is none is refused:
the slip of a finger must not hand out a solution.
"""

from __future__ import annotations

import difflib
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.source import is_code
from grader.errors import AssignmentError

__all__ = ["BLOCKS", "LINE_ENDS", "PROMPT", "Marker", "find_markers", "is_block_marker"]

BLOCKS = {
    "BEGIN SOLUTION": "END SOLUTION",
    "BEGIN SOLUTION NO PROMPT": "END SOLUTION",
    "BEGIN HIDDEN TESTS": "END HIDDEN TESTS",
}
"""What begins a block of lines, and what ends it."""

LINE_ENDS = ("SOLUTION", "SOLUTION NO PROMPT")
PROMPT = "PROMPT"
_ENDS = set(BLOCKS.values())
_KNOWN = (*BLOCKS, *sorted(_ENDS), *LINE_ENDS, "BEGIN PROMPT", "END PROMPT")
_ALARMING = re.compile(r"(BEGIN|END)[ _-]?(SOLUTION|PROMPT|HIDDEN)")
_SIMILAR, _SIMILAR_IN_PROSE = 0.85, 0.95


@dataclass(frozen=True)
class Marker:
    """A marker in a file: its words, its lines (a prompt has several), and its column."""

    words: str
    line: int
    column: int
    last: int


def is_block_marker(line: str) -> bool:
    """Whether a line of any text is a marker that begins or ends a block."""
    words = " ".join(line.strip().lstrip("#").split())
    return line.strip().startswith("#") and (words in BLOCKS or words in _ENDS)


def find_markers(tokens: Sequence[tokenize.TokenInfo], where: str) -> list[Marker]:
    """Return a file's markers in their order. What only looks like one inside of a string is none.

    Raises:
        AssignmentError: something resembles a marker and is none, or stands where it cannot.
    """
    return list(_markers(tokens, where))


def _markers(tokens: Sequence[tokenize.TokenInfo], where: str) -> Iterator[Marker]:
    waiting: tokenize.TokenInfo | None = None  # the string of a prompt, whose end has to follow
    for index, token in enumerate(tokens):
        if token.type == tokenize.STRING and _opens_prompt(token):
            _expect_closed(waiting, where)
            closing = token.string.rpartition("\n")[2].strip()
            if (index and is_code(tokens[index - 1])) or closing != token.string[:3]:
                raise AssignmentError(
                    f"{where} line {token.start[0]}: a prompt's quotes and markers have to stand on lines of their own"
                )
            waiting = token
        if token.type != tokenize.COMMENT:
            continue
        words, line = _words(token, where), token.start[0]
        if not words:
            continue
        before = _before(tokens, index)
        if words == "END PROMPT" and waiting is not None and before[:1] == [waiting]:
            if any(other.string != ";" for other in before[1:]):
                raise AssignmentError(f"{where} line {line}: nothing may stand between a prompt's end and its marker")
            yield Marker(PROMPT, waiting.start[0], waiting.start[1], line)
            waiting = None
        elif words in ("BEGIN PROMPT", "END PROMPT"):
            raise AssignmentError(f'{where} line {line}: a prompt is written """ # BEGIN PROMPT … """ # END PROMPT')
        elif words in LINE_ENDS and not before:
            raise AssignmentError(
                f"{where} line {line}: '# {words}' belongs at the end of a line; around several, write BEGIN and END"
            )
        elif words not in LINE_ENDS and before:
            raise AssignmentError(f"{where} line {line}: '{words}' has to stand on a line of its own")
        else:
            _expect_closed(waiting, where)
            yield Marker(words, line, token.start[1], line)
    _expect_closed(waiting, where)


def _expect_closed(prompt: tokenize.TokenInfo | None, where: str) -> None:
    if prompt is not None:
        raise AssignmentError(
            f'{where} line {prompt.start[0]}: this prompt does not end: close it with """ # END PROMPT'
        )


def _before(tokens: Sequence[tokenize.TokenInfo], index: int) -> list[tokenize.TokenInfo]:
    """Return the tokens of code that end on the line of a comment, before it."""
    line, found = tokens[index].start[0], []
    for token in reversed(tokens[:index]):
        if token.end[0] != line or token.type in (tokenize.NL, tokenize.NEWLINE):
            break
        if is_code(token):
            found.append(token)
    return found[::-1]


def _opens_prompt(token: tokenize.TokenInfo) -> bool:
    first = token.string.partition("\n")[0]
    return first[:3] in ('"""', "'''") and " ".join(first[3:].lstrip(" #").split()) == "BEGIN PROMPT"


def _words(comment: tokenize.TokenInfo, where: str) -> str:
    """Return a marker's words, nothing for another comment."""
    text = comment.string.lstrip("#")
    words = " ".join(text.split())
    if words in _KNOWN:
        return words
    shouted = words.upper()
    cutoff = _SIMILAR if words == shouted else _SIMILAR_IN_PROSE
    near = difflib.get_close_matches(shouted, _KNOWN, n=1, cutoff=cutoff)
    if near or _ALARMING.match(shouted) or re.search(r"\bSOLUTION\b", words):
        meant = near[0] if near else next((known for known in _KNOWN if shouted.startswith(known)), "BEGIN SOLUTION")
        raise AssignmentError(
            f"{where} line {comment.start[0]}: '{comment.string.strip()}' resembles a marker and is none:"
            f" write '### {meant}' and nothing behind it, or word the comment differently"
        )
    return ""
