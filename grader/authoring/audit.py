"""Grades the grader: proves that an assignment's checks tell right from wrong.

The solution gets full marks and no hints; the stubs get nothing; every catalogued wrong answer loses points on its own
question, takes none from the others, and is named; every other right one gets full marks; mechanical mutants are
refused, or declared to be equivalent; and every check decides something.

What came of an answer is kept, and the answer is not run again before something changes that this depends on.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.authoring.declared import DECLARED, read_declared
from grader.authoring.findings import Audit
from grader.authoring.inputs import Inputs, look
from grader.authoring.jobs import Job, Outcome
from grader.authoring.kept import Kept, holds
from grader.authoring.ledger import Ledger
from grader.authoring.naming import recorded_of, unrecorded
from grader.authoring.plan import FIRST, Plan
from grader.authoring.pool import benches
from grader.checking.assignment import Assignment
from grader.checking.hintfile import cached, known_misconceptions, write_hints
from grader.files import write_atomically
from grader.processes.pool import Done, Pool

__all__ = ["audit"]

Step = Outcome | Job  # what is known, and what is to be done


def audit(
    assignment: Assignment,
    names: Sequence[str] = (),
    *,
    hands: int = 1,
    cache: Path | None = None,
    fresh: bool = False,
    on_progress: Callable[[str], None] | None = None,
) -> Audit:
    """Audit an assignment, or some of its questions.

    Args:
        assignment: the instructor's.
        names: the questions; none are all.
        hands: how many answers to run at once.
        cache: the folder for caches.
        fresh: whether all answers are run, also those of which the outcome is kept.
        on_progress: told, in a few words, how far it is.

    Raises:
        UnknownNameError: a name is no question's.
        AssignmentError: the assignment's files are wrong.
        FaultError: a bug of the grader.
    """
    tell = on_progress or _nobody
    began = time.perf_counter()
    tell("reading the assignment")
    files = look(assignment)
    chosen = assignment.questions(names)
    declared = read_declared(assignment.folder / DECLARED, assignment.order)
    with contextlib.ExitStack() as stack:
        if cache is None:
            cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-audit-")))
        folder = assignment.place_in(cache, "audit")

        def started(asked: set[str], count: int) -> Pool[Job, Outcome]:
            torch = any("torch" in question.needs for question in chosen if question.name in asked)
            return stack.enter_context(benches(assignment.folder, cache, count, ["torch"] if torch else []))

        everything = {question.name for question in chosen}
        empty = fresh or not any(holds(folder, name) for name in everything)
        pool = started(everything, hands) if empty else None  # it gets ready while the plan is made
        plan = Plan(assignment, names, hands)
        kept = Kept(folder, Inputs(assignment, plan.everything, files), fresh=fresh)
        ledger = Ledger(plan, declared)
        tell("the solution and the stubs")
        missing = unrecorded(assignment, plan.catalogues, cache)
        steps = _steps(kept, [*plan.first(), *plan.then(missing)])
        jobs = [step for step in steps if isinstance(step, Job)]
        if jobs and pool is None:
            pool = started({name for job in jobs for name in job.questions}, min(hands, len(jobs)))
        stack.callback(kept.save)
        for number, job in enumerate(_entered(ledger, kept, pool, steps), start=1):
            found = f", {len(ledger.findings)} to mend" if ledger.findings else ""
            tell(f"{number} of {len(jobs)}{found}: {job.questions[0]} {job.id or job.kind}")
        for name in ledger.sound():
            if name not in missing:
                ledger.name(name, known_misconceptions(assignment, name, assignment.seed, cache))
            elif (recorded := recorded_of(assignment, plan.catalogues[name], ledger.variants[name])) is not None:
                ledger.name(name, recorded.known)
                if (place := cached(assignment, name, assignment.seed, cache)) is not None and kept.good:
                    with contextlib.suppress(OSError):  # a cache that cannot be written is no matter
                        write_atomically(place, write_hints(recorded))
    ledger.close(whole=not names)
    places = {name: place for place, name in enumerate(assignment.order)}
    findings = sorted(ledger.findings, key=lambda finding: places.get(finding.question, len(places)))
    return Audit(
        assignment.name,
        tuple(ledger.tallies.values()),
        tuple(findings),
        time.perf_counter() - began,
        ledger.answers,
        ledger.kept,
    )


def _steps(kept: Kept, jobs: Sequence[Job]) -> list[Step]:
    """Return what is known of jobs, and what is left of them, in their order."""
    steps: list[Step] = []
    for job in jobs:
        known, left = kept.split(job)
        steps += [*([known] if known is not None else []), *left]
    return steps


def _entered(ledger: Ledger, kept: Kept, pool: Pool[Job, Outcome] | None, steps: Sequence[Step]) -> Iterator[Job]:
    """Enter what is known, do what is to be done and enter what comes of it; yield each job that was done.

    All is entered in the order of the steps, however jobs end, so that two audits say the same. Answers to a question
    are not run, or are not entered, where its solution turned out to be wrong before.
    """
    places = {id(step): place for place, step in enumerate(steps)}
    ended: dict[int, Done[Job, Outcome] | None] = {}
    following = 0

    def wanted() -> Iterator[Job]:
        for step in steps:
            if isinstance(step, Job):
                if _counts(ledger, step):
                    yield step
                else:
                    ended[places[id(step)]] = None

    def enter() -> None:
        nonlocal following
        while following < len(steps):
            step = steps[following]
            if isinstance(step, Outcome):
                if _counts(ledger, step.job):
                    ledger.enter(step, before=True)
            elif following not in ended:
                return
            elif (done := ended.pop(following)) is not None and _counts(ledger, step):  # else it may well be an error
                ledger.enter(kept.take(done.result()), before=False)
            following += 1

    enter()
    for done in pool.run(wanted()) if pool is not None else ():
        ended[places[id(done.job)]] = done
        enter()
        yield done.job
    enter()


def _counts(ledger: Ledger, job: Job) -> bool:
    """Whether what comes of a job says anything: nothing about answers does where the solution is wrong itself."""
    return job.kind in FIRST or not ledger.fails(job.questions[0])


def _nobody(message: str) -> None:
    """Nobody listens."""
