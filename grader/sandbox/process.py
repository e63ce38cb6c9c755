"""One worker process: started, asked, watched, ended."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import secrets
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from grader.errors import FaultError
from grader.sandbox import isolation, scratch, wire
from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.output import Output
from grader.sandbox.text import clean, one_line
from grader.sandbox.watchdog import Watchdog, processor_clock

__all__ = ["Reply", "WorkerDiedError", "WorkerProcess", "framed"]

_POSIX = os.name == "posix"
_LOST = 71  # see worker/service.py, which is not to be imported here
_START_SECONDS = 60.0
_AHEAD = 2**15 if sys.platform == "linux" else 0  # bytes that a pipe surely takes before anybody reads

_REASONS = {
    "SIGSEGV": "segmentation fault (SIGSEGV): does it recurse without end, or use ctypes?",
    "SIGKILL": "killed (SIGKILL), perhaps for want of memory: are its arrays larger than they need to be?",
    "SIGABRT": "aborted (SIGABRT)",
}


class WorkerDiedError(Exception):
    """The worker is gone.

    ``timeout`` says that it used up its time, ``reason`` how it ended otherwise; ``unheard`` that this was before it
    had heard the request to its end, so that the request is not to blame.
    """

    def __init__(self, reason: str, *, timeout: bool = False, unheard: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timeout = timeout
        self.unheard = unheard


@dataclass(slots=True)
class Reply:
    """What came back for a request, unread. Nothing of it is to be believed.

    ``cpu`` and ``wall`` are the seconds that the student's code took, as the worker says; ``used`` is the processor
    time of the whole request in seconds, as seen from outside, None where it cannot be, and ``took`` the seconds on the
    wall. ``worker`` counts a line's workers: handles are good for the one that gave them.
    """

    header: bytes
    body: bytes | memoryview
    cpu: float
    wall: float
    used: float | None
    took: float
    worker: int = 0

    def digest(self) -> bytes:
        """What tells it from every other reply; times are not part of it."""
        digest = hashlib.blake2b(len(self.header).to_bytes(8, "big"), digest_size=16)
        digest.update(self.header)
        digest.update(self.body)
        return digest.digest()

    def read(self) -> dict[str, Any]:
        """Return what it says.

        Raises:
            WorkerDiedError: it is no reply, so that nothing more can be asked: the worker is to be closed.
        """
        try:
            content = wire.decode(self.header, bytes(self.body))  # arrays in a buffer of its own are aligned
        except wire.WireError as error:
            raise _no_answer(error) from error
        if not (isinstance(content, dict) and isinstance(content.get("ok"), bool)):
            raise _no_answer("a reply that is none")
        return content


class WorkerProcess:
    """A process that runs student code. It starts at once; nothing of the student's is loaded before it is asked.

    ``launcher`` is where the process comes from; all else is the same wherever that is.

    It has a folder of its own to work in, a small environment, no standard input and a private pipe for frames;
    what it prints is read all the time, and its head and tail are kept.

    ``isolation`` is what stands between it and everything else, of which nothing is known before the first request.
    """

    def __init__(self, layout: Layout, limits: Limits, launcher: Launcher = ColdStart()) -> None:  # noqa: B008  # frozen
        self._limits = limits
        self._closed = False
        self._number = 0
        place = scratch.place()
        try:
            self._scratch = tempfile.mkdtemp(prefix="grader-", dir=place)
            try:
                self._setup = self._stamped(framed(self._first(layout, launcher.tier)), None, _START_SECONDS)
                self._process = launcher.launch(self._scratch)
            except BaseException:
                scratch.remove(self._scratch)
                raise
        except OSError as error:  # no Python there, no room on the disk, too many processes …
            raise FaultError(f"a worker could not be started: {error}") from error
        self._requests, self._replies = self._process.requests, self._process.replies
        self._reader = wire.Reader(self._replies.read)
        self._output = Output(self._process.printed)
        self._clock = processor_clock(self._process.pid)
        self._watchdog = Watchdog(self.kill, self._clock)
        self._fresh = True
        self._ahead = self._sent_ahead()
        self.isolation = isolation.Isolation(launcher.tier)

    def _first(self, layout: Layout, tier: str) -> dict[str, Any]:
        return {
            "op": "setup",
            "modules": dict(layout.modules),
            "aliases": dict(layout.aliases),
            "packages": {name: list(folders) for name, folders in layout.packages.items()},
            "missing": dict(layout.missing),
            "search": list(layout.search),
            "memory": self._limits.memory_bytes,
            "cuda": self._limits.cuda,
            "isolation": isolation.request(tier, layout, self._scratch),
        }

    @property
    def ended(self) -> bool:
        """Whether it is gone, by itself or closed."""
        return self._closed or self._process.ended

    def request(self, message: dict[str, Any], cpu: float | None = None) -> dict[str, Any]:
        """Send one request, and return what the reply says; see :meth:`exchange`."""
        return self.read(self.exchange(framed(message), cpu))

    def exchange(self, frame: bytes, cpu: float | None = None, forget: bool = False, seed: int | None = None) -> Reply:
        """Send one request, which may use ``cpu`` seconds of processor time, and return the reply, unread.

        With ``forget`` the worker drops what it keeps before; with ``seed`` it draws from that from now on.

        Raises:
            WorkerDiedError: it ended, ran out of time, or answered with something that is no reply.
            FaultError: it did so before it was given anything of the student's.
        """
        if self._fresh:
            self._fresh = False
            try:
                first = self.read(self._answer(self._setup, None, _START_SECONDS, ahead=self._ahead))
            except WorkerDiedError as error:  # nothing of the student's has run yet
                raise FaultError(f"a worker could not be started: {error.reason}; {self.output()}") from error
            if not first["ok"]:
                self.close()
                raise FaultError(f"a worker could not be set up: {_told(first)}")
            self.isolation = isolation.verified(self.isolation.tier, first["value"], self._process.pid)
        if cpu is None:
            cpu = self._limits.call_seconds
        wall = self._limits.wall(cpu)
        return self._answer(self._stamped(frame, cpu, wall, forget=forget, seed=seed), cpu, wall)

    def read(self, reply: Reply) -> dict[str, Any]:
        """Return what a reply says; see :meth:`Reply.read`. One that is none is the end of this worker."""
        try:
            return reply.read()
        except WorkerDiedError:
            self.close()
            raise

    def _stamped(
        self, frame: bytes, cpu: float | None, wall: float, *, forget: bool = False, seed: int | None = None
    ) -> bytes:
        self._number += 1
        before = wire.FORGET * forget | wire.SEED * (seed is not None)
        return wire.REQUEST.pack(self._number, math.nan if cpu is None else cpu, wall, before, seed or 0) + frame

    def _sent_ahead(self) -> bool:
        """Send the first request, to be answered while the grader does other things; return False if it has to wait."""
        if len(self._setup) > _AHEAD:
            return False
        with contextlib.suppress(OSError):  # it has ended: whoever waits for the reply will see that
            self._requests.write(self._setup)
        return True

    def _answer(self, request: bytes, cpu: float | None, wall: float, *, ahead: bool = False) -> Reply:
        """Send a request, unless that was done ``ahead``, and return the reply to it."""
        rest = memoryview(b"" if ahead else request)
        if self._closed:
            raise WorkerDiedError("it had already ended", unheard=True)
        before = self._clock()
        began = time.perf_counter()
        self._watchdog.watch(wall, cpu, before)
        try:
            while rest:
                rest = rest[self._requests.write(rest) :]
            start = self._reader.take(wire.ANSWER.size + wire.PREFIX.size)
            header, body = wire.lengths(start[wire.ANSWER.size :])
            whole = self._reader.take(header + body)
        except (OSError, EOFError) as error:
            death = self._death()
            death.unheard = isinstance(error, BrokenPipeError) and not death.timeout
            raise death from error
        except wire.WireError as error:
            self.close()
            raise _no_answer(error) from error
        except BaseException:  # e.g. Ctrl-C: a reply that nobody read would be taken for the next one
            self.close()
            raise
        finally:
            barked = self._watchdog.stop()
        if barked:  # in the very moment in which the reply came
            raise self._death()
        took = time.perf_counter() - began
        after = self._clock()
        used = after - before if before is not None and after is not None else None
        number, own_cpu, own_wall = wire.ANSWER.unpack_from(start)
        if number != self._number:
            self.close()
            raise _no_answer("or to another request")
        return Reply(whole[:header], memoryview(whole)[header:], _seconds(own_cpu), _seconds(own_wall), used, took)

    def _death(self) -> WorkerDiedError:
        """Say how the process ended, once it has."""
        try:
            code = self._process.wait(1)
        except BaseException:
            self.close()
            raise
        if code is None:  # it closed its pipes and goes on
            code = _LOST
        barked = self._watchdog.barked
        self.close()
        if barked or (_POSIX and code == -signal.SIGXCPU):
            return WorkerDiedError("it used more time than it may", timeout=True)
        if code == _LOST:
            return WorkerDiedError("it cannot answer any more: does it close files, or replace functions, not its own?")
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return WorkerDiedError(_REASONS.get(name, f"ended by {name}"))
        return WorkerDiedError(f"it ended Python itself, with exit code {code}: return the answer instead")

    def output(self) -> str:
        """Return what the student's code printed since the last call, cleaned and cut to its head and tail."""
        marked = False
        if not self._closed:
            mark = f"\x02{secrets.token_hex(16)}\x03"
            self._output.expect(mark.encode())
            with contextlib.suppress(WorkerDiedError, FaultError):  # the next call will say so
                marked = self.request({"op": "mark", "token": mark}).get("value") is True
        return clean(self._output.take(wait=marked))

    def kill(self) -> None:
        """End the process and all that it started in its session, at once."""
        self._process.kill()

    def close(self) -> None:
        """End the process and remove its folder. Safe to call again."""
        if self._closed:
            return
        self._closed = True
        try:
            self._watchdog.close()
            self._process.end()
            for pipe in (self._requests, self._replies):
                with contextlib.suppress(OSError):
                    pipe.close()
            self._output.close()
        finally:
            scratch.remove(self._scratch)


def framed(message: dict[str, Any]) -> bytes:
    """Return the frame of a request.

    Raises:
        FaultError: it holds something that cannot be sent.
    """
    try:
        return wire.encode(message)
    except wire.WireError as error:
        raise FaultError(f"a check passes something that cannot be sent to the student's code: {error}") from error


def _no_answer(why: object) -> WorkerDiedError:
    return WorkerDiedError(f"it answered with something that is no answer ({why})")


def _seconds(said: float) -> float:
    return said if 0 <= said < 1e6 else 0.0


def _told(reply: dict[str, Any]) -> str:
    error = reply.get("error")
    return one_line(str(error.get("message") if isinstance(error, dict) else error), 400)
