"""How a process that works for another one ends: with its workers and its files, when that one says so."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from types import FrameType
from typing import NoReturn

__all__ = ["end_when_told", "end_with_parent", "ending"]


def end_when_told() -> None:
    """Let SIGTERM end this process in good order, and leave Ctrl-C to the parent, which ends it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def end_with_parent() -> None:
    """End in good order, too, when the parent is gone without a word, in the middle of whatever is being done."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def ending() -> None:
    """Hear no more of an end: told again, this process would leave behind what it is putting in order."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    ending()
    raise SystemExit(128 + number)
