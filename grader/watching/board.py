"""The board: how each question stands, what the last batch changed, and which question is in the foreground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.checking.report import QuestionResult, Report

__all__ = ["Board"]


class Board:
    """Results by question, in the assignment's order."""

    def __init__(self, order: Sequence[str]) -> None:
        self.order = list(order)
        self.results: dict[str, QuestionResult] = {}
        self.before: dict[str, QuestionResult] = {}  # how those of the present batch stood before it
        self.batch: list[str] = []  # those that were decided in the present batch, in order
        self.focus = ""
        self._last: Report | None = None

    def begin(self) -> None:
        """Begin a batch: what was news is news no longer."""
        self.before, self.batch = {}, []

    def put(self, result: QuestionResult) -> None:
        """Note how a question went."""
        name = result.id
        if name in self.results:
            self.before.setdefault(name, self.results[name])
        self.results[name] = result
        if name not in self.batch:
            self.batch = [other for other in self.order if other == name or other in self.batch]

    def end(self, report: Report) -> None:
        """Keep what a finished batch says besides its questions, and find what is to be mended first."""
        self._last = report
        begun = self.open(started=True)
        if self.focus in self.batch and self.focus in (begun or self.open()):
            return
        wrong = [name for name in self.batch if name in begun]
        broke = [name for name in wrong if name in self.before and self.before[name].passed]
        if broke or wrong:
            self.focus = (broke or wrong)[0]
        elif self.focus not in self.open():
            self.focus = self.next()

    def open(self, *, started: bool = False) -> list[str]:
        """Return the questions that are not right, or only those of them that were begun."""
        return [
            name
            for name in self.order
            if (result := self.results.get(name)) is not None
            and not result.passed
            and not (started and result.status in ("todo", "skipped"))
        ]

    def steady(self) -> list[str]:
        """Return the batch's questions of which there is no news: right before and now, or not begun."""
        return [
            name
            for name in self.batch
            if name in self.before and self.before[name].status == self.results[name].status in ("passed", "todo")
        ]

    def next(self) -> str:
        """Return the open question after the one in the foreground, those begun first; "" if there is none."""
        chosen = self.open(started=True)
        if not chosen or chosen == [self.focus]:
            chosen = self.open()
        later = self.order.index(self.focus) + 1 if self.focus in self.order else 0
        after = [name for name in chosen if self.order.index(name) >= later]
        return next(iter(after or chosen), "")

    def report(self, hidden_points: float) -> Report | None:
        """Return a report of all that is known; None before the first batch is over."""
        if self._last is None:
            return None
        questions = tuple(self.results[name] for name in self.order if name in self.results)
        seconds = sum(question.seconds for question in questions)
        return replace(self._last, questions=questions, seconds=seconds, hidden_points=hidden_points)
