"""The jobs of an audit, and what comes of them: plain values, which go from process to process."""

from __future__ import annotations

from dataclasses import dataclass

from grader.authoring.mutants import Mutant
from grader.checking.report import CheckResult, QuestionResult

__all__ = ["Job", "Judged", "Outcome"]


@dataclass(frozen=True)
class Job:
    """One piece of an audit.

    ``kind`` is solution, stubs, variant or mutants. ``questions`` are those to run: the one it is about comes first.
    ``id`` is a variant's. Of the mutants of ``name``, cut into ``parts``, a job is about the ``part``-th. ``dear``
    holds, as (question, check), checks that take so many calls that they are asked only where no other refuses.
    """

    kind: str
    questions: tuple[str, ...]
    id: str = ""
    name: str = ""
    part: int = 0
    parts: int = 1
    dear: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Judged:
    """A mutant, and the check that refused it; nothing, if it survived."""

    mutant: Mutant
    question: str
    check: CheckResult | None


@dataclass(frozen=True)
class Outcome:
    """What came of a job: results of questions, or mutants. ``problem`` says why it could not be run.

    ``calls`` counts the calls of each check of a solution, by (question, check).
    """

    job: Job
    results: tuple[QuestionResult, ...] = ()
    mutants: tuple[Judged, ...] = ()
    problem: str = ""
    calls: tuple[tuple[tuple[str, str], int], ...] = ()
