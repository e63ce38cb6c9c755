"""How far the grading of a class is, while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn

from grader.classroom.grading import Standing

__all__ = ["ClassProgress", "summary"]

_LINES = 10  # where there is no terminal, so many lines in all


class ClassProgress:
    """A bar on a terminal, and some lines elsewhere. Use it in a ``with`` block, and tell it of each standing.

    Args:
        console: where to draw.
        total: how many submissions there are.
        clock: seconds, from anywhere.
    """

    def __init__(self, console: Console, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._first: tuple[float, int] | None = None  # when the first were decided, and how many
        self._shown = 0
        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[summary]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, summary="getting ready")

    def __enter__(self) -> ClassProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, standing: Standing) -> None:
        """Show it."""
        text = summary(standing, self._pace(standing))
        if not self._bar.disable:
            self._bar.update(self._task, completed=standing.done, summary=text)
        elif standing.now and standing.done * _LINES // max(standing.total, 1) > self._shown:
            self._shown = standing.done * _LINES // standing.total
            self._console.print(f"{standing.done} of {standing.total}: {text}", soft_wrap=True)

    def _pace(self, standing: Standing) -> float | None:
        """Return the seconds that one takes, once that can be told: the first one waited until all was ready."""
        if not standing.now:
            return None
        now = self._clock()
        if self._first is None:
            self._first = now, standing.now
        began, before = self._first
        return (now - began) / (standing.now - before) if standing.now > before else None


def summary(standing: Standing, pace: float | None) -> str:
    """Return a line about a standing; one takes ``pace`` seconds, if that is known."""
    parts = [f"mean {standing.share:.0%}"] if standing.graded else []
    parts += [f"{standing.kept} graded before"] if standing.kept else []
    parts += [f"{standing.refused} cannot be graded"] if standing.refused else []
    parts += [f"{standing.faults} faults of the grader"] if standing.faults else []
    left = standing.total - standing.done
    if pace is not None and left:
        parts.append(f"{duration(pace * left)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time as people say it: ``40 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
