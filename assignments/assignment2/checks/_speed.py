"""Is it fast? Times are compared with the student's own and with the grader's in the same run, never with a clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader import expect
from grader.sandbox.student import Student

REPEATS = 3
WANTED = 4.0
NEAR = 10.0


def yardstick(x: Any, w: Any) -> Any:
    """Do about the work that cannot be avoided: copy a matrix of all windows of x, and multiply it by w."""
    positions = len(x) * (x.shape[2] - w.shape[2] + 1) * (x.shape[3] - w.shape[3] + 1)
    columns = np.zeros((positions, w[0].size)).T.copy()
    return w.reshape(len(w), -1) @ columns


def is_faster(
    student: Student,
    quick: Sequence[Callable[[], Any]],
    slow: Callable[[], Any],
    x: Any,
    w: Any,
    wanted: float = WANTED,
) -> str:
    """Expect ``quick`` calls to be ``wanted`` times as fast as ``slow``, or else about as fast as the grader's own.

    The second is for students whose loops are so good already that there is little to win. Each quick call has numbers
    of its own and looks at its answer, so that neither an answer from before nor a wrong one counts as fast.
    """
    own, naive = _best(student, quick), _best(student, [slow] * REPEATS)
    began = time.perf_counter()
    for _ in range(REPEATS):
        yardstick(x, w)
    usual = (time.perf_counter() - began) / REPEATS
    ratio = naive / max(own, 1e-9)
    remark = f"{ratio:.1f} times as fast as your naive one"
    expect.that(
        ratio >= wanted or own <= NEAR * usual,
        f"only {remark}, should be {wanted:g} times or more: one matrix product should do all the work",
    )
    return remark if ratio >= wanted else "not much slower than a bare matrix product of that size"


def _best(student: Student, calls: Sequence[Callable[[], Any]]) -> float:
    times = []
    for call in calls:
        call()
        assert student.last is not None
        times.append(student.last.wall)
    return min(times)
