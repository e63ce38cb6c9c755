"""One grading of one submission, and what a grade depends on besides the submission."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.checking.report import Report
from grader.classroom.record.reading import report_of

__all__ = ["STATES", "Attempt", "Basis", "plain_people"]

STATES = ("graded", "refused", "fault")
_PERSON = ("key", "name", "email", "number")


@dataclass(frozen=True)
class Basis:
    """What grades depend on besides the submission. Where two are equal, grading again gives the same.

    Args:
        assignment: the assignment's name.
        digest: of the assignment's files, and of what is recorded of its misconceptions.
        seed: what all random inputs are drawn from.
        grader: the grader's version, and a digest of its code.
    """

    assignment: str
    digest: str
    seed: int
    grader: str


@dataclass(frozen=True)
class Attempt:
    """One grading of one submission.

    Args:
        key: of the student or group; the attempts of one key belong together.
        people: whose it is, each with ``key``, ``name``, ``email`` and ``number``; what is not known is empty.
        origin: where the submission came from, as people would look for it.
        late: whether it came after the due date; None if that is not known.
        submitted: when it came, in ISO form; None if that is not known.
        digest: of the submission's files.
        state: ``graded``, ``refused`` (there is nothing that can be graded) or ``fault`` (the grader's own bug).
        problem: in one line, why it was not graded.
        score: points earned; None where a person has to decide.
        max_score: points that could be earned.
        seconds: by the clock on the wall.
        student_seconds: of these, what the student's code took.
        graded_at: when it was graded: ISO form, UTC.
        report: what ``Report.to_dict`` returns, or the same read from JSON; None if it did not come to one.
        number: 1, 2, … for each key, given when it is stored.

    Raises:
        ValueError: the state is none, a number is not finite, or the run that made the report was interrupted.
    """

    key: str
    people: tuple[Mapping[str, str], ...]
    origin: str
    late: bool | None
    submitted: str | None
    digest: str
    state: str
    problem: str
    score: float | None
    max_score: float | None
    seconds: float
    student_seconds: float
    graded_at: str
    report: Mapping[str, Any] | None
    number: int = 0

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is none of {', '.join(STATES)}")
        numbers = (self.score, self.max_score, self.seconds, self.student_seconds)
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise ValueError(f"the attempt of {self.key!r} has numbers that are none: {numbers}")
        if self.state == "graded" and (self.report is None or self.score is None or self.max_score is None):
            raise ValueError(f"{self.key!r} is graded, and has no report or score")
        if self.report is not None and self.report.get("interrupted"):
            raise ValueError(f"the run of {self.key!r} was interrupted: what it knows is no grade")

    @cached_property
    def result(self) -> Report | None:
        """The report, with types.

        Raises:
            ValueError: what is called the report is none.
        """
        return None if self.report is None else report_of(self.report)


def plain_people(people: Any) -> tuple[dict[str, str], ...]:
    """Return people as what ``Attempt`` holds, with every key and nothing else.

    Raises:
        ValueError: it is no list of people.
    """
    if not isinstance(people, (list, tuple)) or not all(isinstance(person, Mapping) for person in people):
        raise ValueError(f"{people!r} is no list of people")
    return tuple({name: str(person.get(name) or "") for name in _PERSON} for person in people)
