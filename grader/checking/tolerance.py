"""How close is right: one measure and one table for the whole grader.

The error of an array is ``max|got - want| / max(max|want|, 1e-2)``. The worst right answer measured so far (all in
float32) had 6e-6, the smallest wrong one 1.2e-3; the floor is there because some gradients are exactly zero, such
as that of a bias in front of batch normalisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLOOR", "TOLERANCE", "relative_error", "within"]

FLOOR = 1e-2
TOLERANCE: Mapping[str, float] = {
    "oracle": 1e-4,  # float64 and float32 alike, against torch in float64
    "numeric gradient": 1e-3,  # central differences: their own error comes on top
    "two devices": 1e-4,  # float32 on both, TF32 off: with it, products would be off by some 5e-4
    "reference on two devices": 1e-8,  # float64 on both
}


def relative_error(got: NDArray[Any], want: NDArray[Any]) -> NDArray[np.float64]:
    """Return the error of every element of ``got``, on the scale of the largest of ``want`` (same shape).

    Where both are the same infinity or both NaN the error is zero; where only one is, it is infinite.
    """
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    finite = np.isfinite(want)
    scale = max(float(np.max(np.abs(want[finite]), initial=0.0)), FLOOR)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(got - want) / scale
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    return np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))


def within(got: NDArray[Any], want: NDArray[Any], limit: float) -> bool:
    """Whether all is finite and no error is above a limit: what :func:`relative_error` says of most answers, sooner."""
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        furthest = float(np.max(np.abs(got - want), initial=0.0))
    largest = float(np.max(np.abs(want), initial=0.0))
    return largest < np.inf and furthest / max(largest, FLOOR) <= limit
