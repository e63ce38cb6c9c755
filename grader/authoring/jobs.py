"""The jobs of an audit, and what comes of them: plain values, which go from process to process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.checking.evidence import Evidence
from grader.checking.report import CheckResult, QuestionResult

__all__ = ["Job", "Judged", "Outcome"]


@dataclass(frozen=True)
class Job:
    """One piece of an audit.

    ``kind`` is solution, stubs, variant or mutants. ``questions`` are those to run: the one it is about comes first.
    ``id`` is a variant's, and ``what`` a digest of what makes it. Of the mutants of ``name`` but for those to ``skip``,
    cut into ``parts``, a job is about the ``part``-th. ``dear`` holds, as (question, check), checks that take so many
    calls that they are asked only where no other refuses.

    A variant that is to be recorded runs ``twice``, on all checks of its own question; where the first time is known
    already, only the second is left: that of the checks which it ``repeats``.
    """

    kind: str
    questions: tuple[str, ...]
    id: str = ""
    what: str = ""
    name: str = ""
    part: int = 0
    parts: int = 1
    dear: frozenset[tuple[str, str]] = frozenset()
    skip: frozenset[str] = frozenset()
    twice: bool = False
    repeats: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judged:
    """A mutant, by its id, its line and its words, and the question and check that refused it, if one did."""

    id: str
    line: int
    description: str
    question: str
    check: CheckResult | None


@dataclass(frozen=True)
class Outcome:
    """What came of a job: results of questions, or mutants. ``problem`` says why it could not be run.

    ``seen`` is what a variant answered to its own question, and ``again`` what it did where it failed when it was run a
    second time, if it was. ``calls`` counts the calls of each check of a solution, by (question, check). ``total``
    counts the mutants of the function, those to skip and those of other parts included.

    ``fleeting`` are the questions, the variant or the mutants that might have ended otherwise at another time.
    """

    job: Job
    results: tuple[QuestionResult, ...] = ()
    seen: Evidence = field(default_factory=dict)
    again: Evidence | None = None
    mutants: tuple[Judged, ...] = ()
    total: int = 0
    problem: str = ""
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    fleeting: frozenset[str] = frozenset()
