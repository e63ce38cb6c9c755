"""What came back is what it should be, or is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.errors import WrongAnswerError
from grader.sandbox.signature import Result, parse_results
from grader.sandbox.values import as_number, describe, examine
from grader.sandbox.wire import Handle, Opaque


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


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (None, "array", "out is None, should be a numpy array: is it computed, and returned?"),
        (True, "array", "out is True, should be a numpy array"),
        ([1.0], "array", "out is a list of 1, should be a numpy array: make it one with np.array"),
        (Opaque("torch.Tensor"), "array", "out is a torch.Tensor, should be a numpy array: make it one with .numpy()"),
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


@pytest.mark.parametrize("text", ["out:tensor", "a-b", ":kept", "1x"])
def test_a_result_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no result; write name or name:kind with a kind of array, number"):
        parse_results(text)
