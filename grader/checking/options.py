"""How to run an assignment: what to leave out, where things come from, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.checking.answers import Answers
from grader.checking.checksfolder import ChecksFolder
from grader.checking.devices import Cuda
from grader.checking.hints import Known
from grader.checking.memory import Memory
from grader.checking.question import Question
from grader.checking.report import QuestionResult
from grader.sandbox.launch import ColdStart, Launcher

__all__ = ["Observer", "Options"]


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
    ``checks`` is the folder of checks, where there are many runs: it is loaded once then. ``memory`` is what the runs
    before have left.
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
    memory: Memory | None = None
    waiting: bool = True
    observer: Observer = field(default_factory=_Nobody)
    launcher: Launcher = field(default_factory=ColdStart)
