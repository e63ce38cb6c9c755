"""What an audit found: for each question what was tried and how it went, and what is to be mended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["SCHEMA", "Audit", "CheckTally", "Finding", "QuestionTally", "Survivor"]

SCHEMA = "grader.audit/1"


@dataclass(frozen=True)
class Finding:
    """One promise that does not hold: its ``kind``, and the answer, mutant, check or pattern that shows it.

    ``question`` is empty where it is no single one's.
    """

    kind: str
    question: str
    subject: str
    message: str


@dataclass(frozen=True)
class Survivor:
    """A mutant that no check refuses, and the ``reason`` why it is as right as the solution, if it is declared."""

    id: str
    line: int
    description: str
    reason: str = ""


@dataclass
class CheckTally:
    """How many wrong answers one check refuses, and of how many it is the first to: all checks before it let them pass.

    Of a mutant only the first refusal is known.
    """

    id: str
    refused: int = 0
    first: int = 0
    kept: str = ""


@dataclass
class QuestionTally:
    """What was tried on one question."""

    id: str
    solution: str = ""
    stub_points: float = 0.0
    wrong: int = 0
    caught: int = 0
    named: int = 0
    right: int = 0
    accepted: int = 0
    mutants: int = 0
    mutants_caught: int = 0
    survivors: list[Survivor] = field(default_factory=list)
    checks: list[CheckTally] = field(default_factory=list)


@dataclass(frozen=True)
class Audit:
    """The whole of it: of ``answers`` that were to be run, the outcomes of ``kept`` were known from before."""

    assignment: str
    questions: tuple[QuestionTally, ...]
    findings: tuple[Finding, ...]
    seconds: float
    answers: int = 0
    kept: int = 0

    @property
    def proven(self) -> bool:
        """Whether every promise holds."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """What the command line returns for it."""
        return 0 if self.proven else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as plain data, with the stable keys of its schema."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "proven": self.proven,
            "seconds": round(self.seconds, 3),
            "answers": self.answers,
            "kept": self.kept,
            "questions": [asdict(question) for question in self.questions],
            "findings": [asdict(finding) for finding in self.findings],
        }
