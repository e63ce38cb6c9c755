"""What the machine says: how busy it is, and which processes there are below one, with their memory. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "adopt_orphans", "all_below", "buried_seconds", "busy", "left_behind"]

_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")
_PAUSE = 0.05  # seconds between two looks


@dataclass(frozen=True)
class Process:
    """A process: its number, its parent's, and its command."""

    number: int
    parent: int
    command: str

    @property
    def is_server(self) -> bool:
        """Whether workers are forked from it; they have the same command."""
        return "worker/__main__.py" in self.command and " serve" in self.command

    @property
    def is_examiner(self) -> bool:
        """Whether it is one of the processes that grade."""
        return "multiprocessing" in self.command and "spawn_main" in self.command

    @property
    def kilobytes(self) -> int:
        """Its memory that is no file's, 0 if it has ended."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.number}/status").read_text(encoding="utf-8", errors="replace")
            for line in status.splitlines():
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
        return 0


def busy() -> str:
    """Return how busy the machine has been for a minute: where that is much, figures mean little."""
    return f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores"


def all_below(root: int) -> list[Process]:
    """Return the processes that one has started, directly or not, and that are still there."""
    known = {process.number: process for process in _all()}

    def descends(process: Process) -> bool:
        while process.parent in known and process.parent != root:
            process = known[process.parent]
        return process.parent == root

    return [process for process in known.values() if descends(process)]


def adopt_orphans() -> None:
    """Become the parent of whatever the processes below this one leave behind, so that it cannot hide."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this process cannot adopt orphans")


def left_behind(patience: float) -> list[Process]:
    """Give what is below this process some seconds to end, and return what does not."""
    until = time.monotonic() + patience
    while left := all_below(os.getpid()):
        for process in left:
            if process.parent == os.getpid():
                os.waitpid(process.number, os.WNOHANG)
        if time.monotonic() > until:
            return left
        time.sleep(_PAUSE)
    return []


def buried_seconds(number: int) -> float:
    """Return the processor time of those children of a process that have ended."""
    fields = _fields(number)
    return (int(fields[13]) + int(fields[14])) / _TICKS


def _fields(number: int) -> list[str]:
    """Return a process's state, parent and so on, see ``proc_pid_stat(5)``; its name may hold anything."""
    return Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def _all() -> Iterator[Process]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                command = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ")
                yield Process(int(name), int(_fields(int(name))[1]), command.decode(errors="replace"))
