"""How a worker's process comes to be: the seam between what a worker is and where its process is taken from."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from grader.errors import FaultError

__all__ = ["ColdStart", "Launcher", "Running", "command", "environment"]

_WORKER = Path(__file__).with_name("worker") / "__main__.py"
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_FOR_CUDA = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_PATH", "LD_LIBRARY_PATH")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_POSIX = os.name == "posix"


class Running(Protocol):
    """A worker's process and the grader's ends of its pipes, without buffers.

    ``requests`` leads to its standard input; ``replies`` and ``printed`` come from its standard output and error.
    """

    pid: int
    requests: IO[bytes]
    replies: IO[bytes]
    printed: IO[bytes]

    @property
    def ended(self) -> bool:
        """Whether it has ended."""

    def wait(self, seconds: float) -> int | None:
        """Return its exit code, or minus the number of the signal that ended it; None if it still goes on.

        Raises:
            FaultError: it has ended, and it can no longer be told how.
        """

    def kill(self) -> None:
        """End it and all that it started in its session, at once. Safe to call again."""

    def end(self) -> None:
        """End it, and return when it is gone. The pipes stay open."""


class Launcher(Protocol):
    """Where workers come from, and how well they are to be kept apart: see ``isolation.py``."""

    @property
    def tier(self) -> str:
        """The tier that its workers are asked to take."""

    def launch(self, scratch: str) -> Running:
        """Start a worker that has ``scratch`` as its folder and for its temporary files.

        Raises:
            OSError: the system has no room for it, or no Python where there should be one.
            FaultError: it cannot be started for another reason.
        """


@dataclass(frozen=True)
class ColdStart:
    """Starts each worker as a new Python: right for one submission, and everywhere to be had.

    It has no tier ``full``: namespaces are entered by a fork, so their workers come from a server.
    """

    tier: str = "process"

    def launch(self, scratch: str) -> Running:
        """Start a worker."""
        if self.tier == "full":
            raise FaultError("isolation full needs a warm server: take one as the launcher")
        separate: dict[str, Any] = (
            {"start_new_session": True}
            if _POSIX
            else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        )
        return _Child(
            subprocess.Popen(
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=scratch,
                env=environment(scratch),
                **separate,
            )
        )


class _Child:
    """A worker that the grader itself has started."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.requests: IO[bytes] = process.stdin
        self.replies: IO[bytes] = process.stdout
        self.printed: IO[bytes] = process.stderr

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def wait(self, seconds: float) -> int | None:
        """Return its exit code once it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def kill(self) -> None:
        """End it and its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if _POSIX:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def end(self) -> None:
        """End it, and wait until it is gone."""
        self.kill()
        self._process.wait()


def command(*arguments: str) -> Sequence[str]:
    """Return the command that starts a worker, or, with arguments, the server that forks workers."""
    where_numpy_is = Path(np.__file__).resolve().parent.parent  # so that the worker takes the same
    return [sys.executable, "-P", "-X", "utf8", str(_WORKER), str(where_numpy_is), *arguments]


def environment(scratch: str) -> dict[str, str]:
    """Return a worker's environment: small, one thread for each library, temporary files in ``scratch``."""
    passed = {name: os.environ[name] for name in (*_PASSED_ON, *_FOR_CUDA) if name in os.environ}
    own = {"MPLBACKEND": "Agg", "TMPDIR": scratch, "TEMP": scratch, "TMP": scratch, "PYTHONHASHSEED": "0"}
    return passed | dict.fromkeys(_ONE_THREAD, "1") | own
