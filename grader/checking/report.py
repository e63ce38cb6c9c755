"""The report: what running an assignment yields. Faces (terminal, JSON, JUnit …) are functions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SCHEMA", "STATUSES", "WAITS", "WRONG", "CheckResult", "QuestionResult", "Report"]

SCHEMA = "grader.report/1"
STATUSES = ("passed", "failed", "todo", "error", "timeout", "crashed", "skipped", "fault")
WRONG = ("failed", "error", "timeout", "crashed")  # those that are the student's doing
WAITS = "counts once another check of {} passes"  # why a robust check was skipped


@dataclass(frozen=True)
class CheckResult:
    """How one check went; ``details`` is plain data, such as the case, the worst element, the student's last frame."""

    id: str
    title: str
    visibility: str
    points: float
    score: float
    status: str
    message: str = ""
    hint: str | None = None
    misconception: str | None = None
    cases: int = 0
    failed_cases: int = 0
    seconds: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionResult:
    """How one question went: its checks, and one status for all of them."""

    id: str
    title: str
    score: float
    max_score: float
    status: str
    seconds: float
    checks: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.status == "passed"


@dataclass(frozen=True)
class Report:
    """How one submission went.

    ``hidden_points`` are those that only grading decides; they are not in ``max_score``. ``student_seconds`` is the
    processor time that went into the student's code. ``seed`` is what inputs were drawn from, None where that is not
    told.
    """

    assignment: str
    submission: str
    seconds: float
    seed: int | None
    isolation: Mapping[str, Any]
    environment: Mapping[str, Any]
    questions: tuple[QuestionResult, ...]
    hidden_points: float = 0.0
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    student_seconds: float = 0.0

    @property
    def score(self) -> float:
        """The points earned."""
        return round(sum(question.score for question in self.questions), 4)

    @property
    def max_score(self) -> float:
        """The points that could be earned."""
        return round(sum(question.max_score for question in self.questions), 4)

    @property
    def faults(self) -> int:
        """The number of checks that the grader could not decide for a fault of its own."""
        return sum(check.status == "fault" for question in self.questions for check in question.checks)

    @property
    def complete(self) -> bool:
        """Whether every point was earned."""
        return all(question.passed for question in self.questions)

    @property
    def exit_code(self) -> int:
        """What the command line returns for it: 0, 1, 3 or 130 (see ``docs/report.md``)."""
        if self.interrupted:
            return 130
        if self.faults:
            return 3
        return 0 if self.complete else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, with the stable keys of its schema."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "submission": self.submission,
            "score": self.score,
            "max_score": self.max_score,
            "hidden_points": self.hidden_points,
            "seconds": round(self.seconds, 4),
            "student_seconds": round(self.student_seconds, 4),
            "seed": self.seed,
            "interrupted": self.interrupted,
            "isolation": dict(self.isolation),
            "environment": dict(self.environment),
            "notes": list(self.notes),
            "questions": [
                {**vars(question), "checks": [{**vars(check)} for check in question.checks]}
                for question in self.questions
            ],
        }


def status_of(checks: tuple[CheckResult, ...]) -> str:
    """Return one status for a question's checks: passed, partial, or the weightiest of what went wrong."""
    decisive = [check for check in checks if check.points or check.status != "skipped"]
    statuses = [check.status for check in decisive or checks]
    if "fault" in statuses:
        return "fault"
    if all(status == "passed" for status in statuses):
        return "passed"
    if all(status in ("todo", "skipped") for status in statuses) and "todo" in statuses:
        return "todo"
    if any(check.score > 0 for check in checks):
        return "partial"
    for status in ("crashed", "timeout", "error", "failed", "todo", "skipped"):
        if status in statuses:
            return status
    return "failed"
