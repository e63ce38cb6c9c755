"""Running statistics of batch normalisation: what training steps leave for test mode."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import expect
from grader.checking.random import Random
from grader.reference import Reference
from grader.sandbox.student import Student

EPS = 0.2


def given_state(student: Student, rng: Random, function: str, right: Reference, shape: tuple[int, ...]) -> None:
    """Expect test mode to use running statistics that are given to it, and to leave them alone."""
    features = shape[1]
    bn_param = {
        "mode": "test",
        "eps": EPS,
        "momentum": 0.7,
        "running_mean": rng.normal(2.0, 1.0, size=features),
        "running_var": rng.uniform(0.5, 2.0, size=features),
    }
    args = (rng.normal(2.0, 2.0, size=shape), rng.normal(1.0, 0.5, size=features), rng.normal(size=features), bn_param)
    out, _ = getattr(student, function)(*args)
    expect.close(out, right(*args), "out")


def coarse(values: Any) -> Any:
    """Return values without their last bits, which differ between machines: recorded answers are found by every bit."""
    return np.round(values * 2.0**30) / 2.0**30


def after_training(
    student: Student, rng: Random, function: str, right: Reference, shape: tuple[int, ...], momentum: float | None
) -> None:
    """Expect test mode to use the running statistics that three training steps left in ``bn_param``.

    How they are kept there is the student's affair: only what test mode makes of them is looked at.
    """
    features, axes = shape[1], tuple(axis for axis in range(len(shape)) if axis != 1)
    gamma, beta = rng.normal(1.0, 0.5, size=features), rng.normal(size=features)
    settings: dict[str, Any] = {"eps": EPS} | ({} if momentum is None else {"momentum": momentum})
    bn_param = student.keep({"mode": "train", **settings}, "bn_param")
    share = 0.9 if momentum is None else momentum
    mean, var = np.zeros(features), np.zeros(features)
    for _ in range(3):
        x = rng.normal(2.0, 2.0, size=shape)
        getattr(student, function)(x, gamma, beta, bn_param)
        mean = coarse(share * mean + (1 - share) * x.mean(axes))
        var = coarse(share * var + (1 - share) * x.var(axes))
    bn_param.update({"mode": "test"})
    x = rng.normal(2.0, 2.0, size=shape)
    for name in ("out", "out of a second call in test mode"):  # test mode must not move the statistics
        out, _ = getattr(student, function)(x, gamma, beta, bn_param)
        state = {"mode": "test", **settings, "running_mean": mean, "running_var": var}
        expect.close(out, right(x, gamma, beta, state), name)
