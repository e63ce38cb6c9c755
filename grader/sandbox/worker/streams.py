"""The student's standard output and error: a pipe to the grader, quick even for a hundred megabytes."""

from __future__ import annotations

import contextlib
import io
import sys
from os import write
from typing import Any

__all__ = ["Printed"]

_LINE_BY_LINE = 64 * 1024
"""Bytes of one request that go out line by line, so that nothing is lost should the process end; more go in blocks."""


class Printed(io.BufferedIOBase):
    """Bytes on their way to a descriptor. ``text`` is the stream to print to."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._sent = 0
        self._blocks = False
        self.name = name
        self.text = io.TextIOWrapper(self, "utf-8", errors="backslashreplace", line_buffering=True)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def writable(self) -> bool:
        """Return True: it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Write everything."""
        with memoryview(data).cast("B") as view:
            size = len(view)
            rest = view
            with contextlib.suppress(OSError):  # a student may have closed the descriptor: what is printed is lost
                while rest:
                    rest = rest[write(self._descriptor, rest) :]
        self._sent += size
        return size

    def flush(self) -> None:
        """Say that a line has ended; after many of them, ask to hear of blocks only."""
        if self._sent > _LINE_BY_LINE and not self._blocks:
            self._blocks = True
            self.text.reconfigure(line_buffering=False)

    def close(self) -> None:
        """Stay open: other streams may be built on this one."""

    def settle(self) -> None:
        """Send what is left, and begin line by line again."""
        with contextlib.suppress(Exception):  # a student may have closed it
            self.text.flush()
            if self._blocks:
                self._blocks, self._sent = False, 0
                self.text.reconfigure(line_buffering=True)
            self._sent = 0


def settle(*streams: Printed) -> None:
    """Send what was printed and not sent yet, also through streams that a student has put in their place."""
    for name in ("stdout", "stderr"):
        with contextlib.suppress(BaseException):  # it may be anything, and do anything
            getattr(sys, name).flush()
    for stream in streams:
        stream.settle()
