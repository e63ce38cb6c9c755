"""Tensors for a student's torch code, made of numpy arrays: the grader itself needs no torch for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.sandbox.wire import Tensor

__all__ = ["Tensor", "tensor"]


def tensor(values: Any, dtype: str | None = None, *, requires_grad: bool = False, device: str = "") -> Tensor:
    """Return a tensor to pass to a student's function, of the values' shape.

    Args:
        values: an array, or what can be made into one.
        dtype: torch's name of it; by default float32 for floating point numbers and int64 for integers, as students
            have them.
        requires_grad: whether a gradient can be asked for.
        device: where to make it; by default where the student is asked to work (see ``Student.on``).
    """
    array = np.asarray(values)
    if dtype is None:
        dtype = {"f": "float32", "i": "int64", "u": "int64", "b": "bool"}[array.dtype.kind]
    return Tensor(dtype, array.shape, device, requires_grad, array)
