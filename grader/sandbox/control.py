"""The server process, and the grader's end of the socket to it (for what is said see ``worker/template.py``)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from grader.errors import FaultError
from grader.sandbox import scratch
from grader.sandbox.launch import command, environment
from grader.sandbox.text import one_line

__all__ = ["Control", "ServerGoneError"]

_START_SECONDS = 300.0  # a busy machine may import torch for a minute
_ANSWER_SECONDS = 60.0
_END_SECONDS = 30.0
_MOST = 2**16  # bytes of an answer


class ServerGoneError(Exception):
    """The server has ended, or is ended because it no longer answers as servers do."""


class Control:
    """Starts a server, asks it, ends it. Any thread may ask.

    The server has the environment of a worker, so no expected value and no secret of the grader's is in its memory.

    Raises:
        InputError: there is no place for temporary files.
        FaultError: it cannot be started.
    """

    def __init__(self, preload: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._ready = False
        self._preload = preload
        scratch.place()
        try:
            self._start()
        except OSError as error:
            raise FaultError(f"a warm server could not be started: {error}") from error

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="grader-server-")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in _end
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_START_SECONDS)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command("serve", *self._preload),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=self._said,
                    cwd=self._folder.name,
                    env=environment(self._folder.name),
                    start_new_session=True,  # a Ctrl-C is for the grader
                )
        except BaseException:
            self._socket.close()
            self._let_go()
            raise
        self.pid = self._process.pid

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> int | None:
        """Send a request, with descriptors, and return the number that is the answer, or None.

        Raises:
            ServerGoneError: there is no server, now at the latest.
            FaultError: it refuses, and says why.
        """
        with self._lock:
            if self._socket.fileno() < 0:
                raise ServerGoneError("it has ended")
            try:
                if not self._ready:
                    if "error" in (answer := self._answer()):
                        self._end()
                        advice = "install what it needs, or preload less"
                        raise FaultError(f"a warm server could not be started: {_said(answer)}: {advice}")
                    self._ready = True
                    self._socket.settimeout(_ANSWER_SECONDS)
                socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
                answer = self._answer()
                if "error" in answer:
                    raise FaultError(f"the server cannot {request['op']} a worker: {_said(answer)}")
                value = answer["value"]
                if not (value is None or type(value) is int):
                    raise ValueError("it answered with something that is no number")
            except FaultError:
                raise
            except (OSError, EOFError, ValueError, KeyError) as error:
                self._process.kill()
                raise ServerGoneError(self._end() or str(error)) from error
            except BaseException:  # e.g. Ctrl-C: an answer that nobody read would be taken for the next one
                self._end()
                raise
            return value

    def _answer(self) -> dict[str, Any]:
        data = self._socket.recv(_MOST)
        if not data:
            raise EOFError
        answer = json.loads(data)
        if not isinstance(answer, dict):
            raise ValueError("it answered with something that is no answer")
        return answer

    def close(self) -> None:
        """End the server, which ends its workers first. Safe to call again."""
        with self._lock:
            if self._socket.fileno() >= 0:
                self._end()

    def _end(self) -> str:
        """End it, and return the last line that it printed."""
        self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        size = os.fstat(self._said.fileno()).st_size
        last = os.pread(self._said.fileno(), 2000, max(size - 2000, 0)).decode(errors="replace").strip()
        self._let_go()
        code = f"exit code {self._process.returncode}"
        return f"{code}; {one_line(last.splitlines()[-1], 300)}" if last else code

    def _let_go(self) -> None:
        self._said.close()
        self._folder.cleanup()


def _said(answer: Mapping[str, Any]) -> str:
    return one_line(str(answer["error"]), 500)
