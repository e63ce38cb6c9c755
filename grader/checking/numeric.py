"""Gradients by finite differences of the student's own forward pass, along random directions.

For an output f(x) and an upstream gradient u, the derivative of <u, f> along a direction v is

    ( <u, f(x + h v)> - <u, f(x - h v)> ) / 2h

and a right gradient g gives the same number as <g, v>. It costs two calls for each input, whatever their size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.random import Random
from grader.checking.tolerance import FLOOR, TOLERANCE
from grader.errors import WrongAnswerError

__all__ = ["STEP", "derivative"]

STEP = 1e-4


def derivative(
    forward: Callable[..., Any],
    inputs: Sequence[NDArray[Any]],
    gradients: Sequence[NDArray[Any]],
    upstream: NDArray[Any] | float,
    rng: Random,
    names: Sequence[str],
) -> None:
    """Expect that ``gradients`` are those of ``forward`` at ``inputs``.

    Args:
        forward: takes as many arrays as there are inputs and returns one array, or a number.
        inputs: where to look.
        gradients: one for each input, of its shape.
        upstream: the gradient of the loss with respect to the output, of the output's shape.
        rng: where directions come from.
        names: what to call the gradients.

    Raises:
        WrongAnswerError: a gradient is not the derivative of the forward pass, or that is constant.
    """
    upstream = np.asarray(upstream)
    moved = False
    for position, (point, gradient, name) in enumerate(zip(inputs, gradients, names, strict=True)):
        if gradient.shape != point.shape:
            raise WrongAnswerError(f"{name}.shape is {gradient.shape}, should be {point.shape}", {"name": name})
        direction = rng.normal(size=point.shape)
        ends = []
        for step in (STEP, -STEP):
            args = [*inputs[:position], point + step * direction, *inputs[position + 1 :]]
            output = np.asarray(forward(*args))
            if output.shape != upstream.shape:
                raise WrongAnswerError(f"the forward pass returns shape {output.shape}, should be {upstream.shape}")
            ends.append(output.astype(np.float64))
        moved = moved or bool((ends[0] != ends[1]).any())
        numeric = float(((ends[0] - ends[1]) * upstream).sum()) / (2 * STEP)
        analytic = float((gradient.astype(np.float64) * direction).sum())
        scale = max(float(np.sqrt((gradient.astype(np.float64) ** 2).sum())), abs(numeric), FLOOR)
        error = abs(numeric - analytic) / scale
        if not error <= TOLERANCE["numeric gradient"]:
            raise WrongAnswerError(
                f"{name} is not the derivative of your forward pass: along a random direction that changes at rate"
                f" {numeric:.6g}, and {name} says {analytic:.6g}",
                {"name": name, "numeric": numeric, "analytic": analytic},
            )
    if not moved:
        raise WrongAnswerError("the forward pass does not depend on its inputs, so its gradient says nothing")
