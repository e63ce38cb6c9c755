"""Leaks: lines of a solution, of a hidden check or of a misconception that would be published all the same.

Texts are compared as sequences of words and signs, so that neither spacing nor line breaks hide anything. Only lines
that give something away count: not imports, signatures, or ``return out, cache``, which are anybody's.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.telling import telling_lines

__all__ = ["Leak", "Secret", "Text", "find_leaks", "secrets_of"]

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Secret:
    """A line that must not be published, and where it is from. Checks may share theirs with other checks."""

    code: str
    origin: str
    of_check: bool = False


@dataclass(frozen=True)
class Text:
    """A text that would be published.

    ``checks`` are those of its lines that are public checks; ``origins`` has the number of each line in the author's
    text, where it is another one.
    """

    name: str
    text: str
    checks: Collection[int] = ()
    origins: Sequence[int] = ()


@dataclass(frozen=True)
class Leak:
    """A secret, and the place in what would be published where it appears."""

    place: str
    secret: Secret

    def __str__(self) -> str:
        """Say what would be published where."""
        return f"{self.place} gives away {self.secret.origin}: {self.secret.code}"


def secrets_of(
    source: str, where: str, lines: Collection[int] | None = None, *, of_check: bool = False
) -> Iterator[Secret]:
    """Yield the telling lines of Python source, or of those with the given numbers."""
    for line, code in telling_lines(source, where):
        if lines is None or line in lines:
            yield Secret(code, f"{where} line {line}", of_check)


def find_leaks(secrets: Iterable[Secret], texts: Iterable[Text], allowed: Iterable[str]) -> list[Leak]:
    """Return where the texts give secrets away, but for the lines that the author allows. Each place is named once."""
    free = "\n".join(_words(line) for line in allowed)
    wanted: dict[str, Secret] = {}
    for secret in sorted(secrets, key=lambda secret: secret.of_check):  # what is a solution's, too, is no check's
        words = _words(secret.code)
        if words not in free:
            wanted.setdefault(words, secret)
    leaks: dict[str, Leak] = {}
    for text in texts:
        stream = _Stream(text.text)
        for words, secret in wanted.items():
            for line in stream.lines(words):
                if not (secret.of_check and line in text.checks):
                    place = f"{text.name} line {text.origins[line - 1] if text.origins else line}"
                    leaks.setdefault(place, Leak(place, secret))
    return list(leaks.values())


def _words(code: str) -> str:
    return f" {' '.join(_WORD.findall(code))} "


class _Stream:
    """A text as one long line of words and signs, with the line that each is on."""

    def __init__(self, text: str) -> None:
        words: list[str] = []
        self._starts: list[int] = []
        self._numbers: list[int] = []
        offset = 1
        for number, line in enumerate(text.split("\n"), 1):
            for word in _WORD.findall(line):
                self._starts.append(offset)
                self._numbers.append(number)
                words.append(word)
                offset += len(word) + 1
        self._joined = f" {' '.join(words)} "

    def lines(self, words: str) -> Iterator[int]:
        """Yield the numbers of the lines on which a sequence of words begins."""
        found = self._joined.find(words)
        while found >= 0:
            yield self._numbers[bisect.bisect_right(self._starts, found + 1) - 1]
            found = self._joined.find(words, found + 1)
