"""Tensors for a student's torch code, made of numpy arrays: the grader itself needs no torch for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.errors import FaultError
from grader.sandbox.wire import TENSOR_DTYPES, Tensor

__all__ = ["Tensor", "tensor"]

_USUAL = {"f": "float32", "i": "int64", "u": "int64", "b": "bool", "c": "complex64"}


def tensor(values: Any, dtype: str | None = None, *, requires_grad: bool = False, device: str = "") -> Tensor:
    """Return a tensor to pass to a student's function, of the values' shape.

    Args:
        values: an array, or what can be made into one.
        dtype: torch's name of it, e.g. ``"float64"``; by default float32 for floating point numbers and int64 for
            integers, as students have them.
        requires_grad: whether a gradient can be asked for.
        device: where to make it; by default where the student is asked to work (see ``Student.on``).

    Raises:
        FaultError: there is no such tensor.
    """
    array = np.asarray(values)
    if array.dtype.kind not in _USUAL:
        raise FaultError(f"a check makes a tensor of an array with dtype {array.dtype}: give it numbers")
    if dtype is None:
        dtype = _USUAL[array.dtype.kind]
    if dtype not in TENSOR_DTYPES:
        raise FaultError(f"a check makes a tensor with dtype {dtype!r}: write one of {', '.join(TENSOR_DTYPES)}")
    if array.dtype.kind == "c" and not dtype.startswith("complex"):
        raise FaultError(
            f"a check makes a tensor of complex numbers with dtype {dtype}: give it complex64 or complex128"
        )
    if requires_grad and not dtype.startswith(("float", "bfloat", "complex")):
        raise FaultError(f"a check makes a tensor with dtype {dtype} that requires a gradient: only float ones can")
    return Tensor(dtype, array.shape, device, requires_grad, array)
