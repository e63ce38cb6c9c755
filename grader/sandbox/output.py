"""What a worker prints: read all the time so that it never waits, and kept in part."""

from __future__ import annotations

import threading
from collections import deque
from typing import IO

__all__ = ["Output"]

HEAD, TAIL = 16 * 1024, 16 * 1024


class _Kept:
    """The first and the last bytes of what was added."""

    def __init__(self) -> None:
        self._head = b""
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def add(self, part: bytes) -> None:
        room = HEAD - len(self._head)
        if room > 0:
            self._head += part[:room]
            part = part[room:]
        if part:
            self._tail.append(part)
            self._tail_size += len(part)
            while self._tail_size - len(self._tail[0]) >= TAIL:
                lost = len(self._tail.popleft())
                self._tail_size -= lost
                self._dropped += lost

    def text(self) -> str:
        tail = b"".join(self._tail)
        dropped = self._dropped + max(len(tail) - TAIL, 0)
        if not dropped:
            return (self._head + tail).decode(errors="replace")
        first, last = self._head.decode(errors="replace"), tail[-TAIL:].decode(errors="replace")
        return f"{first}\n… {dropped} bytes left out …\n{last}"


class Output(threading.Thread):
    """Reads a pipe until it ends; keeps the first and the last of what came since the last :meth:`take`."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._news = threading.Condition()
        self._ended = False
        self._kept = _Kept()
        self._mark = b""
        self._carried = b""  # what may be the beginning of the mark
        self._before: _Kept | None = None
        self.start()

    def run(self) -> None:
        """Read."""
        try:
            while part := self._pipe.read(2**16):
                with self._news:
                    self._add(part)
        except (OSError, ValueError):  # closed under us
            pass
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _add(self, part: bytes) -> None:
        part = self._carried + part
        self._carried = b""
        if self._mark:
            before, found, after = part.partition(self._mark)
            if found:
                self._kept.add(before)
                self._before, self._kept, self._mark = self._kept, _Kept(), b""
                self._news.notify_all()
                part = after
            else:
                length = min(len(self._mark) - 1, len(part))
                part, self._carried = part[: len(part) - length], part[len(part) - length :]
        self._kept.add(part)

    def expect(self, mark: bytes) -> None:
        """Say what will be written behind all that the next :meth:`take` is to return."""
        with self._news:
            self._mark = mark

    def take(self, *, wait: bool) -> str:
        """Return what came up to the mark, waiting for it if it is on its way; else what came so far."""
        with self._news:
            if wait:  # it is in the pipe, or a process that student code left behind keeps it from us
                self._news.wait_for(lambda: self._ended or self._before is not None, timeout=5.0)
            if self._before is not None:
                taken, self._before = self._before, None
            else:
                self._kept.add(self._carried)
                taken, self._kept = self._kept, _Kept()
            self._mark = self._carried = b""
            return taken.text()

    def close(self) -> None:
        """Wait for the end of the pipe, but not for ever: a process that escaped may hold its other end."""
        self.join(1.0)
        if not self.is_alive():
            self._pipe.close()
