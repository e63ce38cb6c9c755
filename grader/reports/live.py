"""The table while it fills: finished questions stay, the running one is shown below them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from grader.checking.question import Question
from grader.checking.report import QuestionResult, Report
from grader.reports.findings import Scene, fold, line
from grader.reports.terminal import closing, heading, name_width, row

__all__ = ["Table"]

_SOON = 2.0  # seconds after which the running question shows its time


class Table:
    """An observer of a run that draws it on a terminal. Use it in a ``with`` block; then ``finish`` it.

    Args:
        console: the terminal.
        name: the assignment's.
        scene: what the report does not know.
        questions: the names of those that will run.
        clock: seconds, from anywhere.
    """

    def __init__(
        self,
        console: Console,
        name: str,
        scene: Scene,
        questions: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._name = name
        self._scene = scene
        self._count = len(questions)
        self._clock = clock
        self._names = name_width(questions, console.width)
        self._running = ""
        self._began = 0.0
        self._finished = 0
        self._waiting: list[QuestionResult] = []
        self._live = Live(console=console, get_renderable=self._now, transient=True, refresh_per_second=8)

    def __enter__(self) -> Table:
        self._console.print(heading(self._name, self._scene))
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running = ""
        self._live.stop()

    def question_started(self, question: Question) -> None:
        """Show it as the running one."""
        self._running, self._began = question.name, self._clock()
        self._live.refresh()

    def question_finished(self, result: QuestionResult) -> None:
        """Draw its row, or wait with it if it may be folded together with the next ones."""
        self._finished += 1
        self._waiting.append(result)
        if result.status != "todo":
            self._draw()

    def finish(self, report: Report) -> None:
        """Draw what is left: the last rows, and what stands below them."""
        self._waiting += report.questions[self._finished :]
        self._draw()
        self._console.print(closing(report, self._scene), crop=False)

    def _draw(self) -> None:
        for group in fold(self._waiting):
            self._console.print(row(group, self._names))
        self._waiting.clear()

    def _now(self) -> Text:
        if not self._running:
            return Text()
        seconds = self._clock() - self._began
        time_shown = f", {seconds:.0f} s" if seconds > _SOON else ""
        text = f"  {line(self._running)} … running ({self._finished + 1} of {self._count}{time_shown})"
        return Text(text, "dim", no_wrap=True, overflow="ellipsis")
