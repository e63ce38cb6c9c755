"""What a check in a notebook returns: a report, shown as a page or as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from rich.console import RenderableType

from grader.checking.report import Report
from grader.reports.console import console_for
from grader.reports.findings import Scene
from grader.reports.terminal import render

__all__ = ["Result", "text_of"]

_WIDTH = 80


@dataclass(frozen=True, repr=False)
class Result:
    """How a check went. ``report`` holds all of it; a notebook shows it, ``print`` prints it as text."""

    report: Report
    scene: Scene

    @property
    def passed(self) -> bool:
        """Whether every question that was checked has all of its points."""
        return self.report.complete

    @property
    def score(self) -> float:
        """The points earned."""
        return self.report.score

    @property
    def max_score(self) -> float:
        """The points that could be earned."""
        return self.report.max_score

    @property
    def statuses(self) -> Mapping[str, str]:
        """How each question went, in one word (see ``docs/report.md``)."""
        return {question.id: question.status for question in self.report.questions}

    def __repr__(self) -> str:
        return text_of(render(self.report, self.scene, _WIDTH))


def text_of(what: RenderableType) -> str:
    """Return something drawn as plain text, without colours."""
    stream = StringIO()
    console = console_for(stream, {})
    console.width = _WIDTH
    console.print(what, crop=False)
    return stream.getvalue().rstrip("\n")
