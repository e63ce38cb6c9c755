"""Runs an assignment's questions against a submission and returns a report. Prints nothing."""

from __future__ import annotations

import functools
import platform
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from grader.checking.answers import Answers
from grader.checking.assignment import Assignment
from grader.checking.checksfolder import ChecksFolder
from grader.checking.devices import Cuda, find_cuda, has_torch, hidden_cuda, may_use_cuda, torch_version
from grader.checking.evidence import Place, Wrong, label_of, wrong_of
from grader.checking.hintfile import known_misconceptions
from grader.checking.hints import Known, recognise
from grader.checking.parity import PARITY, Trial, agrees_on
from grader.checking.question import Case, Check, Question
from grader.checking.random import Random
from grader.checking.report import WAITS, WRONG, CheckResult, QuestionResult, Report, status_of
from grader.checking.submission import Submission
from grader.checking.verdict import failure_of, result_of
from grader.errors import AnswerError, AssignmentError, UndecidableError
from grader.sandbox.isolation import Isolation
from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee
from grader.sandbox.student import Student
from grader.sandbox.text import clip

__all__ = ["Observer", "Options", "Runner", "cache_file", "run", "works"]

MAX_OUTPUT = 4000
MAX_TRACE = 4000
_NO_TORCH = "needs torch, which is not installed: pip install 'grader[torch]'"


class Observer(Protocol):
    """Told of a run's progress, e.g. to draw it."""

    def question_started(self, question: Question) -> None:
        """A question is about to be checked."""

    def question_finished(self, result: QuestionResult) -> None:
        """A question is decided."""


class _Nobody:
    def question_started(self, question: Question) -> None:
        """Nobody looks."""

    def question_finished(self, result: QuestionResult) -> None:
        """Nobody looks."""


@dataclass(frozen=True)
class Options:
    """How to run: ``questions`` (all, if empty), ``seed`` (the assignment's, if None), and the folder for caches.

    ``answers`` gives each question its reference answers, instead of those recorded: publishing records them so.
    ``device`` is one of :data:`grader.checking.devices.DEVICES`; ``cuda`` is what is used as CUDA without looking for
    it, for tests of what is done with it.
    ``hints`` gives each question its known misconceptions, instead of those recorded.
    ``launcher`` is where workers come from: who grades many submissions hands in a warm server.
    ``checks`` is the folder of checks, where many submissions are run: it is loaded once then.
    With ``waiting`` off, robust checks run even where nothing else passes: it tries what they make of wrong answers.
    """

    questions: Sequence[str] = ()
    seed: int | None = None
    device: str = "auto"
    cuda: Cuda | None = None
    cache: Path | None = None
    answers: Callable[[Question], Answers] | None = None
    checks: ChecksFolder | None = None
    hints: Callable[[Question], Sequence[Known]] | None = None
    waiting: bool = True
    observer: Observer = field(default_factory=_Nobody)
    launcher: Launcher = field(default_factory=ColdStart)


def run(assignment: Assignment, submission: Submission, options: Options = Options()) -> Report:  # frozen
    """Grade a submission.

    A Ctrl-C in the middle ends it with what is known so far, in a report that says so.

    Raises:
        UnknownNameError: a question was asked for that is none.
        AssignmentError: the assignment's own files are wrong.
    """
    return Runner(assignment, submission, options).run()


class Runner:
    """One run of one submission."""

    def __init__(self, assignment: Assignment, submission: Submission, options: Options) -> None:
        self.assignment = assignment
        self.submission = submission
        self.options = options
        self.seed = assignment.seed if options.seed is None else options.seed
        self.limits = replace(assignment.limits, cuda=self._may_use_cuda())
        self._worker: WorkerProcess | None = None
        self.student = Student(self._launch, {}, self.limits)
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
        self.results: dict[str, QuestionResult] = {}
        self.evidence: dict[str, dict[Place, Wrong | None]] = {}  # by question: what happened in each case
        try:
            self.cuda = self._find_cuda()
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

    def _find_cuda(self) -> Cuda:
        """Return the CUDA device for the checks that compare with it. Runs that need no torch do not wait for that."""
        if self.options.cuda is not None:
            return self.options.cuda
        if self.options.device == "auto" and not any("torch" in question.needs for question in self.questions):
            return Cuda(why="run with --device cuda, or together with a question about torch")
        if may_use_cuda(self.options.device) and not self.limits.cuda:
            return hidden_cuda(self.options.device, self.options.launcher.tier)
        return find_cuda(self.options.device, self.student.cuda)

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
        """Run all questions and return the report."""
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
        finally:
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
            notes=(*self.submission.notes, *self.student.remarks),
            student_seconds=self.student.seconds,
        )

    def question(self, question: Question) -> QuestionResult:
        """Run one question's checks."""
        began = time.perf_counter()
        problem = self.submission.problems.get(question.file)
        if problem is not None:
            return self._all(question, "error", problem)
        if "torch" in question.needs and not has_torch():
            return self._all(question, "skipped", _NO_TORCH)
        answers = (self.options.answers or self._answers)(question)
        self.student.begin_question()
        decided: dict[str, CheckResult] = {}
        compared: list[Check] = []
        ended = ""
        points = dict(zip([check.id for check in question.checks], self.assignment.check_points(question), strict=True))
        with answers.in_use():
            for check in sorted(question.checks, key=lambda check: check.robust):
                if ended:
                    result = result_of(check, points[check.id], "skipped", f"not run: {ended}")
                elif check.robust and self.options.waiting and not _unlocked(question, decided):
                    result = result_of(check, points[check.id], "skipped", WAITS.format(question.name))
                else:
                    uses = answers.uses
                    result = self.check(question, check, points[check.id])
                    if answers.uses > uses:
                        compared.append(check)
                    if result.status in ("timeout", "crashed"):
                        ended = result.message
                decided[check.id] = self._excused(question, result)
            results = [decided[check.id] for check in question.checks]
            beside = [self._parity(question, results, compared)] if compared or "torch" in question.needs else []
        answers.save()
        checks = [*self._hinted(question, results), *beside]
        output = self.student.output()
        if output.strip() and checks:
            details = {"output": clip(output, MAX_OUTPUT)} | dict(checks[-1].details)
            checks[-1] = replace(checks[-1], details=details)
        return self._decided(question, checks, time.perf_counter() - began)

    def check(self, question: Question, check: Check, points: float) -> CheckResult:
        """Run one check on all of its cases."""
        began = time.perf_counter()
        if "torch" in question.needs:
            self.student.prepare("torch")
        failures: list[tuple[Case, AnswerError]] = []
        tried = 0
        remark: Any = None
        result = result_of(check, points, "passed", "")
        try:
            self._can_run(check)
            for case in check.cases:
                tried += 1
                try:
                    rng = self._rng(question, check, case)
                    self.student.begin_case(rng.student_seed)
                    remark = check.function(self.student, rng, **case)
                except AnswerError as error:
                    failures.append((case, error))
                    if error.status in ("timeout", "crashed", "todo"):
                        break
                finally:
                    self.student.forget()
        except UndecidableError as error:
            result = result_of(check, points, "skipped", str(error))
        except Exception as error:  # whatever else is raised comes from a check or from us: never the student's loss
            trace = clip(traceback.format_exc(), MAX_TRACE)
            what = f"{type(error).__name__}: {error}"
            message = f"the grader itself failed here ({what}); this costs no points: please report it"
            result = result_of(check, points, "fault", message, {"traceback": trace})
        else:
            self._remember(question, check, check.cases[:tried], failures)
            if failures:
                result = failure_of(check, points, failures, tried)
            elif isinstance(remark, str):
                result = replace(result, message=remark)
        return replace(result, cases=tried, failed_cases=len(failures), seconds=time.perf_counter() - began)

    def _parity(self, question: Question, results: Sequence[CheckResult], compared: Sequence[Check]) -> CheckResult:
        """Run a question's checks with CUDA, if there is any and they pass without."""
        moves = "torch" in question.needs
        chosen = [check for check in question.checks if not check.robust and not check.needs] if moves else compared
        if self.cuda.device is None:
            return result_of(PARITY, 0.0, "skipped", self.cuda.why)
        if not all(result.status == "passed" for result in results if result.points):
            return result_of(PARITY, 0.0, "skipped", "not run: the question is not right yet")
        trials = [
            Trial(check, case, functools.partial(self._rng, question, check, case))
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

    def _can_run(self, check: Check) -> None:
        """See that there is what a check needs.

        Raises:
            UndecidableError: something is not there.
        """
        for need in check.needs:
            if need == "cuda" and self.cuda.device is None:
                raise UndecidableError(self.cuda.why)
            if need == "torch" and not has_torch():
                raise UndecidableError(_NO_TORCH)
            if need not in ("cuda", "torch", *self.assignment.order):
                raise UndecidableError(f"needs {need}, which is not available here")
            other = self.results.get(need)
            if other is not None and not works(other):
                raise UndecidableError(f"needs {need}, which is not right yet")

    def _rng(self, question: Question, check: Check, case: Case) -> Random:
        label = ", ".join(f"{name}={value!r}" for name, value in case.items())
        return Random(self.assignment.name, question.name, check.id, label, self.seed)

    def _hinted(self, question: Question, checks: list[CheckResult]) -> list[CheckResult]:
        """Name the misconception behind each failure, where just one explains it."""
        if all(check.status not in WRONG for check in checks):
            return checks
        if self.options.hints is not None:
            known = self.options.hints(question)
        else:
            known = known_misconceptions(self.assignment, question.name, self.seed, self.options.cache)
        found = recognise(
            self.evidence.get(question.name, {}), known, {check.id for check in question.checks if check.robust}
        )
        return [
            replace(check, hint=found[check.id].sentence, misconception=found[check.id].id)
            if check.status in WRONG and check.id in found
            else check
            for check in checks
        ]

    def _answers(self, question: Question) -> Answers:
        return Answers(self._records(question), self._cache(question))

    def _records(self, question: Question) -> Path | None:
        return self.assignment.records / f"{question.name}.npz" if self.assignment.published else None

    def _cache(self, question: Question) -> Path | None:
        """Return where answers are kept for the next run: only those for the assignment's own seed, or they pile up."""
        if self.options.cache is None or self.seed != self.assignment.seed:
            return None
        return cache_file(self.options.cache, self.assignment, question)

    def _excused(self, question: Question, result: CheckResult) -> CheckResult:
        """Turn a failure into 'skipped' where a question that this one depends on is not right either."""
        if result.status not in ("failed", "error"):
            return result
        for name in question.depends:
            other = self.results.get(name)
            if other is not None and not works(other):
                message = f"needs {name}, which is not right yet: mend that first (here: {result.message})"
                return replace(result, status="skipped", message=message)
        return result

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


def _unlocked(question: Question, decided: Mapping[str, CheckResult]) -> bool:
    """Whether robust checks count: a function that is right in nothing else leaves its arguments alone for nothing.

    A fault of the grader's unlocks them, too, and so does a question of robust checks only.
    """
    plain = [decided[check.id].status for check in question.checks if not check.robust]
    return not plain or any(status in ("passed", "fault") for status in plain)


def cache_file(cache: Path, assignment: Assignment, question: Question) -> Path:
    """Return where a folder for caches keeps the reference answers of one question."""
    return assignment.place_in(cache, "answers") / f"{question.name}.npz"


def works(result: QuestionResult) -> bool:
    """Whether others can build on a question: all went well, but perhaps for its robustness."""
    return all(check.status == "passed" or check.details.get("robust") or not check.points for check in result.checks)


def _environment(cuda: Cuda) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch_version(),
        "platform": platform.platform(),
        "device": f"{cuda.device} ({cuda.name})" if cuda.device else "cpu",
    }
