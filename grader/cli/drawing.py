"""Shows a run: live on a terminal, at its end everywhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from grader.checking.assignment import Assignment
from grader.checking.places import file_of, shown
from grader.checking.question import Question
from grader.checking.report import QuestionResult, Report
from grader.checking.submission import Submission
from grader.reports.console import console_for
from grader.reports.findings import Scene
from grader.reports.live import Table
from grader.reports.terminal import render

__all__ = ["Drawing"]


class Drawing:
    """An observer of a run, and the end of it: what the user sees.

    Args:
        stream: where to draw.
        assignment: what is run.
        submission: on which files.
        command: how to run this again.
        questions: the names of those that were asked for; none are all.

    Attributes:
        scene: what the faces of a report say that it does not know.
    """

    def __init__(
        self, stream: TextIO, assignment: Assignment, submission: Submission, command: str, questions: Sequence[str]
    ) -> None:
        self._submission = submission
        self._here = Path.cwd()
        self._files: dict[str, str] = {}
        self.scene = Scene(assignment.title, command, self._files)
        self._console = console_for(stream, os.environ)
        names = [name for name in assignment.order if not questions or name in questions]
        self._table = Table(self._console, assignment.name, self.scene, names) if self._console.is_terminal else None

    def __enter__(self) -> Drawing:
        if self._table is not None:
            self._table.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._table is not None:
            self._table.__exit__(kind, error, trace)

    def question_started(self, question: Question) -> None:
        """Learn where its file is, and show it."""
        file = file_of(self._submission, question.file)
        if file is not None:
            self._files[question.name] = shown(file, self._here)
        if self._table is not None:
            self._table.question_started(question)

    def question_finished(self, result: QuestionResult) -> None:
        """Show how it went."""
        if self._table is not None:
            self._table.question_finished(result)

    def finish(self, report: Report) -> None:
        """Draw all that is not drawn yet."""
        if self._table is not None:
            self._table.finish(report)
        else:
            self._console.print(render(report, self.scene, self._console.width), crop=False)
