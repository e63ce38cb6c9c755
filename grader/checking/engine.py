"""Runs an assignment's questions against a submission and returns a report. Prints nothing."""

from __future__ import annotations

import functools
import os
import platform
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from grader.checking.answers import Answers, uses
from grader.checking.assignment import Assignment
from grader.checking.devices import Cuda, cuda_for, has_torch, may_use_cuda, torch_version
from grader.checking.evidence import Place, Wrong, label_of, let_go, wrong_of
from grader.checking.hintfile import known_misconceptions
from grader.checking.hints import named
from grader.checking.options import Options
from grader.checking.parity import PARITY, Trial, agrees_on
from grader.checking.precedents import Outcome
from grader.checking.prerequisites import NO_TORCH, excused, require, unlocked
from grader.checking.question import Case, Check, Question
from grader.checking.random import Random
from grader.checking.report import WAITS, CheckResult, QuestionResult, Report, status_of
from grader.checking.submission import Submission
from grader.checking.verdict import failure_of, remarked, result_of
from grader.errors import AnswerError, AssignmentError, UndecidableError
from grader.sandbox.isolation import Isolation
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee
from grader.sandbox.student import Student
from grader.sandbox.text import clip

__all__ = ["Runner", "cache_file", "run"]

MAX_OUTPUT = 4000
MAX_TRACE = 4000


def run(assignment: Assignment, submission: Submission, options: Options = Options()) -> Report:  # noqa: B008  # frozen
    """Grade a submission.

    A Ctrl-C in the middle ends it with what is known so far, in a report that says so.

    Raises:
        UnknownNameError: a question was asked for that is none.
        AssignmentError: the assignment's own files are wrong.
    """
    return Runner(assignment, submission, options).run()


class Runner:
    """One run of one submission; with ``before``, by the workers of another run of the same one, which is over."""

    def __init__(
        self, assignment: Assignment, submission: Submission, options: Options, before: Runner | None = None
    ) -> None:
        self.assignment = assignment
        self.submission = submission
        self.options = options
        self.seed = assignment.seed if options.seed is None else options.seed
        self.limits = replace(assignment.limits, cuda=self._may_use_cuda())
        self._worker: WorkerProcess | None = None
        self.student: Student = Student(self._launch, {}, self.limits) if before is None else before.student
        self._seconds = self.student.line.seconds  # before this run
        self.student.start()  # it gets ready while the checks are loaded
        try:
            self._checks = options.checks or assignment.checks()
            self.questions = assignment.questions(options.questions, self._checks)
            declared = assignment.callees(self._with_dependencies())
        except BaseException:
            self.student.close()
            raise
        self.callees: dict[str, tuple[str, Callee]] = {
            name: (file, replace(callee, module=submission.modules.get(file, "")))
            for name, (file, callee) in declared.items()
        }
        self.student.know({name: callee for name, (_, callee) in self.callees.items()})
        self._modules = tuple(sorted((name, callee.module) for name, (_, callee) in self.callees.items()))
        self.results: dict[str, QuestionResult] = {}
        self.compared: set[tuple[str, str]] = set()  # a question and its check, where references were asked
        self.evidence: dict[str, dict[Place, Wrong | None]] = {}  # by question: what happened in each case
        try:
            self.cuda = self._cuda()
        except BaseException:
            self.student.close()
            raise

    def _launch(self) -> WorkerProcess:
        self._worker = WorkerProcess(self.submission.layout, self.limits, self.options.launcher)
        return self._worker

    @property
    def isolation(self) -> Isolation:
        """How the last worker was kept apart, as far as it came to that."""
        return self._worker.isolation if self._worker is not None else Isolation(self.options.launcher.tier)

    def _may_use_cuda(self) -> bool:
        """Whether workers may see the GPU; it is hidden where nobody compares with it, and by the better tiers."""
        return may_use_cuda(self.options.device) and self.options.launcher.tier == "process"

    def _cuda(self) -> Cuda:
        if self.options.cuda is not None:
            return self.options.cuda
        torch = any("torch" in question.needs for question in self.questions)
        hidden = "" if self.limits.cuda else self.options.launcher.tier
        return cuda_for(self.options.device, self.student.cuda, hidden_by=hidden, about_torch=torch)

    def _with_dependencies(self) -> list[Question]:
        """Return the chosen questions and those that they depend on, whose functions their checks may call."""
        chosen = {question.name: question for question in self.questions}
        pending = [name for question in self.questions for name in question.depends]
        while pending:
            name = pending.pop()
            if name not in chosen:
                if name not in self.assignment.order:
                    raise AssignmentError(
                        f"a question depends on {name}, which is none: add it to questions, or mend depends"
                    )
                (chosen[name],) = self.assignment.questions([name], self._checks)
                pending += chosen[name].depends
        return list(chosen.values())

    def run(self) -> Report:
        """Run all questions and return the report; the workers are ended."""
        try:
            return self.report()
        finally:
            self.student.close()

    def report(self) -> Report:
        """Run all questions and return the report; the workers are left for more."""
        began = time.perf_counter()
        interrupted = False
        try:
            for question in self.questions:
                self.options.observer.question_started(question)
                result = self.question(question)
                self.results[question.name] = result
                self.options.observer.question_finished(result)
        except KeyboardInterrupt:
            interrupted = True
            self.student.close()
        for question in self.questions:
            if question.name not in self.results:
                self.results[question.name] = self._all(question, "skipped", "not run: interrupted")
        results = tuple(self.results[question.name] for question in self.questions)
        possible = sum(question.points for question in self.questions)
        shown = sum(sum(self.assignment.check_points(question)) for question in self.questions)
        return Report(
            assignment=self.assignment.name,
            submission=str(self.submission.root),
            seconds=time.perf_counter() - began,
            seed=self.seed,
            isolation=self.isolation.to_dict(),
            environment=_environment(self.cuda),
            questions=results,
            hidden_points=round(possible - shown, 4),
            interrupted=interrupted,
            notes=(*self.submission.notes, *self.student.line.remarks),
            student_seconds=self.student.line.seconds - self._seconds,
        )

    def question(self, question: Question) -> QuestionResult:
        """Run one question's checks."""
        began = time.perf_counter()
        problem = self.submission.problems.get(question.file)
        if problem is not None:
            return self._all(question, "error", problem)
        if "torch" in question.needs and not has_torch():
            return self._all(question, "skipped", NO_TORCH)
        answers = (self.options.answers or self._answers)(question)
        self.student.line.begin_question()
        decided: dict[str, CheckResult] = {}
        compared: list[Check] = []
        ended = ""
        points = dict(zip([check.id for check in question.checks], self.assignment.check_points(question), strict=True))
        with answers.in_use():
            for check in sorted(question.checks, key=lambda check: check.robust):
                if ended:
                    result = result_of(check, points[check.id], "skipped", f"not run: {ended}")
                elif check.robust and self.options.waiting and not unlocked(question, decided):
                    result = result_of(check, points[check.id], "skipped", WAITS.format(question.name))
                else:
                    result = self.check(question, check, points[check.id])
                    if (question.name, check.id) in self.compared:
                        compared.append(check)
                    if result.status in ("timeout", "crashed"):
                        ended = result.message
                decided[check.id] = excused(question, result, self.results)
            results = [decided[check.id] for check in question.checks]
            beside = [self._parity(question, results, compared)] if compared or "torch" in question.needs else []
        answers.save()
        if self.options.memory is not None and self.options.answers is None:
            self.options.memory.keep_answers(question.name, answers.asked)
        checks = [*self._named(question, results), *beside]
        printed = self.student.line.output()
        output = printed.replace(f"{self.submission.root}{os.sep}", "")  # as a warning has it, of a line
        if output.strip() and checks:
            details = {"output": clip(output, MAX_OUTPUT)} | dict(checks[-1].details)
            checks[-1] = replace(checks[-1], details=details)
        return self._decided(question, checks, time.perf_counter() - began)

    def check(self, question: Question, check: Check, points: float) -> CheckResult:
        """Run one check on all of its cases."""
        began = time.perf_counter()
        if "torch" in question.needs:
            self.student.line.prepare("torch")
        failures: list[tuple[Case, AnswerError]] = []
        tried = 0
        remark: Any = None
        result = result_of(check, points, "passed", "")
        try:
            require(check, self.cuda, self.assignment.order, self.results)
            for tried, case in enumerate(check.cases, 1):
                outcome = self._outcome(question, check, tried - 1)
                if outcome.compared:
                    self.compared.add((question.name, check.id))
                remark = outcome.remark
                if outcome.error is not None:
                    failures.append((case, outcome.error))
                    if outcome.error.status in ("timeout", "crashed", "todo"):
                        break
        except UndecidableError as error:
            result = result_of(check, points, "skipped", str(error))
        except Exception as error:  # whatever else is raised comes from a check or from us: never the student's loss
            trace = clip(traceback.format_exc(), MAX_TRACE)
            what = f"{type(error).__name__}: {error}"
            message = f"the grader itself failed here ({what}); this costs no points: please report it"
            result = result_of(check, points, "fault", message, {"traceback": trace})
        else:
            self._remember(question, check, check.cases[:tried], failures)
            result = failure_of(check, points, failures, tried) if failures else remarked(result, remark)
        return replace(result, cases=tried, failed_cases=len(failures), seconds=time.perf_counter() - began)

    def _outcome(self, question: Question, check: Check, number: int) -> Outcome:
        """Run a check on one of its cases, or find what came of the same answers before."""
        case = check.cases[number]
        label = _label(case)

        def judge() -> Outcome:
            before = uses()
            remark, failure = None, None
            try:
                remark = check.function(self.student, self._rng(question, check, label), **case)
            except AnswerError as error:
                let_go(error)
                failure = error
            finally:
                compared = uses() > before
                if compared:  # also where nothing can be decided
                    self.compared.add((question.name, check.id))
            return Outcome(remark, failure, compared)

        self.student.line.begin_case(self._rng(question, check, label).student_seed)
        try:
            if self.options.memory is None or check not in question.checks:
                return judge()
            key = (self.seed, question.name, check.id, number, self.student.device, self._modules)
            return self.options.memory.precedents.decide(key, self.student, judge)
        finally:
            self.student.line.forget()

    def _parity(self, question: Question, results: Sequence[CheckResult], compared: Sequence[Check]) -> CheckResult:
        """Run a question's checks with CUDA, if there is any and they pass without."""
        moves = "torch" in question.needs
        chosen = [check for check in question.checks if not check.robust and not check.needs] if moves else compared
        if self.cuda.device is None:
            return result_of(PARITY, 0.0, "skipped", self.cuda.why)
        if not all(result.status == "passed" for result in results if result.points):
            return result_of(PARITY, 0.0, "skipped", "not run: the question is not right yet")
        trials = [
            Trial(check, case, functools.partial(self._rng, question, check, _label(case)))
            for check in chosen
            for case in check.cases
        ]
        device = self.cuda.device

        def run(student: Student, _: Random) -> None:
            agrees_on(device, student, trials, moves=moves)

        return self.check(question, replace(PARITY, function=run, needs=()), 0.0)

    def _remember(
        self, question: Question, check: Check, tried: Sequence[Case], failures: Sequence[tuple[Case, AnswerError]]
    ) -> None:
        """Keep what the mistake in a question may be recognised by."""
        seen = self.evidence.setdefault(question.name, {})
        seen.update({(check.id, label_of(case)): None for case in tried})
        seen.update({(check.id, label_of(case)): wrong_of(error) for case, error in failures})

    def _rng(self, question: Question, check: Check, label: str) -> Random:
        draws = self.options.memory.draws if self.options.memory is not None else None
        return Random(self.assignment.name, question.name, check.id, label, self.seed, draws=draws)

    def _named(self, question: Question, results: Sequence[CheckResult]) -> Sequence[CheckResult]:
        """Name the misconception behind each failure, where just one explains it."""
        return named(
            results,
            self.evidence.get(question.name, {}),
            lambda: (
                self.options.hints(question)
                if self.options.hints is not None
                else known_misconceptions(self.assignment, question.name, self.seed, self.options.cache)
            ),
        )

    def _answers(self, question: Question) -> Answers:
        known = self.options.memory.answers.get(question.name) if self.options.memory is not None else None
        return Answers(self._records(question), self._cache(question), known)

    def _records(self, question: Question) -> Path | None:
        return self.assignment.records / f"{question.name}.npz" if self.assignment.published else None

    def _cache(self, question: Question) -> Path | None:
        """Return where answers are kept for the next run: only those for the assignment's own seed, or they pile up."""
        if self.options.cache is None or self.seed != self.assignment.seed:
            return None
        return cache_file(self.options.cache, self.assignment, question)

    def _all(self, question: Question, status: str, message: str) -> QuestionResult:
        points = self.assignment.check_points(question)
        results = [
            result_of(check, share, status, message) for check, share in zip(question.checks, points, strict=True)
        ]
        return self._decided(question, results, 0.0)

    def _decided(self, question: Question, checks: Iterable[CheckResult], seconds: float) -> QuestionResult:
        results = tuple(checks)
        return QuestionResult(
            id=question.name,
            title=question.title,
            score=round(sum(check.score for check in results), 4),
            max_score=round(sum(check.points for check in results), 4),
            status=status_of(results),
            seconds=seconds,
            checks=results,
        )


def _label(case: Case) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in case.items())


def cache_file(cache: Path, assignment: Assignment, question: Question) -> Path:
    """Return where a folder for caches keeps the reference answers of one question."""
    return assignment.place_in(cache, "answers") / f"{question.name}.npz"


def _environment(cuda: Cuda) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch_version(),
        "platform": platform.platform(),
        "device": f"{cuda.device} ({cuda.name})" if cuda.device else "cpu",
    }
