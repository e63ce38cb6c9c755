"""Which core of the machine a grader and its workers run on."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["on_one_core"]

_PROCESSOR = 36  # the place of this field behind the name: see proc_pid_stat(5), where it is the 39th
_SIGN = "\0grader on core {}"  # the name of a socket of the machine, which whoever is kept on that core has


@contextlib.contextmanager
def on_one_core(server: Callable[[], int | None]) -> Iterator[None]:
    """Keep this thread and a server of workers on one core, and with them all that they start.

    A grader and a worker take turns. On two cores each would fall asleep and find its caches cold whenever the other
    one is at work; on one core a submission takes a fifth less time. It is the core where this thread is now, or
    another one if somebody else is kept there. Where all are taken, elsewhere than on Linux, and where it is not
    allowed, nothing is changed.

    Args:
        server: returns the number of the server's process, None while there is none. It may be another in the end.
    """
    with contextlib.ExitStack() as undo:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                before = os.sched_getaffinity(0)
                core = undo.enter_context(_taken(before))
                undo.callback(_let, server, before)
                for process in _both(server):
                    os.sched_setaffinity(process, {core})
        yield


if sys.platform == "linux":

    @contextlib.contextmanager
    def _taken(cores: set[int]) -> Iterator[int]:
        """Take one of these cores, as long as nobody else does; the present one, if that is free.

        Raises:
            OSError: all are taken.
        """
        present = _present()
        with socket.socket(socket.AF_UNIX) as sign:  # its name is given up when this process ends, however it does
            for core in sorted(cores, key=lambda core: (core != present, core)):
                try:
                    sign.bind(_SIGN.format(core))
                except OSError:
                    continue
                yield core
                return
            raise OSError("all are taken")

    def _present() -> int:
        """Return the number of the core that this thread runs on."""
        return int(Path("/proc/thread-self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[_PROCESSOR])

    def _both(server: Callable[[], int | None]) -> list[int]:
        number = server()
        return [0] if number is None else [0, number]

    def _let(server: Callable[[], int | None], cores: set[int]) -> None:
        for process in _both(server):
            with contextlib.suppress(OSError):  # it is gone
                os.sched_setaffinity(process, cores)
