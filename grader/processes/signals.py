"""How a process that works for another one ends: with its workers and its files, when that one says so."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

__all__ = ["end_after", "end_when_told", "ending"]


def end_when_told() -> None:
    """Let SIGTERM end this process in good order, and leave Ctrl-C to the parent, which ends it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def end_after(gone: Callable[[], object]) -> None:
    """End in good order, too, when ``gone`` returns, in the middle of whatever is being done.

    It waits, in a thread, for who gives the work to be gone without a word.
    """

    def watch() -> None:
        gone()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end", daemon=True).start()


def ending() -> None:
    """Hear no more of an end: told again, this process would leave behind what it is putting in order."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    ending()
    raise SystemExit(128 + number)
