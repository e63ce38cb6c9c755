"""Small assignments and submissions, written where a test runs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.report import CheckResult, Report
from grader.checking.submission import Submission, open_submission
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

CONFIG = """
title = "Small"
points = {points}
{settings}
questions = {questions}
[limits]
{limits}
[files]
{files}
[given]
{given}
{more}
"""


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return folder


class Small:
    """A small assignment, and its submissions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "solutions" / "small"

    def write(
        self,
        questions: Mapping[str, str] = {"f": ""},
        *,
        points: float = 10,
        settings: str = "",
        limits: str = "",
        files: str = '"layers.py" = []',
        given: str = "",
        more: str = "",
        **others: str,
    ) -> Assignment:
        """Write ``assignment.toml`` and ``checks/``; ``others`` are further files, in names without dots."""
        config = CONFIG.format(
            points=points,
            settings=settings,
            limits=limits,
            files=files,
            given=given,
            more=more,
            questions=list(questions),
        )
        checks = {f"checks/{name}.py": source for name, source in questions.items()}
        rest = {f"{name}.py": source for name, source in others.items()}
        write(self.home, {"assignment.toml": config, **checks, **rest})
        return load_assignment(self.home)

    def submission(self, files: str | Mapping[str, str | bytes]) -> Submission:
        """Write a submission, alone in a folder, and open it."""
        folder = self.folder / f"submission{len(list(self.folder.iterdir()))}"
        write(folder, {"layers.py": files} if isinstance(files, str) else files)
        return open_submission(folder, load_assignment(self.home))

    def run(self, files: str | Mapping[str, str | bytes], **options: Any) -> Report:
        """Grade a submission."""
        return run(load_assignment(self.home), self.submission(files), Options(**options))


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


def check_of(report: Report, check: str, question: str = "") -> CheckResult:
    (found,) = [
        result
        for one in report.questions
        if question in ("", one.id)
        for result in one.checks
        if result.id == check
    ]  # fmt: skip
    return found


def plain(report: Report) -> Report:
    """Return a report without what differs from run to run."""
    return replace(
        report,
        seconds=0,
        student_seconds=0,
        submission="",
        questions=tuple(
            replace(question, seconds=0, checks=tuple(replace(check, seconds=0) for check in question.checks))
            for question in report.questions
        ),
    )


@pytest.fixture
def ask() -> Iterator[Callable[..., Any]]:
    """Call functions of a submission, without any checks."""
    students: list[Student] = []

    def call(submission: Submission, file: str, function: str, *args: Any, returns: str = "out:any") -> Any:
        from grader.sandbox.layout import Limits

        limits = Limits()
        callee = Callee(function, submission.modules.get(file, ""), parse_results(returns))
        student = Student(lambda: WorkerProcess(submission.layout, limits), {function: callee}, limits)
        students.append(student)
        return getattr(student, function)(*args)

    yield call
    for student in students:
        student.close()
