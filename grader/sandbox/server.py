"""A warm server: one process that has imported what student code needs, and that workers are forked from."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import IO

from grader.errors import FaultError
from grader.sandbox.control import Control, ServerGoneError
from grader.sandbox.core import on_one_core
from grader.sandbox.launch import ColdStart, Launcher, Running

__all__ = ["WarmServer", "can_be_warm", "warm_launcher"]


class WarmServer:
    """Launches workers by forking them from a server. It starts at once, and gets ready while the grader goes on.

    ``tier`` is how they are kept apart.
    ``preload`` names modules that it imports besides numpy, e.g. ``torch``; nothing is computed with them. Any thread
    of the process that made it may launch. A server that has ended is started anew, once for each launch; its workers
    end with it.

    Raises:
        FaultError: it cannot be started.
    """

    def __init__(self, preload: Sequence[str] = (), tier: str = "process") -> None:
        self.tier = tier
        self._preload = tuple(preload)
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._control: Control | None = Control(self._preload)

    @property
    def pid(self) -> int | None:
        """The number of the server's process, None while there is none."""
        return self._control.pid if self._control is not None else None

    def at(self, tier: str) -> Launcher:
        """Return a launcher of the same server's workers, kept apart as another tier says."""
        return _At(self, tier)

    def launch(self, scratch: str) -> Running:
        """Fork a worker.

        Raises:
            OSError: the grader has no room for another pipe.
            FaultError: the server cannot import what it is to import, cannot be forked, or ends again and again.
        """
        return self.fork(scratch, self.tier)

    def fork(self, scratch: str, tier: str) -> Running:
        """Fork a worker for a tier; see :meth:`launch`."""
        if self._owner != os.getpid():
            raise FaultError("a warm server serves the process that started it: start one in each process")
        with self._lock:
            reason = ""
            for _ in range(2):
                if self._closed:
                    raise FaultError("a worker was asked of a warm server that is closed: launch it before that")
                if self._control is None:
                    self._control = Control(self._preload)
                try:
                    return _Forked(self._control, scratch, divided=tier == "full")
                except ServerGoneError as error:
                    reason = str(error)
                    self._control.close()
                    self._control = None
        raise FaultError(f"the warm server ended, and once more when started anew ({reason}): please report it")

    def on_one_core(self) -> AbstractContextManager[None]:
        """Keep this thread and the workers to come on one core (see ``core.py``), for the length of a ``with`` block.

        Not where other threads launch workers, too.
        """
        return on_one_core(lambda: self.pid)

    def close(self) -> None:
        """End the server, and all its workers. Safe to call again."""
        with self._lock:
            self._closed = True
            control, self._control = self._control, None
            if control is not None and self._owner == os.getpid():
                control.close()

    def __enter__(self) -> WarmServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _At:
    server: WarmServer
    tier: str

    def launch(self, scratch: str) -> Running:
        return self.server.fork(scratch, self.tier)


@contextlib.contextmanager
def warm_launcher(preload: Sequence[str] = (), tier: str = "process") -> Iterator[Launcher]:
    """Give a warm server where there can be one, else cold starts: the one door to either.

    There can be one on Linux. Windows has no fork, and macOS libraries are not made to go on after one.
    """
    if can_be_warm():
        with WarmServer(preload, tier) as server:
            yield server
    else:
        yield ColdStart(tier)


def can_be_warm() -> bool:
    """Return whether there can be a warm server: where one can wait for a process that is not one's child.

    That is Linux since 5.3.
    """
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


class _Forked:
    """A worker that is a child of the server's."""

    def __init__(self, control: Control, scratch: str, *, divided: bool) -> None:
        self._control = control
        self._over = False
        with contextlib.ExitStack() as undo, contextlib.ExitStack() as passed:
            theirs = []
            ours: list[IO[bytes]] = []
            for mode in ("wb", "rb", "rb"):
                reads, writes = os.pipe()
                mine, other = (writes, reads) if mode == "wb" else (reads, writes)
                ours.append(undo.enter_context(open(mine, mode, buffering=0)))
                passed.callback(os.close, other)
                theirs.append(other)
            pid = control.ask({"op": "fork", "folder": scratch, "divided": divided}, theirs)
            if pid is None or pid <= 1:  # nothing that may be sent a signal
                control.close()
                raise ServerGoneError("it answered with something that is no process")
            self.pid = pid
            try:
                self._descriptor = os.pidfd_open(pid)
            except OSError:
                self._ask_to("end")
                raise
            undo.pop_all()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self.requests, self.replies, self.printed = ours

    def _ask_to(self, what: str) -> int | None:
        return self._control.ask({"op": what, "pid": self.pid})

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._over or self._await(0)

    def wait(self, seconds: float) -> int | None:
        """Return its exit code once it has ended. The server keeps its number until :meth:`end`, so it stays its own.

        Raises:
            FaultError: the server has ended, and this worker with it.
        """
        if not self._await(seconds):
            return None
        try:
            return self._ask_to("status")
        except ServerGoneError as error:
            advice = "run this submission again"
            raise FaultError(f"the warm server ended, and its workers with it ({error}): {advice}") from error

    def kill(self) -> None:
        """End it and its process group."""
        if not self._over:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)  # it may have no group yet
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it and all that it has started, also in sessions of their own."""
        if self._over:
            return
        try:
            self.kill()
            self._await(None)
            with contextlib.suppress(ServerGoneError):  # which has ended it
                self._ask_to("end")
        finally:
            self._over = True
            os.close(self._descriptor)

    def _await(self, seconds: float | None) -> bool:
        return bool(self._poll.poll(None if seconds is None else 1000 * seconds))
