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
        self._began = 0.0
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
        self._began = self._clock()
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, standing: Standing) -> None:
        """Show it."""
        text = summary(standing, self._clock() - self._began)
        if not self._bar.disable:
            self._bar.update(self._task, completed=standing.done, summary=text)
        elif standing.now and standing.done * _LINES // max(standing.total, 1) > self._shown:
            self._shown = standing.done * _LINES // standing.total
            self._console.print(f"{standing.done} of {standing.total}: {text}", soft_wrap=True)


def summary(standing: Standing, seconds: float) -> str:
    """Return a line about a standing, ``seconds`` after the beginning."""
    parts = [f"mean {standing.share:.0%}"] if standing.graded else []
    parts += [f"{standing.kept} graded before"] if standing.kept else []
    parts += [f"{standing.refused} cannot be graded"] if standing.refused else []
    parts += [f"{standing.faults} faults of the grader"] if standing.faults else []
    left = standing.total - standing.done
    if standing.now and left:
        parts.append(f"{duration(seconds / standing.now * left)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time as people say it: ``40 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
