"""Grades the grader: proves that an assignment's checks tell right from wrong.

The solution gets full marks and no hints; the stubs get nothing; every catalogued wrong answer loses points on its own
question, takes none from the others, and is named; every other right one gets full marks; mechanical mutants are
refused, or declared to be equivalent; and every check decides something.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.authoring.declared import DECLARED, read_declared
from grader.authoring.findings import Audit
from grader.authoring.hinting import record_hints
from grader.authoring.jobs import Job, Outcome
from grader.authoring.ledger import Ledger
from grader.authoring.naming import unrecorded
from grader.authoring.plan import FIRST, Plan
from grader.authoring.pool import benches
from grader.checking.assignment import Assignment
from grader.errors import AssignmentError
from grader.processes.pool import Done, Pool

__all__ = ["audit"]


def audit(
    assignment: Assignment,
    names: Sequence[str] = (),
    *,
    hands: int = 1,
    cache: Path | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> Audit:
    """Audit an assignment, or some of its questions.

    Args:
        assignment: the instructor's.
        names: the questions; none are all.
        hands: how many answers to run at once.
        cache: the folder for caches.
        on_progress: told, in a few words, how far it is.

    Raises:
        UnknownNameError: a name is no question's.
        AssignmentError: the assignment's files are wrong.
        FaultError: a bug of the grader.
    """
    tell = on_progress or _nobody
    began = time.perf_counter()
    tell("reading the assignment")
    chosen = assignment.questions(names)
    preload = ["torch"] if any("torch" in question.needs for question in chosen) else []
    declared = read_declared(assignment.folder / DECLARED, assignment.order)
    with contextlib.ExitStack() as stack:
        if cache is None:
            cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-audit-")))
        # It starts while the plan is made.
        pool = stack.enter_context(benches(assignment.folder, cache, hands, preload))
        plan = Plan(assignment, names, hands)
        ledger = Ledger(plan, declared)
        tell("the solution and the stubs")
        first, asked = plan.first(), [question.name for question in plan.questions]
        missing = unrecorded(assignment, plan.catalogues, cache)
        if missing:  # what names wrong answers is recorded beside a sound solution, and before they are run
            for _ in _entered(ledger, pool, first):
                pass
            first, asked = [], ledger.sound()
            _record(assignment, [name for name in missing if name in asked], cache, hands, tell)
            ledger.unrecorded.update(unrecorded(assignment, plan.catalogues, cache))
        jobs = first + plan.then(asked)
        for number, job in enumerate(_entered(ledger, pool, jobs), start=1):
            found = f", {len(ledger.findings)} to mend" if ledger.findings else ""
            tell(f"{number} of {len(jobs)}{found}: {job.questions[0]} {job.id or job.kind}")
    ledger.close(whole=not names)
    places = {name: place for place, name in enumerate(assignment.order)}
    findings = sorted(ledger.findings, key=lambda finding: places.get(finding.question, len(places)))
    return Audit(assignment.name, tuple(ledger.tallies.values()), tuple(findings), time.perf_counter() - began)


def _entered(ledger: Ledger, pool: Pool[Job, Outcome], jobs: Sequence[Job]) -> Iterator[Job]:
    """Do jobs and enter what comes of them: in their order, however they end, so that two audits say the same.

    Answers to a question are not entered, or known to have failed, where its solution turned out to be wrong before.
    """
    places = {id(job): place for place, job in enumerate(jobs)}
    waiting: dict[int, Done[Job, Outcome]] = {}
    following = 0
    for done in pool.run(jobs):
        waiting[places[id(done.job)]] = done
        while following in waiting:
            ended = waiting.pop(following)
            if ended.job.kind in FIRST or ended.job.questions[0] in ledger.sound():
                ledger.enter(ended.result())
            following += 1
        yield done.job


def _record(assignment: Assignment, names: Sequence[str], cache: Path, hands: int, tell: Callable[[str], None]) -> None:
    """Record what wrong answers to some questions are recognised by, where they still fit the solution."""
    if not names:
        return
    try:
        record_hints(assignment, questions=names, cache=cache, processes=hands, on_progress=tell)
    except AssignmentError:  # one does not fit, which is found and told later; its question is left out here
        for name in names if len(names) > 1 else ():
            _record(assignment, [name], cache, hands, tell)


def _nobody(message: str) -> None:
    """Nobody listens."""
