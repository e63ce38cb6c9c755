"""Recorded answers: what the public checks ask of torch, worked out while they run against the solution."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.authoring.edition import RECORDS, Edition
from grader.authoring.twin import make_twin
from grader.checking.answers import Answers, write_answers
from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import Runner
from grader.checking.hintfile import SUFFIX
from grader.checking.options import Options
from grader.checking.question import Check, Question
from grader.checking.report import QuestionResult, Report
from grader.checking.submission import open_submission
from grader.errors import AssignmentError

__all__ = ["is_record", "rehearse", "same_record"]

CLOSE = 1e-9  # of an array's largest value: processors differ in the last bits


def rehearse(
    edition: Edition,
    assignment: Assignment,
    questions: Sequence[Question],
    folder: Path,
    on_progress: Callable[[str], None],
) -> None:
    """Try an edition out: run its checks against the solution and against wrong answers, and record what they ask.

    Args:
        edition: what would be published; the recorded answers are added.
        assignment: the author's.
        questions: the author's, hidden checks included.
        folder: an empty one, in which the edition is put up.
        on_progress: told of each question.

    Raises:
        AssignmentError: the solution does not pass, a check breaks, or the public checks are not those they should be.
    """
    stage = folder / assignment.name
    for name, data in edition.files.items():
        path = stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    public = load_assignment(stage)
    try:
        shown = public.questions()
    except AssignmentError as error:
        words = str(error).replace(str(public.folder), assignment.name)
        raise AssignmentError(f"without their hidden checks, the checks cannot be loaded: {words}") from error
    for question, visible in zip(questions, shown, strict=True):
        _expect_public(question, visible)
    recorder = _Recorder(on_progress)
    _expect_full_marks(_run(public, assignment.folder, recorder), shown, on_progress)
    on_progress("checking wrong answers")
    twin = make_twin(assignment, shown, folder / "twin")
    _expect_no_faults(_run(public, twin, _Recorder(_nobody, recorder.answers)))
    for name, answers in recorder.answers.items():
        if answers.asked:
            path = stage / RECORDS / f"{name}.npz"
            write_answers(path, answers.asked)
            edition.files[f"{RECORDS}/{name}.npz"] = path.read_bytes()


def _run(public: Assignment, submission: Path, recorder: _Recorder) -> Report:
    options = Options(device="cpu", answers=recorder.answers_to, observer=recorder, waiting=False)
    report = Runner(public, open_submission(submission, public), options).run()
    if report.interrupted:
        raise KeyboardInterrupt
    return report


def _nobody(message: str) -> None:
    """Nobody listens."""


class _Recorder:
    """Gives every question answers of its own, which are worked out and kept in mind."""

    def __init__(self, on_progress: Callable[[str], None], answers: dict[str, Answers] | None = None) -> None:
        self.answers = {} if answers is None else answers
        self._on_progress = on_progress

    def answers_to(self, question: Question) -> Answers:
        return self.answers.setdefault(question.name, Answers())

    def question_started(self, question: Question) -> None:
        self._on_progress(f"checking the solution of {question.name}")

    def question_finished(self, result: QuestionResult) -> None:
        """Nothing is to be said of it: what is wrong is said at the end."""


def _expect_public(question: Question, shown: Question) -> None:
    """Expect that the public version of a question has exactly its public checks."""
    wanted, found = ([_summary(check) for check in checks] for checks in (question.checks, shown.checks))
    public = [summary for check, summary in zip(question.checks, wanted, strict=True) if not check.hidden]
    if not public:
        raise AssignmentError(f"question {question.name} has hidden checks only: give students one that they can see")
    if found != public:
        odd = next(line for line in [*found, *public] if line not in found or line not in public)
        raise AssignmentError(
            f"question {question.name}: what the file says and what it makes differ in what is hidden (see {odd[0]});"
            " a check is hidden by hidden=True in its own statement, which makes no public check beside it"
        )


def _summary(check: Check) -> tuple[str, ...]:
    cases = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(check.cases))  # a function is where it is
    return check.id, check.title, repr(check.weight), repr(check.robust), repr(check.needs), cases


def _expect_full_marks(report: Report, questions: Sequence[Question], on_progress: Callable[[str], None]) -> None:
    problems = []
    for question, result in zip(questions, report.questions, strict=True):
        for check, outcome in zip(question.checks, result.checks, strict=False):  # the run adds one for the GPU
            if outcome.status == "passed":
                continue
            line = " ".join(f"{question.name}, {outcome.title}: {outcome.message}".split())
            if outcome.status == "skipped" and check.needs:
                on_progress(f"not tried: {line}")
            else:
                problems.append(line)
    if problems:
        raise AssignmentError(
            "\n  ".join(["nothing was published, since the solution does not pass the public checks:", *problems[:8]])
            + "\nMend the solution or the check"
        )


def _expect_no_faults(report: Report) -> None:
    """Expect that no check breaks on wrong answers: that would be a fault of the grader in a student's report."""
    for question in report.questions:
        for check in question.checks:
            if check.status == "fault":
                message = " ".join(check.message.split())
                raise AssignmentError(
                    "nothing was published, since a check breaks when an answer is wrong:"
                    f" {question.id}, {check.title}: {message}"
                )


def is_record(name: str) -> bool:
    """Whether a published file's path is that of something recorded: answers, or hints."""
    return name.startswith(f"{RECORDS}/") and name.endswith((".npz", SUFFIX))


def same_record(one: bytes, other: bytes) -> bool:
    """Whether two files hold the same answers, but for what processors differ in."""
    first, second = _members(one), _members(other)
    if first is None or second is None or first.keys() != second.keys():
        return False
    return all(_same(first[name], second[name]) for name in first)


def _members(data: bytes) -> Mapping[str, NDArray[Any]] | None:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error):
        return None


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    finite = np.isfinite(other)
    scale = float(np.max(np.abs(other[finite]), initial=0.0))
    return bool(np.allclose(one, other, rtol=0.0, atol=CLOSE * scale, equal_nan=True))
