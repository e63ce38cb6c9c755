"""What came back is what it should be, or is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.errors import WrongAnswerError
from grader.sandbox.signature import KINDS, Result, parse_results
from grader.sandbox.values import as_number, describe, examine
from grader.sandbox.wire import TENSOR_DTYPES, Handle, Opaque, Tensor


def tensor(*shape: int, dtype: str = "float32", device: str = "cpu", requires_grad: bool = False) -> Tensor:
    values = None if device == "meta" else np.ones(shape, dtype=TENSOR_DTYPES[dtype])
    return Tensor(dtype, shape, device, requires_grad, values)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (True, "True"),
        (3, "the number 3"),
        (np.float64(0.5), "the number 0.5"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        ([1, 2], "a list of 2"),
        ((), "a tuple of 0"),
        ({}, "a dict"),
        ("text", "a str"),
        (Opaque("torch.Tensor"), "a torch.Tensor"),
        (Opaque("int", "beyond 64 bits"), "an int (beyond 64 bits)"),
        (Opaque("numpy.ndarray", "dtype object"), "an array with dtype object"),
        (Opaque("torch.Tensor", "layout sparse_coo"), "a torch.Tensor with layout sparse_coo"),
        (Opaque("torch.Tensor", "which cannot be looked into"), "a torch.Tensor (which cannot be looked into)"),
        (tensor(2, 3), "a torch.Tensor of shape (2, 3)"),
        (tensor(dtype="bool"), "a torch.Tensor of shape () with dtype bool"),
        (tensor(2, dtype="complex64"), "a torch.Tensor of shape (2,) with dtype complex64"),
        (tensor(2, 3, device="meta"), "a torch.Tensor of shape (2, 3) without values"),
        (Handle(1, "layers.Net"), "a layers.Net"),
        (Opaque("\x1b[31mRed\nAlert", "\x07ring"), "a Red Alert (ring)"),
    ],
)
def test_values_are_named_in_a_students_words(value: Any, words: str) -> None:
    assert describe(value) == words


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), np.array(3), np.array(3.0)])
def test_a_number_may_be_of_any_make(value: Any) -> None:
    assert as_number(value, "loss") == 3.0
    assert examine(value, Result("out"), "out").shape == ()


@pytest.mark.parametrize("dtype", [dtype for dtype in TENSOR_DTYPES if not dtype.startswith(("bool", "complex"))])
def test_a_number_may_be_a_tensor(dtype: str) -> None:
    assert as_number(tensor(dtype=dtype, device="cuda:0", requires_grad=True), "loss") == 1.0


@pytest.mark.parametrize(
    "value",
    [
        [0, 1.0, np.float32(2)],
        (0, np.array(1), 2),
        np.arange(3),
        [tensor(dtype="bfloat16").values * 0, 1, 2],
        Tensor("int64", (3,), "cpu", False, np.arange(3)),
        [Tensor("float32", (), "cuda:0", True, np.array(i, dtype=np.float32)) for i in range(3)],
    ],
    ids=str,
)
def test_numbers_are_one_array(value: Any) -> None:
    got = examine(value, Result("losses", "numbers"), "losses")
    assert got.dtype == np.float64
    assert got.tolist() == [0, 1, 2]


def test_numbers_may_be_none_at_all() -> None:
    assert examine([], Result("losses", "numbers"), "losses").shape == (0,)


def test_tensors_come_as_they_are() -> None:
    one, two = tensor(2, 3), tensor(device="meta", dtype="int64")
    assert examine(one, Result("out", "tensor"), "out") is one
    assert examine((one, two), Result("outs", "tensors"), "outs") == [one, two]
    assert examine({"W\n1": one}, Result("state", "state"), "state") == {"W 1": one}
    assert examine(one, Result("out", "any"), "out") is one


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (None, "array", "out is None, should be a numpy array: is it computed, and returned?"),
        (True, "array", "out is True, should be a numpy array"),
        ([1.0], "array", "out is a list of 1, should be a numpy array: make it one with np.array"),
        (Opaque("torch.Tensor"), "array", "out is a torch.Tensor, should be a numpy array: make it one with .numpy()"),
        (
            tensor(2),
            "array",
            "out is a torch.Tensor of shape (2,), should be a numpy array: make it one with .numpy()",
        ),
        (
            tensor(2, requires_grad=True),
            "array",
            "out is a torch.Tensor of shape (2,), should be a numpy array: make it one with .detach().numpy()",
        ),
        (
            tensor(2, requires_grad=True, device="cuda:0"),
            "array",
            "out is a torch.Tensor of shape (2,), should be a numpy array: make it one with .detach().cpu().numpy()",
        ),
        (tensor(1), "number", "out is a torch.Tensor of shape (1,), should be a single number"),
        (tensor(dtype="bool"), "number", "out is a torch.Tensor of shape () with dtype bool, should be a number"),
        (tensor(device="meta"), "number", "out is a torch.Tensor of shape () without values, should be a number"),
        (None, "numbers", "out is None, should be a list of numbers"),
        (3.0, "numbers", "out is the number 3.0, should be a list of numbers"),
        (np.ones((1, 2)), "numbers", "out is an array of shape (1, 2), should be a list of numbers"),
        (tensor(1, 2), "numbers", "out is a torch.Tensor of shape (1, 2), should be a list of numbers"),
        (
            tensor(2, device="meta"),
            "numbers",
            "out is a torch.Tensor of shape (2,) without values, should be a list of numbers",
        ),
        ([1, None], "numbers", "out[1] is None, should be a number"),
        ([1, tensor(2)], "numbers", "out[1] is a torch.Tensor of shape (2,), should be a single number"),
        (tensor(2, dtype="bool"), "numbers", "out[0] is the number True, should be a number"),
        (None, "tensor", "out is None, should be a torch.Tensor: is it computed, and returned?"),
        (True, "tensor", "out is True, should be a torch.Tensor"),
        (0.5, "tensor", "out is the number 0.5, should be a torch.Tensor: make it one with torch.tensor"),
        ([1.0], "tensor", "out is a list of 1, should be a torch.Tensor: make it one with torch.stack or torch.tensor"),
        (
            np.ones(2),
            "tensor",
            "out is an array of shape (2,), should be a torch.Tensor: make it one with torch.from_numpy",
        ),
        (tensor(2, dtype="bool"), "tensor", "out has dtype torch.bool, should have floating point numbers"),
        (tensor(2, dtype="complex64"), "tensor", "out has dtype torch.complex64, should have floating point numbers"),
        (Handle(1, "layers.Net"), "tensor", "out is a layers.Net, should be a torch.Tensor"),
        *(
            (
                Opaque("torch.Tensor", remark),
                "tensor",
                f"out is a torch.Tensor {shown}, should be an ordinary one{advice}",
            )
            for remark, shown, advice in [
                ("layout sparse_csr", "with layout sparse_csr", ": make it one with .to_dense()"),
                ("layout nested", "with layout nested", ": make it one with torch.stack"),
                ("dtype quint8", "with dtype quint8", ": make it one with .dequantize()"),
                ("dtype uint16", "with dtype uint16", ": make it one with .float()"),
                ("which cannot be looked into", "(which cannot be looked into)", ""),
                (
                    "too large to be sent: shape (9,)",
                    "(too large to be sent: shape (9,))",
                    ": is it larger than it needs to be?",
                ),
            ]
        ),
        (tensor(2), "tensors", "out is a torch.Tensor of shape (2,), should be a list of tensors"),
        (None, "tensors", "out is None, should be a list of tensors"),
        ([tensor(2), None], "tensors", "out[1] is None, should be a torch.Tensor: is it computed, and returned?"),
        ([tensor(2)], "state", "out is a list of 1, should be a dict of tensors"),
        ({1: tensor(2)}, "state", "out should be a dict with names for keys"),
        (
            {"W": tensor(2), "\x1b[31mb": np.ones(2)},
            "state",
            "out['b'] is an array of shape (2,), should be a torch.Tensor: make it one with torch.from_numpy",
        ),
        (
            {"W": tensor(2)},
            "dict",
            "out['W'] is a torch.Tensor of shape (2,), should be a numpy array: make it one with .numpy()",
        ),
        (
            Opaque("numpy.ndarray", "dtype object"),
            "array",
            "out is an array with dtype object, should be a numpy array: are its rows of different lengths?",
        ),
        (np.array([True]), "array", "out has dtype bool, should have floating point numbers"),
        (np.array([1j]), "array", "out has dtype complex128, should have floating point numbers"),
        (None, "number", "out is None, should be a number"),
        (np.zeros(1), "number", "out is an array of shape (1,), should be a single number"),
        (np.array(1j), "number", "out is an array of shape (), should be a number"),
        ([1], "dict", "out is a list of 1, should be a dict of arrays"),
        ({1: np.zeros(1)}, "dict", "out should be a dict with names for keys"),
        ({"W1": [1]}, "dict", "out['W1'] is a list of 1, should be a numpy array: make it one with np.array"),
        ({"\x1b[31mW\n1": None}, "dict", "out['W 1'] is None, should be a numpy array: is it computed, and returned?"),
        ({str(i): np.zeros(1) for i in range(2000)}, "dict", "out should be a dict with names for keys"),
    ],
)
def test_what_should_be_something_else_is_told(value: Any, kind: str, message: str) -> None:
    with pytest.raises(WrongAnswerError) as caught:
        examine(value, Result("out", kind), "out")
    assert caught.value.message == message


def test_a_dict_of_arrays_and_numbers_is_a_dict_of_arrays() -> None:
    got = examine({"W1": np.zeros((2, 3)), "b1": 0.5}, Result("grads", "dict"), "grads")
    assert {key: value.shape for key, value in got.items()} == {"W1": (2, 3), "b1": ()}


def test_kinds_of_results_are_read_from_a_line() -> None:
    assert parse_results("out, cache:kept") == (Result("out"), Result("cache", "kept"))
    assert parse_results("") == ()
    assert [result.kind for result in parse_results(" ".join(f"x:{kind}" for kind in KINDS))] == list(KINDS)


@pytest.mark.parametrize("text", ["out:tensr", "a-b", ":kept", "1x"])
def test_a_result_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no result; write name or name:kind with a kind of array, number"):
        parse_results(text)
