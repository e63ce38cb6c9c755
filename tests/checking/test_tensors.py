"""Tensors that checks make, without torch."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from grader.checking.tensors import tensor
from grader.errors import FaultError
from grader.sandbox.wire import TENSOR_DTYPES


@pytest.mark.parametrize(
    ("values", "dtype", "shape"),
    [
        (np.ones((2, 3)), "float32", (2, 3)),
        (np.ones(2, dtype=np.float16), "float32", (2,)),
        (np.ones((), dtype=np.float32), "float32", ()),
        (0.5, "float32", ()),
        ([1.0, 2.0], "float32", (2,)),
        ([[1, 2, 3]], "int64", (1, 3)),
        (np.arange(3, dtype=np.uint8), "int64", (3,)),
        (True, "bool", ()),
        (np.zeros((0, 4), dtype=bool), "bool", (0, 4)),
        ([1j], "complex64", (1,)),
        ([], "float32", (0,)),
    ],
)
def test_dtypes_are_those_that_students_have(values: Any, dtype: str, shape: tuple[int, ...]) -> None:
    made = tensor(values)
    assert (made.dtype, made.shape, made.device, made.requires_grad) == (dtype, shape, "", False)
    assert made.values is not None
    assert made.values.tolist() == np.asarray(values).tolist()


def test_all_may_be_said() -> None:
    made = tensor([1, 2], "float64", requires_grad=True, device="cuda:1")
    assert (made.dtype, made.shape, made.device, made.requires_grad) == ("float64", (2,), "cuda:1", True)


@pytest.mark.parametrize("dtype", TENSOR_DTYPES)
def test_every_dtype_that_may_cross_can_be_asked_for(dtype: str) -> None:
    assert tensor([0, 1], dtype).dtype == dtype


@pytest.mark.parametrize("dtype", [dtype for dtype in TENSOR_DTYPES if "float" in dtype or "complex" in dtype])
def test_what_is_no_integer_may_require_a_gradient(dtype: str) -> None:
    assert tensor([0, 1], dtype, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((["text"],), "an array with dtype <U4: give it numbers"),
        (([None],), "an array with dtype object: give it numbers"),
        (([1.0], "float"), "with dtype 'float': write one of bool, uint8"),
        (([1.0], "torch.float32"), "with dtype 'torch.float32': write one of bool, uint8"),
        (([1.0], np.float32), "with dtype <class 'numpy.float32'>: write one of bool, uint8"),
        (([1.0], "uint16"), "with dtype 'uint16': write one of bool, uint8"),
        (([1j], "float32"), "complex numbers with dtype float32"),
    ],
)
def test_a_tensor_that_cannot_be_is_the_checks_fault(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(FaultError, match=f"a check makes a tensor .*{words}"):
        tensor(*arguments)


@pytest.mark.parametrize("values", [[1, 2], [True]])
def test_a_gradient_of_what_has_none_is_the_checks_fault(values: Any) -> None:
    with pytest.raises(FaultError, match=r"that requires a gradient: only float ones can"):
        tensor(values, requires_grad=True)


def test_no_torch_is_needed() -> None:
    script = "import sys; sys.modules['torch'] = None; from grader import tensor; print(tensor([1.5]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "<tensor float32 (1,) on any device>\n"
