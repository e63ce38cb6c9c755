"""A watch on one process: by the clock on the wall, and by its processor time where that can be seen from outside."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable

__all__ = ["Watchdog", "processor_clock"]

Clock = Callable[[], float | None]


def processor_clock(process: int) -> Clock:
    """Return a function that tells a process's processor time in seconds, or None where the system does not tell.

    Linux has a clock for every process: its number is made of the process's (see ``clock_getcpuclockid(3)``).
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    number = (~process << 3) | 2

    def clock() -> float | None:
        try:
            return time.clock_gettime(number)
        except OSError:  # it is gone
            return None

    return clock


class Watchdog(threading.Thread):
    """Calls ``bark`` when a process has used up its time, unless it was stopped before. It barks once."""

    def __init__(self, bark: Callable[[], None], clock: Clock) -> None:
        super().__init__(daemon=True)
        self._bark = bark
        self._clock = clock
        self._changed = threading.Condition()
        self._wall: float | None = None  # when the time is up, by each clock; None while nothing is watched
        self._cpu: float | None = None
        self._wakes = math.inf  # when it looks next
        self._over = False
        self.barked = False
        super().start()

    def watch(self, wall: float, cpu: float | None, used: float | None) -> None:
        """Begin to watch: ``wall`` seconds by the clock, and ``cpu`` of processor time, of which ``used`` are gone."""
        now = time.monotonic()
        with self._changed:
            self._wall = now + wall
            self._cpu = used + cpu if used is not None and cpu is not None else None
            if now + min(wall, wall if self._cpu is None or cpu is None else cpu) < self._wakes:
                self._changed.notify()

    def stop(self) -> bool:
        """Watch no longer; return whether it has barked."""
        with self._changed:
            self._wall = self._cpu = None
            return self.barked

    def close(self) -> None:
        """End the watch for good."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def run(self) -> None:
        """Watch."""
        with self._changed:
            while not self._over:
                left = self._left()
                if left is not None and left <= 0:
                    self.barked = True
                    self._bark()
                    return
                self._wakes = math.inf if left is None else time.monotonic() + left
                self._changed.wait(left)

    def _left(self) -> float | None:
        """Return the seconds in which nothing can happen: one thread uses no more processor time than goes by."""
        if self._wall is None:
            return None
        left = self._wall - time.monotonic()
        used = self._clock() if self._cpu is not None else None
        return left if self._cpu is None or used is None else min(left, self._cpu - used)
