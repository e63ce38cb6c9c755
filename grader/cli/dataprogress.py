"""How far a download is, while it runs."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from grader.datasets.lock import WAITING

__all__ = ["DataProgress"]

_LINES = 10  # where there is no terminal, so many lines for a large file
_SMALL = 1 << 20  # bytes; nobody waits for less


class DataProgress:
    """A bar on a terminal, and some lines elsewhere. Use it in a ``with`` block, and tell it how far one is."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._what = ""
        self._shown = 0
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> DataProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show it; a total of 0 is one that nobody knows."""
        if what != self._what:
            self._what = what
            self._shown = done * _LINES // total if total else 0
            self._bar.reset(self._task, description=what, total=total or None, completed=done)
            if self._bar.disable and what == WAITING:  # which may take long
                self._console.print(f"{what} …", soft_wrap=True)
        if not self._bar.disable:
            self._bar.update(self._task, completed=done)
        elif total > _SMALL and done * _LINES // total > self._shown:
            self._shown = done * _LINES // total
            self._console.print(f"{what}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", soft_wrap=True)
