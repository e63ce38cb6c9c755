"""Is it fast? Times are compared with those of a loop of the grader's in the same run, never with a clock."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from grader import expect
from grader.checking.random import Random
from grader.errors import AnswerError
from grader.sandbox.student import Student

SURE, WANTED, AHEAD = 9.0, 4.0, 1.5
LEAST, MOST = 2, 20  # attempts: on a busy machine each may have to wait in the middle
WAITS = 4  # times as long as it works is what a call may take by the clock, and not be slower for that
_STEPS, _ROUNDS = 500, 3  # a millisecond each, so that one of them need not wait


def is_faster(
    student: Student, rng: Random, quick: Callable[[float], Any], naive: Callable[[], Any], outputs: int, steps: int = 1
) -> str:
    """Expect a call to be far faster than a loop of the grader's, or else a good deal, and faster than the naive one.

    The loop has ``steps`` small products for each of ``outputs`` numbers. Matrix products take less than a ninth of its
    time, whatever else the student has written: a naive one may be so good that there is little to win, or wrong, and
    quick for that reason. Who puts windows in or out one by one needs more, but less than what does all the work so.

    ``quick`` calls what should be fast, on inputs mixed in the share that it is given, so that none that is remembered
    will do; and it looks at the answer, so that no wrong one counts as fast. ``naive`` calls the student's naive one.

    Returns:
        what to remark: how it compares with that loop, and with the student's naive one if that gives an answer.
    """
    own = loop = float("inf")
    for attempt in range(MOST):
        own = min(own, _time(student, lambda: quick(rng.uniform(0.2, 0.8))))
        loop = min(loop, outputs * steps * _product())  # in turn, so that what slows the one slows the other
        if own * SURE <= loop and attempt + 1 >= LEAST:
            break
    sure, good = own * SURE <= loop, own * WANTED <= loop
    other = _time_if_any(student, naive)
    if good and not sure and other:
        other = min(other, *(_time_if_any(student, naive) for _ in range(MOST - 1)))
    remark = f"{loop / own:.1f} times as fast as a loop with a step for each number"
    remark += f", and {other / own:.1f} times as fast as your naive one" if other else ""
    refusal = "one matrix product should do all the work, in less than a ninth of that loop's time"
    expect.that(sure or (good and own * AHEAD <= other), f"only {remark}; {refusal}")
    return remark


def _time_if_any(student: Student, call: Callable[[], Any]) -> float:
    """Return the seconds that a call takes, none if it gives no answer."""
    with contextlib.suppress(AnswerError):
        return _time(student, call)
    return 0.0


def _time(student: Student, call: Callable[[], Any]) -> float:
    """Return the seconds of a call: of its processor time, as a busy machine makes it wait, but not without a limit."""
    call()
    assert student.last is not None
    wall, cpu = student.last.wall, student.last.cpu
    if sys.platform != "linux":  # where processor time goes by ticks, or is not seen from outside
        return wall
    return min(wall, max(cpu, wall / WAITS))  # others may have done the work: that counts, too


def _product() -> float:
    """Return the seconds that the sum of a small product takes in a loop."""
    window, kernel = np.ones((2, 3, 3, 3))
    rounds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_STEPS):
            (window * kernel).sum()
        rounds.append(time.perf_counter() - began)
    return min(rounds) / _STEPS
