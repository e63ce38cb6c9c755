"""How a process that works for another one ends: with its workers and its files, when that one says so."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

__all__ = ["end_when_told"]


def end_when_told() -> None:
    """Let SIGTERM end this process in good order, and leave Ctrl-C to the parent, which ends it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # told twice, it would leave behind what it is putting in order
    raise SystemExit(128 + number)
