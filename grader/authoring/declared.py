"""What an author declares in ``misconceptions/audit.toml``: exceptions, each with its reason.

::

    [equivalent.relu_backward]
    "3f2a90c1" = "either slope may be taken at exactly zero"

    [keep]
    "*.derivative_of_own_forward" = "gives a share of the points where only the forward pass is wrong"

    [spreads]
    "affine_forward.flattens-in-place" = "changes the caller's x: whatever comes next has it"

    [silent]
    "TwoLayerNet.draws-biases" = "its biases are different every time"

Keys of the last three are patterns of ``question.check`` and of ``question.misconception``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError, UnknownNameError

__all__ = ["DECLARED", "Declared", "read_declared"]

DECLARED = "misconceptions/audit.toml"
_TABLES = ("equivalent", "keep", "spreads", "silent")
Reasons = Mapping[str, str]


@dataclass(frozen=True)
class Declared:
    """The exceptions, each with its reason.

    ``equivalent`` are mutants as right as the solution, by question and id; ``keep`` checks to keep though they decide
    nothing; ``spreads`` wrong answers that may take points from other questions, too; ``silent`` those that no sentence
    names.
    """

    equivalent: Mapping[str, Reasons] = field(default_factory=dict)
    keep: Reasons = field(default_factory=dict)
    spreads: Reasons = field(default_factory=dict)
    silent: Reasons = field(default_factory=dict)

    def kept(self, question: str, check: str) -> str:
        """Return the pattern that keeps a check, nothing if there is none."""
        return _matching(f"{question}.{check}", self.keep)

    def spreading(self, question: str, variant: str) -> str:
        """Return the pattern that lets a wrong answer harm other questions, nothing if there is none."""
        return _matching(f"{question}.{variant}", self.spreads)

    def silence(self, question: str, variant: str) -> str:
        """Return the pattern that lets a wrong answer be named by no sentence, nothing if there is none."""
        return _matching(f"{question}.{variant}", self.silent)

    def patterns(self) -> list[str]:
        """Return all patterns."""
        return [*self.keep, *self.spreads, *self.silent]


def read_declared(path: Path, questions: Sequence[str]) -> Declared:
    """Return what a file declares; nothing, if there is none.

    Raises:
        AssignmentError: it is not as it should be, or gives no reason.
    """
    if not path.is_file():
        return Declared()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: {error}") from error
    for key in table:
        if key not in _TABLES:
            raise AssignmentError(f"{path}: {UnknownNameError('table', key, _TABLES)}")
    equivalent = table.get("equivalent", {})
    for name in equivalent:
        if name not in questions:
            raise AssignmentError(f"{path}: [equivalent.{name}]: {UnknownNameError('question', name, questions)}")
    return Declared(
        {name: _reasons(path, f"equivalent.{name}", reasons) for name, reasons in equivalent.items()},
        _reasons(path, "keep", table.get("keep", {})),
        _reasons(path, "spreads", table.get("spreads", {})),
        _reasons(path, "silent", table.get("silent", {})),
    )


def _matching(name: str, patterns: Reasons) -> str:
    return next((pattern for pattern in patterns if fnmatchcase(name, pattern)), "")


def _reasons(path: Path, key: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise AssignmentError(f"{path}: [{key}] should be a table")
    for name, reason in table.items():
        if not isinstance(reason, str) or not reason.strip():
            raise AssignmentError(f"{path}: [{key}] {name} should have its reason, in words")
    return table
