"""What the system itself sees to: memory, processor time, and an end for a worker whose grader is gone."""

from __future__ import annotations

import math
import os
import sys

if sys.platform != "win32":  # the one platform without it
    import resource
    from signal import ITIMER_REAL, setitimer

__all__ = ["allow", "limit_process"]

_ORPHAN = 60.0
"""Seconds on top of a call's own after which a worker ends by itself: its grader would have ended it long before."""


def limit_process(memory: int | None, *, cuda: bool) -> None:
    """Leave no core file, and take no more than ``memory`` bytes on top of what is taken already.

    Addresses are what is counted, or, with ``cuda``, private memory: CUDA reserves addresses that it never uses.
    Without ``cuda``, no GPU is to be seen; this comes before CUDA is looked for.
    """
    if not cuda:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None and sys.platform.startswith("linux"):  # elsewhere the system counts otherwise, or not
        which, column = (resource.RLIMIT_DATA, 5) if cuda else (resource.RLIMIT_AS, 0)
        with open("/proc/self/statm", encoding="ascii") as pages:
            memory += int(pages.read().split()[column]) * resource.getpagesize()
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY or hard > memory:
            resource.setrlimit(which, (memory, memory))


def allow(cpu: float | None, wall: float | None) -> None:
    """Let the system end this process when the request uses much more than this; None takes the limit away.

    The grader watches more closely, but may be gone, or on a system where it cannot see the processor time.
    """
    if sys.platform == "win32":
        return
    if cpu is not None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = math.ceil(usage.ru_utime + usage.ru_stime + cpu)
        if hard == resource.RLIM_INFINITY or soft < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    setitimer(ITIMER_REAL, wall + _ORPHAN if wall is not None else 0.0)
