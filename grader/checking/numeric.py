"""Gradients by finite differences of the student's own forward pass, along random directions.

For an output f(x) and an upstream gradient u, the derivative of <u, f> along a direction v is

    ( <u, f(x + h v)> - <u, f(x - h v)> ) / 2h

and a right gradient g gives the same number as <g, v>. It costs two calls for each input, whatever their size, and one
more where the forward pass computes in float32, which needs a larger h.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.random import Random
from grader.checking.tolerance import FLOOR, TOLERANCE
from grader.errors import WrongAnswerError

__all__ = ["STEP", "derivative"]

STEP: Mapping[str, float] = {"float64": 1e-4, "float32": 2e-3}
"""h, by the precision of the forward pass: the smaller one would leave three digits of float32's seven."""


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

        def at(step: float, position: int = position, offset: NDArray[Any] = direction) -> NDArray[Any]:
            args = [*inputs[:position], inputs[position] + step * offset, *inputs[position + 1 :]]
            output = np.asarray(forward(*args))
            if output.shape != upstream.shape:
                raise WrongAnswerError(f"the forward pass returns shape {output.shape}, should be {upstream.shape}")
            return output

        step = STEP["float64"]
        above = at(step)
        if above.dtype.kind == "f" and above.dtype.itemsize < 8:
            step = STEP["float32"]
            above = at(step)
        below = at(-step)
        moved = moved or bool((above != below).any())
        with np.errstate(all="ignore"):  # wrong values may be of any size
            difference = above.astype(np.float64) - below.astype(np.float64)
            numeric = float((difference * upstream).sum()) / (2 * step)
            analytic = float((gradient.astype(np.float64) * direction).sum())
            scale = max(_norm(gradient), abs(numeric), FLOOR)
            error = np.abs(np.float64(numeric) - analytic) / scale
        if not (np.isfinite(scale) and error <= TOLERANCE["numeric gradient"]):
            raise WrongAnswerError(
                f"{name} is not the derivative of what your code computes: a step along a random direction changes"
                f" that at a rate of {numeric:.6g}, and {name} predicts {analytic:.6g}",
                {"name": name, "numeric": numeric, "analytic": analytic},
            )
    if not moved:
        raise WrongAnswerError("what your code computes does not depend on its inputs, so its gradient says nothing")


def _norm(values: NDArray[Any]) -> float:
    """Return the root of the sum of squares, also where a square would overflow."""
    values = values.astype(np.float64)
    largest = float(np.max(np.abs(values), initial=0.0))
    return largest * float(np.sqrt(((values / largest) ** 2).sum())) if largest else 0.0
