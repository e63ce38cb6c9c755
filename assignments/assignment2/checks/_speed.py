"""Is it fast? Times are compared with those of a loop of the grader's in the same run, never with a clock."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from grader import expect
from grader.checking.random import Random
from grader.errors import AnswerError
from grader.sandbox.student import Student

WANTED = 4.0
ATTEMPTS = 9  # on a busy machine one may have to wait in the middle
_STEPS, _ROUNDS = 500, 3


def is_faster(
    student: Student, rng: Random, quick: Callable[[float], Any], naive: Callable[[], Any], outputs: int, steps: int = 1
) -> str:
    """Expect a call to take a quarter of the time of a loop that does small products for each number of the output.

    That loop is the grader's, with ``steps`` products for each of ``outputs`` numbers: a student's own may be so good
    already that there is little to win, or wrong, and quick for that reason. Who copies windows one by one, and then
    does one matrix product, is fast enough.

    ``quick`` calls what should be fast, on inputs mixed in the share that it is given, so that no answer from before
    will do; and it looks at the answer, so that no wrong one counts as fast. ``naive`` calls the student's naive one.

    Returns:
        what to remark: how it compares with that loop, and with the student's naive one if that gives an answer.
    """
    loop = outputs * steps * _product()
    own = float("inf")
    for _ in range(ATTEMPTS):
        own = min(own, _time(student, lambda: quick(rng.uniform(0.2, 0.8))))
        if own * WANTED <= loop:
            break
    remark = f"{loop / own:.1f} times as fast as a loop with a step for each number"
    expect.that(
        own * WANTED <= loop,
        f"only {remark}, should be {WANTED:g} times or more: one matrix product should do the work",
    )
    with contextlib.suppress(AnswerError):
        remark += f", and {_time(student, naive) / own:.1f} times as fast as your naive one"
    return remark


def _time(student: Student, call: Callable[[], Any]) -> float:
    call()
    assert student.last is not None
    return student.last.wall


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
