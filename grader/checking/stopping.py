"""Stops a run from outside: from another thread, or from a signal, whose exception Python may lose on the way."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import IO

from grader.sandbox.launch import Launcher, Running

__all__ = ["Stop"]


class Stop:
    """A run whose workers come :meth:`through` this ends as if by Ctrl-C when it is told to. It may be told once."""

    def __init__(self) -> None:
        self.stopped = False
        self._running: Running | None = None

    def stop(self) -> None:
        """Stop the run: its worker is killed, and it gets no other. Any thread may say so, and so may a signal."""
        self.stopped = True
        running = self._running
        if running is not None:
            running.kill()

    def through(self, launcher: Launcher) -> Launcher:
        """Return a launcher of workers that can be stopped.

        Once they are, whoever asks for one, or how one ended, gets a KeyboardInterrupt.
        """
        return _Launcher(self, launcher)

    def launch(self, launcher: Launcher, scratch: str) -> Running:
        """Start a worker that can be stopped."""
        self.check()
        self._running = running = launcher.launch(scratch)
        if self.stopped:  # meanwhile
            running.kill()
        return _Worker(self, running)

    def check(self) -> None:
        """Go on, or not.

        Raises:
            KeyboardInterrupt: it was stopped.
        """
        if self.stopped:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def by_interrupt(self) -> Iterator[None]:
        """Let Ctrl-C stop it, where this is the main thread and nobody else has taken that over."""
        main = threading.current_thread() is threading.main_thread()
        if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return

        def interrupt(number: int, frame: FrameType | None) -> None:
            self.stop()
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)


class _Launcher:
    def __init__(self, stop: Stop, launcher: Launcher) -> None:
        self._stop = stop
        self._launcher = launcher

    @property
    def tier(self) -> str:
        return self._launcher.tier

    def launch(self, scratch: str) -> Running:
        return self._stop.launch(self._launcher, scratch)


class _Worker:
    """A worker's process that is asked how it ended only if it was not stopped."""

    def __init__(self, stop: Stop, running: Running) -> None:
        self._stop = stop
        self._running = running
        self.pid = running.pid
        self.requests: IO[bytes] = running.requests
        self.replies: IO[bytes] = running.replies
        self.printed: IO[bytes] = running.printed

    @property
    def ended(self) -> bool:
        return self._running.ended

    def wait(self, seconds: float) -> int | None:
        self._stop.check()
        return self._running.wait(seconds)

    def kill(self) -> None:
        self._running.kill()

    def end(self) -> None:
        self._running.end()
