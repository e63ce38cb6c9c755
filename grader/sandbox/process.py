"""One worker process: started, asked, watched, ended. The only place that touches processes and pipes."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Any

from grader.errors import FaultError
from grader.sandbox import wire
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.text import clean

__all__ = ["WorkerDiedError", "WorkerProcess"]

_WORKER = Path(__file__).with_name("worker.py")
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_POSIX = os.name == "posix"


class WorkerDiedError(Exception):
    """The worker is gone. ``timeout`` says that it used up its time, ``reason`` how it ended otherwise."""

    def __init__(self, reason: str, *, timeout: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timeout = timeout


class WorkerProcess:
    """A process that runs student code. It starts at once; nothing of the student's is loaded before it is asked.

    It has a folder of its own to work in, a small environment, no standard input and a private pipe for frames;
    what it prints is read all the time, and its head and tail are kept.
    """

    def __init__(self, layout: Layout, limits: Limits) -> None:
        self._limits = limits
        self._scratch = tempfile.mkdtemp(prefix="grader-")
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= dict.fromkeys(_ONE_THREAD, "1")
        environment |= {"MPLBACKEND": "Agg", "TMPDIR": self._scratch, "TEMP": self._scratch, "TMP": self._scratch}
        environment |= {"PYTHONHASHSEED": "0"}
        separate: dict[str, Any] = (
            {"start_new_session": True}
            if _POSIX
            else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        )
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-X", "utf8", str(_WORKER), _where_numpy_is()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self._scratch,
            env=environment,
            **separate,
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._requests: IO[bytes] = self._process.stdin
        self._replies: IO[bytes] = self._process.stdout
        self._output = _Output(self._process.stderr)
        self._watchdog = _Watchdog(self.kill)
        self._closed = False
        self._setup: dict[str, Any] | None = {
            "op": "setup",
            "modules": dict(layout.modules),
            "aliases": dict(layout.aliases),
            "packages": {name: list(folders) for name, folders in layout.packages.items()},
            "missing": dict(layout.missing),
            "search": list(layout.search),
            "memory": limits.memory_bytes,
        }

    def request(self, message: dict[str, Any], cpu: float | None = None) -> dict[str, Any]:
        """Send one request and return the reply.

        Raises:
            WorkerDiedError: it ended, ran out of time, or answered with something that is no reply.
            FaultError: it did so before it was given anything of the student's.
        """
        if self._setup is not None:
            setup, self._setup = self._setup, None
            try:
                self._exchange(setup, 60.0)
            except WorkerDiedError as error:  # nothing of the student's has run yet
                raise FaultError(f"a worker could not be started: {error.reason}; {self.output()}") from error
        return self._exchange(message, self._limits.wall(cpu if cpu is not None else self._limits.call_seconds))

    def _exchange(self, message: dict[str, Any], wall: float) -> dict[str, Any]:
        if self._closed:
            raise WorkerDiedError("it had already ended")
        self._watchdog.start_by(time.monotonic() + wall)
        try:
            frame = memoryview(wire.encode(message))
            while frame:
                frame = frame[self._requests.write(frame) :]
            header, body = wire.lengths(self._read(wire.PREFIX.size))
            reply = wire.decode(self._read(header), self._read(body))
        except (OSError, EOFError, ValueError) as error:
            raise self._death() from error
        except wire.WireError as error:
            self.kill()
            self._death()
            raise WorkerDiedError(f"it answered with something that is no answer ({error})") from error
        except BaseException:  # e.g. Ctrl-C: a reply that nobody read would be taken for the next one
            self.close()
            raise
        finally:
            self._watchdog.stop()
        if not (isinstance(reply, dict) and isinstance(reply.get("ok"), bool)):
            self.kill()
            self._death()
            raise WorkerDiedError("it answered with something that is no answer")
        return reply

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            part = self._replies.read(min(count, 2**20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _death(self) -> WorkerDiedError:
        """Say how the process ended, once it has."""
        barked = self._watchdog.barked
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:  # it closed its pipes and goes on
            self.kill()
            code = self._process.wait()
            self.close()
            return WorkerDiedError("it closed the connection to the grader")
        self.close()
        if barked or (_POSIX and code == -signal.SIGXCPU):
            return WorkerDiedError("it used more time than it may", timeout=True)
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            words = {
                "SIGSEGV": "segmentation fault",
                "SIGKILL": "killed, perhaps for want of memory",
                "SIGABRT": "aborted",
            }
            return WorkerDiedError(f"{words[name]} ({name})" if name in words else name)
        return WorkerDiedError(f"it ended Python itself, with exit code {code}")

    def output(self) -> str:
        """Return what the student's code printed since the last call, cleaned and cut to its head and tail."""
        token = None
        if not self._closed:
            token = f"\x02{secrets.token_hex(16)}\x03"
            try:
                self.request({"op": "mark", "token": token})
            except WorkerDiedError:
                token = None
        return clean(self._output.take(token))

    def kill(self) -> None:
        """End the process and all that it started in its session, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if _POSIX:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process and remove its folder. Safe to call again."""
        if self._closed:
            return
        self._closed = True
        self._watchdog.close()
        self.kill()
        self._process.wait()
        for pipe in (self._requests, self._replies):
            with contextlib.suppress(OSError):
                pipe.close()
        self._output.join()
        shutil.rmtree(self._scratch, ignore_errors=True)


class _Output(threading.Thread):
    """Reads a pipe until it ends; keeps the first and the last of what came since the last ``take``."""

    HEAD, TAIL = 16 * 1024, 16 * 1024

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._news = threading.Condition()
        self._ended = False
        self._reset()
        self.start()

    def _reset(self) -> None:
        self._head = b""
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def run(self) -> None:
        try:
            while part := self._pipe.read(2**16):
                with self._news:
                    self._add(part)
                    self._news.notify_all()
        except (OSError, ValueError):  # closed under us
            pass
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _add(self, part: bytes) -> None:
        room = self.HEAD - len(self._head)
        if room > 0:
            self._head += part[:room]
            part = part[room:]
        if part:
            self._tail.append(part)
            self._tail_size += len(part)
            while self._tail_size - len(self._tail[0]) >= self.TAIL:
                lost = len(self._tail.popleft())
                self._tail_size -= lost
                self._dropped += lost

    def take(self, token: str | None) -> str:
        """Return what came; with a token, wait until it has come (a second at most), and leave it out."""
        mark = (token or "").encode()
        with self._news:
            if token is not None:
                self._news.wait_for(lambda: self._ended or mark in self._joined(), timeout=1.0)
            data, dropped = self._joined(), self._dropped
            self._reset()
        text = data.replace(mark, b"") if mark else data
        if dropped:
            head, tail = text[: self.HEAD], text[self.HEAD :][-self.TAIL :]
            return f"{head.decode(errors='replace')}\n… {dropped} bytes left out …\n{tail.decode(errors='replace')}"
        return text.decode(errors="replace")

    def _joined(self) -> bytes:
        return self._head + b"".join(self._tail)

    def join(self, timeout: float | None = 1.0) -> None:
        """Wait for the end of the pipe, but not for ever: a process that escaped may hold its other end."""
        super().join(timeout)
        if not self.is_alive():
            self._pipe.close()


class _Watchdog(threading.Thread):
    """Calls ``bark`` when a time has come, unless it was stopped before."""

    def __init__(self, bark: Any) -> None:
        super().__init__(daemon=True)
        self._bark = bark
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._idle = True
        self._over = False
        self.barked = False
        self.start()

    def start_by(self, deadline: float) -> None:
        with self._changed:
            self._deadline = deadline
            if self._idle:
                self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._deadline = None

    def close(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()

    def run(self) -> None:
        with self._changed:
            while not self._over:
                left = None if self._deadline is None else self._deadline - time.monotonic()
                if left is not None and left <= 0:
                    self.barked = True
                    self._bark()
                    return
                self._idle = left is None
                self._changed.wait(left)


def _where_numpy_is() -> str:
    """Return the folder that the grader's own numpy was imported from, so that the worker takes the same."""
    import numpy

    return str(Path(numpy.__file__).resolve().parent.parent)
