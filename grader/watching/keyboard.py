"""Single keys from the terminal, without Enter: one door for POSIX, Windows, and no terminal at all."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any, Protocol, TextIO

__all__ = ["END", "REDRAW", "Keyboard", "open_keyboard"]

END = "\x04"
"""Ctrl-D, and what is read where nothing more can come."""
REDRAW = "\x0c"
"""Ctrl-L, and what is read when the terminal is ours again after Ctrl-Z."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|O.?|.?)")  # what arrows and the like send: no keys of ours
_MOST = 64  # bytes at once: a held key, or what an arrow key sends


class Keyboard(Protocol):
    """Where keys come from. Use it in a ``with`` block: the terminal is as before after it, however it ends."""

    @property
    def present(self) -> bool:
        """Whether there are keys at all."""

    def wait(self, seconds: float) -> str:
        """Return the keys that were pressed, as soon as there are some or :meth:`wake` is called."""

    def wake(self) -> None:
        """End a wait, from any thread."""

    def __enter__(self) -> Keyboard: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_keyboard(stream: TextIO | None) -> Keyboard:
    """Return the keys of a stream."""
    if stream is None or stream.closed or not stream.isatty():
        return _None()
    return _Windows() if sys.platform == "win32" else _Posix(stream.fileno())


class _None:
    """No terminal: only waits."""

    present = False

    def __init__(self) -> None:
        self._woken = threading.Event()

    def wait(self, seconds: float) -> str:
        self._woken.wait(seconds)
        self._woken.clear()
        return ""

    def wake(self) -> None:
        self._woken.set()

    def __enter__(self) -> _None:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to put back."""


class _Windows(_None):
    """The console's own keys."""

    present = True
    _PAUSE = 0.02

    def wait(self, seconds: float) -> str:
        import msvcrt

        console: Any = msvcrt  # whose functions are there on Windows only
        until = time.monotonic() + seconds
        while not console.kbhit():
            if self._woken.is_set() or time.monotonic() >= until:
                self._woken.clear()
                return ""
            self._woken.wait(self._PAUSE)
        key: str = console.getwch()
        if key in ("\0", "\xe0"):  # an arrow, or F1: a second code follows
            console.getwch()
            return ""
        if key == "\x03":
            raise KeyboardInterrupt
        return key


class _Posix:
    """A terminal that gives each key at once and does not echo it; Ctrl-C and Ctrl-Z go on to work."""

    present = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._resumed = False
        self._undo = contextlib.ExitStack()
        self._ended = False

    def __enter__(self) -> _Posix:
        with contextlib.ExitStack() as undo:
            self._woken, self._wakes = os.pipe()
            undo.callback(os.close, self._woken)
            undo.callback(os.close, self._wakes)
            os.set_blocking(self._wakes, False)
            undo.enter_context(self._single_keys())
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def wait(self, seconds: float) -> str:
        watched = [self._woken]
        if not self._ended and self._ours():  # who reads in the background is stopped
            watched.append(self._descriptor)
        ready, _, _ = select.select(watched, [], [], seconds)
        if self._woken in ready:
            os.read(self._woken, _MOST)
        if self._resumed:
            self._resumed = False
            return REDRAW
        if self._descriptor not in ready:
            return ""
        try:
            data = os.read(self._descriptor, _MOST)
        except OSError:  # the terminal is gone, or not ours
            data = b""
        if not data:
            self._ended = True
            return END
        return _SEQUENCE.sub("", data.decode(errors="ignore"))

    def wake(self) -> None:
        with contextlib.suppress(OSError):  # it is full: awake already
            os.write(self._wakes, b"!")

    @contextlib.contextmanager
    def _single_keys(self) -> Iterator[None]:
        import termios
        import tty

        before = termios.tcgetattr(self._descriptor)

        def take() -> None:
            if self._ours():
                tty.setcbreak(self._descriptor, termios.TCSANOW)

        def give_back() -> None:
            if self._ours():
                with contextlib.suppress(termios.error):  # it is gone
                    termios.tcsetattr(self._descriptor, termios.TCSANOW, before)

        def stopped(number: int, frame: FrameType | None) -> None:
            give_back()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # stops here, and goes on here
            signal.signal(number, stopped)

        def going_on(number: int, frame: FrameType | None) -> None:
            take()
            self._resumed = True
            self.wake()

        handlers = {signal.SIGTSTP: stopped, signal.SIGCONT: going_on}
        main = threading.current_thread() is threading.main_thread()
        old = {number: signal.signal(number, handler) for number, handler in handlers.items()} if main else {}
        try:
            take()
            yield
        finally:
            give_back()
            for number, handler in old.items():
                signal.signal(number, handler)

    def _ours(self) -> bool:
        """Whether we are in the terminal's foreground: who is not, and changes it, is stopped."""
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        return False
