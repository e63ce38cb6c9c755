"""The workbench of an audit: runs one answer at a time, and says what every check made of it.

All that is the same for many answers is there once: the assignment, its checks, the right answers. Workers are made in
one place, :meth:`Bench._runner`.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader.authoring.catalogue import Catalogue, Variant, load_catalogue, make_submission
from grader.authoring.clocks import timed_checks, took_too_long
from grader.authoring.hinting import repeat
from grader.authoring.jobs import Job, Judged, Outcome
from grader.authoring.mutants import Mutant, mutants_of, solution_lines
from grader.authoring.regions import make_stub
from grader.checking.answers import Answers
from grader.checking.assignment import Assignment
from grader.checking.engine import Runner, cache_file
from grader.checking.hints import Known
from grader.checking.options import Options
from grader.checking.parity import PARITY
from grader.checking.prerequisites import unlocked, works
from grader.checking.question import Check, Question
from grader.checking.report import WAITS, CheckResult, QuestionResult, status_of
from grader.checking.submission import Submission, open_submission
from grader.errors import AssignmentError
from grader.sandbox.launch import Launcher

__all__ = ["Bench"]

MUTANT_SHARE = 0.2  # of the time that a student's call may take: one that is still at it has an endless loop


class Bench:
    """A place to run answers, with a folder to write them to, and workers from ``launcher``."""

    def __init__(self, assignment: Assignment, cache: Path | None, scratch: Path, launcher: Launcher) -> None:
        self.assignment = assignment
        self._launcher = launcher
        self._cache = cache
        self._scratch = scratch
        self._checks = assignment.checks()
        self._answers: dict[str, Answers] = {}
        self._catalogues: dict[str, Catalogue] = {}
        self._lines: dict[str, frozenset[int]] = {}
        self._timed: dict[str, frozenset[str]] = {}

    def run(self, job: Job) -> Outcome:
        """Do a job.

        Raises:
            AssignmentError: the assignment's own files are wrong.
        """
        return {
            "solution": self._solution,
            "stubs": self._stubs,
            "variant": self._variant,
            "mutants": self._some_mutants,
        }[job.kind](job)

    def _solution(self, job: Job) -> Outcome:
        results, calls = [], {}
        with _closing(self._runner(self.assignment.folder, job.questions)) as runner:
            for question in runner.questions:
                parts = []
                for check in question.checks:
                    before = runner.student.line.calls
                    parts.append(_result(runner, _only(question, [check])))
                    calls[question.name, check.id] = runner.student.line.calls - before
                results.append(_together(parts))
            return Outcome(job, tuple(results), calls=calls, fleeting=self._fleeting(runner.questions, results))

    def _stubs(self, job: Job) -> Outcome:
        folder = self._folder()
        for entry in self.assignment.files:
            path = self.assignment.folder / entry.name
            stub = make_stub(path.read_text(encoding="utf-8-sig"), str(path), path.stem)
            (folder / entry.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / entry.name).write_text(stub.text, encoding="utf-8")
        with _closing(self._runner(folder, job.questions)) as runner:
            results = [_result(runner, question) for question in runner.questions]
            return Outcome(job, tuple(results), fleeting=self._fleeting(runner.questions, results))

    def _variant(self, job: Job) -> Outcome:
        name = job.questions[0]
        variant = next(one for one in self._catalogue(name).variants if one.id == job.id)
        (question,) = self.assignment.questions([name], self._checks)
        try:
            folder = make_submission(self.assignment, question, variant, self._folder() / "submission")
        except AssignmentError as error:
            return Outcome(job, problem=str(error))
        if job.repeats:
            outcome, failing = Outcome(job), job.repeats
        else:
            outcome = self._first(folder, question, variant, job)
            failing = frozenset(check for (check, _), wrong in outcome.seen.items() if wrong is not None)
        return self._second(folder, question, failing, outcome) if job.twice else outcome

    def _first(self, folder: Path, question: Question, variant: Variant, job: Job) -> Outcome:
        """Run a variant on its own question, and then on the others that it may harm."""
        with _closing(self._runner(folder, job.questions)) as runner:
            own = self._own(runner, question, variant, job)
            runner.results[question.name] = own
            results = [own]
            for other in runner.questions:
                if other is question or (question.name in other.depends and not works(own)):
                    continue  # what depends on a question that is not right is excused, and cannot lose by it
                cheap = [check for check in other.checks if (other.name, check.id) not in job.dear]
                runner.results[other.name] = _result(runner, _only(other, cheap))
                results.append(runner.results[other.name])
            passes = not variant.right and not any(map(_fails, own.checks)) and self._clocked(question)
            fleeting = {job.id} if passes or self._fleeting(runner.questions, results) else ()
            seen = runner.evidence.get(question.name, {})
            return Outcome(job, tuple(results), seen=seen, fleeting=frozenset(fleeting))

    def _second(self, folder: Path, question: Question, failing: Collection[str], outcome: Outcome) -> Outcome:
        """Run a variant once more on the checks that it fails: what differs then tells nothing about it."""
        if not failing:
            return replace(outcome, again={})
        with _closing(self._runner(folder, [question.name])) as runner:
            checks = repeat(runner, question, failing, self._answers_to(question))
            again = runner.evidence.get(question.name, {})
        late = any(took_too_long(check, self._clocked(question)) for check in checks)
        fleeting = outcome.fleeting | ({outcome.job.id} if late else set())
        return replace(outcome, again=again, fleeting=fleeting)

    def _own(self, runner: Runner, question: Question, variant: Variant, job: Job) -> QuestionResult:
        """Run a variant's own question; of a wrong one, the dear checks only where no other refuses.

        One that is to be recorded is run on all of them; what comes of it is the same.
        """
        dear = [check for check in question.checks if (question.name, check.id) in job.dear]
        cheap = [check for check in question.checks if check not in dear]
        if job.twice:
            whole = _result(runner, question)
            result = _part(whole, _only(question, cheap))
            return whole if result.passed else result
        result = _result(runner, _only(question, cheap))
        if dear and (variant.right or result.passed):
            result = _together([result, _result(runner, _only(question, dear))])
        return result

    def _some_mutants(self, job: Job) -> Outcome:
        """Run mutants, all in one worker, each as a module of its own. One refusal is enough."""
        loaded = self.assignment.questions(job.questions, self._checks)
        file = next(question.file for question in loaded)
        everyone = self._mutants_of(file, job.name)
        chosen = [mutant for mutant in everyone if mutant.id not in job.skip][job.part :: job.parts]
        submission = open_submission(self.assignment.folder, self.assignment)
        module, folder = submission.modules[file], self._folder()
        solution = (self.assignment.folder / file).read_text(encoding="utf-8-sig")
        modules = {}
        for label, text in [("solution", solution), *((mutant.id, mutant.text) for mutant in chosen)]:
            path = folder / f"{Path(file).stem}_{label}.py"
            path.write_text(text, encoding="utf-8")
            modules[f"{module}_{label}"] = str(path)
        layout = replace(submission.layout, modules={**submission.layout.modules, **modules})
        judged: list[Judged] = []
        fleeting: set[str] = set()
        questions = {question.name: question for question in loaded}
        with _closing(self._runner(replace(submission, layout=layout), job.questions, MUTANT_SHARE)) as runner:
            refused = self._refused(runner, file, f"{module}_solution", runner.questions, job, dear=False)
            if refused is not None:
                raise AssignmentError(
                    f"the solution of {job.name} fails where {file} is loaded under another name"
                    f" ({refused[1].message}): let it import its neighbours by their names, and not itself"
                )
            for mutant in chosen:
                refused = self._refused(runner, file, f"{module}_{mutant.id}", runner.questions, job, dear=True)
                where, check = refused or (job.questions[0], None)
                judged.append(Judged(mutant.id, mutant.line, mutant.description, where, check))
                late = check is not None and took_too_long(check, self._clocked(questions[where]))
                if late or (check is None and any(map(self._clocked, runner.questions))):
                    fleeting.add(mutant.id)
            for question in runner.questions:
                self._answers_to(question).save()
        return Outcome(job, mutants=tuple(judged), total=len(everyone), fleeting=frozenset(fleeting))

    def _refused(
        self, runner: Runner, file: str, module: str, questions: Sequence[Question], job: Job, *, dear: bool
    ) -> tuple[str, CheckResult] | None:
        """Return the first check that refuses a module in a file's place."""
        runner.student.know(
            {
                name: replace(callee, module=module) if place == file else callee
                for name, (place, callee) in runner.callees.items()
            }
        )
        pairs = [(question, check) for question in questions for check in question.checks]
        last = [pair for pair in pairs if (pair[0].name, pair[1].id) in job.dear]
        for question, check in [pair for pair in pairs if pair not in last] + (last if dear else []):
            runner.student.line.begin_question()
            with self._answers_to(question).in_use():
                result = runner.check(question, check, 1.0)
            if _fails(result):
                return question.name, result
        return None

    def _runner(self, where: Path | Submission, questions: Sequence[str], share: float = 1.0) -> Runner:
        """Return a run of these questions; ``share`` is how much of its time a call may take."""
        assignment = self.assignment
        if share != 1.0:
            limits = replace(assignment.limits, call_seconds=share * assignment.limits.call_seconds)
            assignment = replace(assignment, limits=limits)
        submission = open_submission(where, assignment) if isinstance(where, Path) else where
        options = Options(
            questions,
            device="cpu",
            cache=self._cache,
            answers=self._answers_to,
            hints=_none,
            checks=self._checks,
            launcher=self._launcher,
        )
        return Runner(assignment, submission, options)

    def _answers_to(self, question: Question) -> Answers:
        """Return a question's right answers, which are kept for all answers of students."""
        if question.name not in self._answers:
            file = cache_file(self._cache, self.assignment, question) if self._cache is not None else None
            self._answers[question.name] = Answers(None, file)
        return self._answers[question.name]

    def _clocked(self, question: Question) -> frozenset[str]:
        """Return the checks of a question that look at a clock."""
        if question.name not in self._timed:
            self._timed[question.name] = timed_checks(question)
        return self._timed[question.name]

    def _fleeting(self, questions: Iterable[Question], results: Iterable[QuestionResult]) -> frozenset[str]:
        """Return the questions whose results might have been others at another time."""
        clocked = {question.name: self._clocked(question) for question in questions}
        return frozenset(
            result.id for result in results if any(took_too_long(one, clocked[result.id]) for one in result.checks)
        )

    def _catalogue(self, name: str) -> Catalogue:
        if name not in self._catalogues:
            self._catalogues[name] = load_catalogue(self.assignment, name)
        return self._catalogues[name]

    def _mutants_of(self, file: str, name: str) -> list[Mutant]:
        path = self.assignment.folder / file
        source = path.read_text(encoding="utf-8-sig")
        if file not in self._lines:
            self._lines[file] = solution_lines(source, str(path))
        return mutants_of(source, name, self._lines[file])

    def _folder(self) -> Path:
        """Return an empty folder; what the last job had is taken away."""
        folder = self._scratch / "answer"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def _fails(check: CheckResult) -> bool:
    return check.status not in ("passed", "skipped")


def _only(question: Question, checks: Sequence[Check]) -> Question:
    """Return a question with some of its checks."""
    other = copy.copy(question)
    other.checks = list(checks)
    return other


def _result(runner: Runner, question: Question) -> QuestionResult:
    """Run a question; of the checks only those that its author wrote, not the one on a GPU."""
    result = runner.question(question)
    return replace(result, checks=tuple(check for check in result.checks if check.id != PARITY.id))


def _together(parts: Sequence[QuestionResult]) -> QuestionResult:
    """Return one result for a question whose checks were run in parts."""
    checks = tuple(check for part in parts for check in part.checks)
    return replace(parts[0], checks=checks, status=status_of(checks))


def _part(result: QuestionResult, question: Question) -> QuestionResult:
    """Return a question's result as it would be for some of its checks, those that ``question`` has."""
    decided = {check.id: check for check in result.checks if any(check.id == one.id for one in question.checks)}
    if not unlocked(question, decided):
        for check in question.checks:
            if check.robust:
                waits = WAITS.format(question.name)
                decided[check.id] = replace(decided[check.id], status="skipped", score=0.0, message=waits)
    checks = tuple(decided.values())
    return replace(result, checks=checks, status=status_of(checks))


def _none(_: Question) -> Sequence[Known]:
    """Return nothing to name answers by: that is done with all outcomes at hand."""
    return ()


@contextmanager
def _closing(runner: Runner) -> Iterator[Runner]:
    try:
        yield runner
    finally:
        runner.student.close()
