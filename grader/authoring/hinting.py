"""Recording hints: every misconception is run like a submission, and what it answers is kept as fingerprints.

Each runs twice. What differs between the two runs depends on random numbers that nobody seeds, and tells nothing.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.catalogue import Variant, load_catalogue, make_submission
from grader.checking.answers import Answers
from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import Runner
from grader.checking.evidence import Evidence
from grader.checking.hintfile import Recorded, cached, digest_of, read_hints, write_hints
from grader.checking.hints import Known, know
from grader.checking.options import Options
from grader.checking.question import Question
from grader.checking.report import CheckResult
from grader.checking.submission import open_submission
from grader.files import write_atomically
from grader.processes.signals import end_when_told
from grader.sandbox.launch import Launcher
from grader.sandbox.server import warm_launcher

__all__ = ["PROCESSES", "observe", "record_hints", "repeat"]

PROCESSES = 2
PORTION = 6  # variants that one process takes at a time: the right answers and a warm server are got ready for them
LARGE = 60  # so many where that server has torch to import
FEW = 6  # so many are done before another process would have started


@dataclass(frozen=True)
class _Job:
    folder: Path
    question: str
    variants: tuple[str, ...]
    seed: int
    scratch: Path


def record_hints(
    assignment: Assignment,
    *,
    seed: int | None = None,
    questions: Iterable[str] = (),
    cache: Path | None = None,
    processes: int = PROCESSES,
    on_progress: Callable[[str], None] | None = None,
) -> dict[str, Recorded]:
    """Return what is known of every misconception of an instructor's assignment, on public and hidden checks.

    Args:
        assignment: the instructor's.
        seed: what the inputs are drawn from; the assignment's own, if None. A record is good for one seed only.
        questions: all, if empty.
        cache: where records are kept, and taken from if nothing that they depend on has changed.
        processes: how many run at a time.
        on_progress: told of each portion that is done.

    Raises:
        AssignmentError: a misconception no longer fits the solution.
    """
    seed = assignment.seed if seed is None else seed
    found: dict[str, Recorded] = {}
    todo: dict[str, tuple[str, list[Variant]]] = {}
    questioned = {question.name: question for question in assignment.questions(questions)}
    for name in questioned:
        digest = digest_of(assignment, name)
        place = cached(assignment, name, seed, cache)
        kept = read_hints(place) if place is not None else None
        if kept is not None and (kept.digest, kept.seed) == (digest, seed):
            found[name] = kept
        else:
            todo[name] = digest, [variant for variant in load_catalogue(assignment, name).variants if not variant.right]
    with tempfile.TemporaryDirectory(prefix="grader-hints-") as scratch:
        jobs = [
            _Job(assignment.folder, name, tuple(variant.id for variant in portion), seed, Path(scratch))
            for name, (_, variants) in todo.items()
            for portion in _portions(variants, LARGE if "torch" in questioned[name].needs else PORTION)
        ]
        observed = _run(jobs, processes, on_progress or _nobody)
    for name, (digest, variants) in todo.items():
        known = [know(variant.id, variant.sentence, observed[name, variant.id]) for variant in variants]
        found[name] = Recorded(digest, seed, tuple(one for one in known if one.wrong))
        place = cached(assignment, name, seed, cache)
        if place is not None:
            write_atomically(place, write_hints(found[name]))
    return {name: found[name] for name in assignment.order if name in found}


def observe(
    assignment: Assignment,
    question: Question,
    folder: Path,
    seed: int,
    answers: Answers,
    launcher: Launcher,
    runs: int = 2,
) -> list[Evidence]:
    """Return what happens when the submission in a folder is graded, once for each run, by workers from ``launcher``.

    The later runs repeat only what went wrong in the first.
    """
    options = Options(
        [question.name], seed=seed, device="cpu", answers=lambda _: answers, hints=_none, launcher=launcher
    )
    submission = open_submission(folder, assignment)
    runner = Runner(assignment, submission, options)
    if runner.run().interrupted:
        raise KeyboardInterrupt
    first = runner.evidence.get(question.name, {})
    found: list[Evidence] = [first]
    failing = {check for (check, _), wrong in first.items() if wrong is not None}
    for _ in range(runs - 1):
        again = Runner(assignment, submission, options)
        try:
            repeat(again, question, failing, answers)
        finally:
            again.student.close()
        found.append({**first, **again.evidence.get(question.name, {})})
    return found


def repeat(runner: Runner, question: Question, checks: Collection[str], answers: Answers) -> list[CheckResult]:
    """Run some checks of a question once more, each by itself."""
    results = []
    with answers.in_use():
        for check in question.checks:
            if check.id in checks:
                runner.student.line.begin_question()
                results.append(runner.check(question, check, 0.0))
    return results


def _portions(variants: Sequence[Variant], most: int) -> Iterator[Sequence[Variant]]:
    for start in range(0, len(variants), most):
        yield variants[start : start + most]


def _run(
    jobs: Sequence[_Job], processes: int, tell: Callable[[str], None]
) -> Mapping[tuple[str, str], Sequence[Evidence]]:
    total = sum(len(job.variants) for job in jobs)
    observed: dict[tuple[str, str], Sequence[Evidence]] = {}

    def take(job: _Job, found: Mapping[str, Sequence[Evidence]]) -> None:
        observed.update({(job.question, name): runs for name, runs in found.items()})
        tell(f"recording wrong answers: {len(observed)} of {total} ({job.question})")

    if processes < 2 or total <= FEW:
        for job in jobs:
            take(job, _observe(job))
        return observed
    context = multiprocessing.get_context("spawn")  # a fork would inherit torch's threads half-way
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, mp_context=context, initializer=end_when_told) as pool:
        try:
            for job, found in zip(jobs, pool.map(_observe, jobs), strict=True):
                take(job, found)
        except BaseException:  # nobody waits for what the others are at
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            pool.shutdown(cancel_futures=True)
            raise
    return observed


def _observe(job: _Job) -> dict[str, Sequence[Evidence]]:
    """Run some variants of one question, in a process of its own."""
    assignment = load_assignment(job.folder)
    (question,) = assignment.questions([job.question])
    answers = Answers(cache=job.scratch / f"{job.question}.npz")
    found: dict[str, Sequence[Evidence]] = {}
    with warm_launcher([need for need in question.needs if need == "torch"]) as launcher:
        for variant in load_catalogue(assignment, job.question).variants:
            if variant.id in job.variants:
                with tempfile.TemporaryDirectory(prefix="variant-", dir=job.scratch) as scratch:
                    folder = make_submission(assignment, question, variant, Path(scratch) / "submission")
                    found[variant.id] = observe(assignment, question, folder, job.seed, answers, launcher)
    return found


def _none(_: Question) -> Sequence[Known]:
    return ()


def _nobody(message: str) -> None:
    """Nobody listens."""
