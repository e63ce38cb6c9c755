"""Grades one submission after the other, all on the same terms: what each process of a class's grading has."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.checking.answers import Answers
from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner
from grader.checking.hintfile import known_misconceptions, read_hints
from grader.checking.hints import Known
from grader.checking.levels import FOR_TEACHERS
from grader.checking.memory import Memory
from grader.checking.options import Options
from grader.checking.question import Question
from grader.checking.report import WRONG, CheckResult, QuestionResult, Report
from grader.checking.strictjson import dump
from grader.checking.submission import Submission, open_submission
from grader.classroom.intake.parcel import Parcel
from grader.classroom.terms import Terms
from grader.errors import FaultError, GraderError, InputError, SubmissionError
from grader.sandbox.choice import Choice
from grader.sandbox.text import listed

__all__ = ["Graded", "Task", "examiner"]


@dataclass(frozen=True)
class Task:
    """A submission to grade: whose it is, and its files."""

    key: str
    parcel: Parcel


@dataclass(frozen=True)
class Graded:
    """What came of a task: a report as JSON, or why there is none."""

    report: bytes = b""
    problem: str = ""


@contextlib.contextmanager
def examiner(terms: Terms) -> Iterator[Callable[[Task], Graded]]:
    """Give what grades submissions.

    Raises:
        InputError: this machine cannot keep student code apart as it should be.
        FaultError: the solution itself does not have every point here.
    """
    with (
        tempfile.TemporaryDirectory(prefix="grader-class-") as scratch,
        Choice(terms.tier, terms.preload, many=True) as launcher,
    ):
        if launcher.tier != terms.tier and terms.tier != "auto":  # which raises, too, where that cannot be had
            raise FaultError(f"student code is to be kept apart as {terms.tier}, and would be as {launcher.tier}")
        yield _Examiner(terms, launcher, Path(scratch)).grade


class _Examiner:
    """Reference answers are worked out once, with the solution: this shows, too, that all is in order here."""

    def __init__(self, terms: Terms, launcher: Choice, scratch: Path) -> None:
        self._terms = terms
        self._launcher = launcher
        self._scratch = scratch
        self._assignment = load_assignment(terms.folder)
        self._checks = self._assignment.checks()
        self._known: dict[tuple[int, str], Mapping[str, Any]] = {}  # reference answers by seed and question
        self._unnameable: set[str] = set()  # questions in which the solution fails with the assignment's own seed
        self._misconceptions: dict[str, Sequence[Known]] = {}
        self._memory = Memory()
        if not self._assignment.published:
            self._rehearse(terms.seed, ())

    def grade(self, task: Task) -> Graded:
        """Grade a submission, in a folder that is made for it and gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self._scratch, ignore_cleanup_errors=True) as place:
            folder = Path(place) / "submission"
            try:
                task.parcel.unpack(folder)
                submission = open_submission(folder, self._assignment)
            except SubmissionError as error:
                return Graded(problem=str(error).replace(str(folder), "the submission"))
            report = self._judged(submission)
        report = replace(report, submission=task.key, notes=(*task.parcel.notes, *report.notes))
        return Graded(dump(report.to_dict(), indent=None).encode())

    def _judged(self, submission: Submission) -> Report:
        """Run all questions, and name the mistakes: by the same workers, and on the same core, where that can be."""
        with contextlib.ExitStack() as over:
            with self._launcher.on_one_core():
                runner = self._runner(submission, self._terms.seed, ())
                over.callback(runner.student.close)
                report = runner.report()
                unknown = self._unrehearsed(report)
                if not unknown:
                    return self._explained(report, runner)
            runner.student.close()  # nothing of theirs goes on beside the solution
            self._rehearse_to_name(unknown)  # on all cores: threads that torch starts stay there
            with self._launcher.on_one_core():
                return self._explained(report, runner)

    def _rehearse_to_name(self, names: Sequence[str]) -> None:
        """Run questions on the solution with the assignment's own seed. One that fails there costs nobody a grade."""
        try:
            self._rehearse(self._assignment.seed, names)
        except GraderError:
            for name in names:
                try:
                    self._rehearse(self._assignment.seed, [name])
                except GraderError:
                    self._unnameable.add(name)

    def _unrehearsed(self, report: Report) -> Sequence[str]:
        """Return the questions whose mistakes are to be named, and whose reference answers are not known for that."""
        names = self._to_be_named(report)
        return [name for name in names if name not in self._unnameable and not self._can_be_named(name)]

    def _can_be_named(self, question: str) -> bool:
        return self._assignment.published or (self._assignment.seed, question) in self._known

    def _to_be_named(self, report: Report) -> Sequence[str]:
        """Return the questions with mistakes, which are known for the assignment's own seed only."""
        if self._assignment.seed == report.seed:
            return []
        return [question.id for question in report.questions if _may_be_named(question)]

    def _explained(self, report: Report, runner: Runner) -> Report:
        """Name the mistakes in a report: ask what is wrong once more, with the assignment's own seed."""
        wrong = self._to_be_named(report)
        names = list(filter(self._can_be_named, wrong))
        if len(names) < len(wrong):
            told = listed([name for name in wrong if name not in names])
            note = f"{FOR_TEACHERS}what is wrong in {told} is not named, as the solution fails there with its own seed"
            report = replace(report, notes=(*report.notes, note))
        if not names:
            return report
        again = self._runner(runner.submission, self._assignment.seed, names, before=runner).report()
        named = {
            (question.id, check.id): check for question in again.questions for check in question.checks if check.hint
        }
        return replace(
            report,
            seconds=report.seconds + again.seconds,
            student_seconds=report.student_seconds + again.student_seconds,
            questions=tuple(_named(question, named) for question in report.questions),
        )

    def _runner(
        self,
        submission: Submission,
        seed: int,
        names: Sequence[str],
        *,
        answers: Callable[[Question], Answers] | None = None,
        before: Runner | None = None,
    ) -> Runner:
        """Return a run of questions, of all if none are named."""
        options = Options(
            questions=names,
            seed=seed,
            device="cpu",  # what a GPU says has no points, and a class needs isolation more
            cache=self._terms.cache,
            answers=answers or (None if self._assignment.published else functools.partial(self._answers, seed)),
            checks=self._checks,
            hints=self._hints if seed == self._assignment.seed else _none,
            launcher=self._launcher,
            memory=self._memory if answers is None else None,  # all is asked for, to be kept
        )
        return Runner(self._assignment, submission, options, before)

    def _answers(self, seed: int, question: Question) -> Answers:
        return Answers(known=self._known.get((seed, question.name)))

    def _hints(self, question: Question) -> Sequence[Known]:
        if question.name not in self._misconceptions:
            self._misconceptions[question.name] = self._recorded(question.name)
        return self._misconceptions[question.name]

    def _recorded(self, question: str) -> Sequence[Known]:
        if self._terms.hints is None:
            return known_misconceptions(self._assignment, question, self._assignment.seed, self._terms.cache)
        recorded = read_hints(self._terms.hints.get(question, b""))
        return recorded.known if recorded is not None else ()

    def _rehearse(self, seed: int, names: Sequence[str]) -> None:
        """Run questions on the solution, and keep the reference answers.

        Raises:
            InputError: something is missing on this machine that its checks need.
            FaultError: it does not have every point, not the second time either.
        """
        try:
            self._answer(seed, names)
        except FaultError:  # some checks look at a clock, and the machine may be busy
            self._answer(seed, names)

    def _answer(self, seed: int, names: Sequence[str]) -> None:
        asked: dict[str, Answers] = {}
        solution = open_submission(self._assignment.folder, self._assignment)
        runner = self._runner(solution, seed, names, answers=lambda one: asked.setdefault(one.name, Answers()))
        report = runner.run()
        for question in report.questions:
            for check in question.checks:
                if check.status == "skipped" and check.points:
                    what = f"{question.id}.{check.id} cannot be decided on this machine"
                    raise InputError(f"{what} ({check.message}): nobody is graded")
                if check.status != "passed" and check.points:
                    raise FaultError(
                        f"the solution itself does not pass {question.id}.{check.id} with seed {seed} on this machine"
                        f" ({check.status}: {check.message}): nobody is graded; mend that first"
                    )
        self._known |= {(seed, name): answers.asked for name, answers in asked.items()}


def _may_be_named(question: QuestionResult) -> bool:
    statuses = {check.status for check in question.checks}
    return bool(statuses & {"failed", "error"}) and not statuses & {"timeout", "crashed"}


def _named(question: QuestionResult, named: Mapping[tuple[str, str], CheckResult]) -> QuestionResult:
    """Return a question's result with what was found out about its wrong answers."""
    checks = []
    for check in question.checks:
        other = named.get((question.id, check.id))
        if other is not None and check.status in WRONG:
            check = replace(check, hint=other.hint, misconception=other.misconception)
        checks.append(check)
    return replace(question, checks=tuple(checks))


def _none(_: Question) -> Sequence[Known]:
    return ()
