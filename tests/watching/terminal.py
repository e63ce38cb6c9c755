"""A process under a pseudo-terminal, as somebody who types and reads sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Terminal"]

PATIENCE = 20.0
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TAKE = """
import fcntl, os, signal, sys, termios
for number in (signal.SIGINT, signal.SIGQUIT):  # which a shell lets what it runs in the background ignore
    signal.signal(number, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """Runs a command in a session of its own, whose terminal this is."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str], columns: int = 80) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.before = self.settings()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
        )
        self._theirs = theirs  # kept open, so that its settings can be read when the process has gone
        self.raw = ""
        self.all = b""  # that was ever written

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self._ours)

    def until(self, *texts: str) -> str:
        """Read until one of these texts has come, and return all that came; what comes after is read next time.

        Where a line ends is the terminal's affair: blanks are any blanks.
        """
        wanted = re.compile("|".join(r"\s+".join(map(re.escape, re.split(r"\s+", text))) for text in texts))
        deadline = time.monotonic() + PATIENCE
        while True:
            plain = _ESCAPES.sub("", self.raw).replace("\r", "")
            if found := wanted.search(plain):
                self.raw = plain[found.end() :]
                return plain[: found.end()]
            ready, _, _ = select.select([self._ours], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"none of {texts} came, but {plain!r}"
            self._read()

    def _read(self) -> None:
        data = os.read(self._ours, 65536)
        self.all += data
        self.raw += data.decode(errors="replace")

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def wait(self) -> int:
        """Return the exit code; what is written at the end is read, so that it can be."""
        while self.process.poll() is None:
            ready, _, _ = select.select([self._ours], [], [], 0.05)
            if ready:
                self._read()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)
