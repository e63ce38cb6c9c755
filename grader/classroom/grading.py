"""Grades a class: every submission that has no grade yet, several at once, each stored as soon as it is graded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from grader.checking.assignment import Assignment
from grader.classroom.crew import Crew
from grader.classroom.examiner import Graded, Task
from grader.classroom.intake.downloads import Downloads
from grader.classroom.intake.handed import Handed
from grader.classroom.record.attempt import Attempt
from grader.classroom.record.results import Results
from grader.errors import GraderError, SubmissionError

__all__ = ["Standing", "grade"]


@dataclass(frozen=True)
class Standing:
    """How far a class is.

    Args:
        total: the submissions that there are.
        kept: those with a grade from an earlier run that still holds.
        graded: those graded now.
        refused: those that cannot be graded.
        faults: those that the grader failed on.
        share: the mean share of the points, among those graded now.
        last: the one that was decided last.
    """

    total: int
    kept: int = 0
    graded: int = 0
    refused: int = 0
    faults: int = 0
    share: float = 0.0
    last: str = ""

    @property
    def done(self) -> int:
        """Those that are decided."""
        return self.kept + self.now

    @property
    def now(self) -> int:
        """Those that this run has decided."""
        return self.graded + self.refused + self.faults


def grade(
    assignment: Assignment,
    downloads: Downloads,
    results: Results,
    crew: Callable[[], Crew],
    *,
    tiers: Collection[str],
    force: bool = False,
    on_progress: Callable[[Standing], None] = lambda standing: None,
) -> Standing:
    """Grade what has no grade, and store it.

    Args:
        assignment: what was handed in for.
        downloads: open, and what there is to grade.
        results: open, where grades go; what it already has is kept.
        crew: gives who grades. It is asked for when there is anything to do.
        tiers: those in which student code may be kept apart. A grade of another one holds no more.
        force: grade everything anew, or, where that was begun and ended on the way, the rest of it.
        on_progress: told of each submission that is decided.

    Raises:
        InputError: the results cannot be stored, or submissions cannot be kept apart as they should be.
        FaultError: the solution itself does not have every point.
    """
    return _Class(downloads, results, tiers, force, on_progress).grade(crew)


class _Class:
    def __init__(
        self,
        downloads: Downloads,
        results: Results,
        tiers: Collection[str],
        force: bool,
        on_progress: Callable[[Standing], None],
    ) -> None:
        self._downloads = downloads
        self._results = results
        self._tiers = tiers
        self._force = force
        self._tell = on_progress
        self._standing = Standing(len(downloads.submissions))
        self._away: dict[str, tuple[Handed, str]] = {}  # with the crew, by key: what was handed in, and its digest

    def grade(self, crew: Callable[[], Crew]) -> Standing:
        if self._force:
            self._results.begin_anew()
        tasks = self._tasks()
        first = next(tasks, None)
        if first is not None:
            with crew() as hands:
                for done in hands.run(_after(first, tasks)):
                    handed, digest = self._away.pop(done.job.key)
                    self._store(_attempt(handed, digest, done.outcome))
        if self._force:
            self._results.end_anew()
        return self._standing

    def _tasks(self) -> Iterator[Task]:
        """Read one submission after the other, when somebody is free to grade it."""
        for handed in self._downloads.submissions:
            try:
                parcel = handed.read()
            except SubmissionError as error:
                self._refuse(handed, str(error))
                continue
            digest = parcel.digest
            if self._holds(handed, digest):
                continue
            self._away[handed.key] = handed, digest
            yield Task(handed.key, parcel)

    def _holds(self, handed: Handed, digest: str) -> bool:
        """Whether there is a grade, which then stays; whose it is may have been learned since."""
        if not self._results.is_current(handed.key, digest, self._tiers):
            return False
        self._results.describe(_blank(handed, digest))
        self._count(handed.key, kept=1)
        return True

    def _refuse(self, handed: Handed, why: str) -> None:
        digest = f"refused {hashlib.sha256(why.encode('utf-8', 'backslashreplace')).hexdigest()}"
        if not self._holds(handed, digest):
            self._store(replace(_blank(handed, digest), problem=why))

    def _store(self, attempt: Attempt) -> None:
        self._results.add(attempt)
        match attempt.state:
            case "graded":
                assert attempt.score is not None
                share = attempt.score / attempt.max_score if attempt.max_score else 0.0
                before = self._standing
                mean = (before.share * before.graded + share) / (before.graded + 1)
                self._count(attempt.key, graded=1, share=mean - before.share)
            case "refused":
                self._count(attempt.key, refused=1)
            case _:
                self._count(attempt.key, faults=1)

    def _count(self, key: str, **more: float) -> None:
        changed: dict[str, Any] = {name: getattr(self._standing, name) + more[name] for name in more}
        self._standing = replace(self._standing, last=key, **changed)
        self._tell(self._standing)


def _after(first: Task, rest: Iterator[Task]) -> Iterator[Task]:
    yield first
    yield from rest


def _blank(handed: Handed, digest: str) -> Attempt:
    """Return an attempt that says nothing but whose it is, and that it was refused."""
    return Attempt(
        key=handed.key,
        people=tuple(asdict(person) for person in handed.people),
        origin=handed.origin,
        late=handed.late,
        submitted=handed.submitted or None,
        digest=digest,
        state="refused",
        problem=handed.problem,
        score=None,
        max_score=None,
        seconds=0.0,
        student_seconds=0.0,
        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        report=None,
    )


def _attempt(handed: Handed, digest: str, outcome: Graded | GraderError) -> Attempt:
    """Return what is stored of a graded submission. What is the grader's fault is nobody's grade."""
    blank = _blank(handed, digest)
    if isinstance(outcome, GraderError):
        return replace(blank, state="fault", problem=str(outcome))
    if outcome.problem:
        return replace(blank, problem=outcome.problem)
    report = json.loads(outcome.report)
    told = replace(blank, seconds=report["seconds"], student_seconds=report["student_seconds"], report=report)
    faults = [
        f"{question['id']}.{check['id']}: {check['message']}"
        for question in report["questions"]
        for check in question["checks"]
        if check["status"] == "fault"
    ]
    if faults:
        return replace(told, state="fault", problem=faults[0])
    return replace(told, state="graded", score=report["score"], max_score=report["max_score"])
