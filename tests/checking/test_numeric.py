"""Gradients by differences: right ones pass, wrong ones do not, and the number of calls is fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.checking.numeric import derivative
from grader.checking.random import Random
from grader.errors import WrongAnswerError


def affine(x: Any, w: Any, b: Any) -> Any:
    return np.tanh(x @ w + b)


def gradient(dout: Any, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    inner = dout * (1 - np.tanh(x @ w + b) ** 2)
    return inner @ w.T, x.T @ inner, inner.sum(axis=0)


def problem(seed: int = 0, n: int = 4, d: int = 3, m: int = 2) -> tuple[list[Any], Any, list[Any]]:
    rng = Random("numeric", seed)
    inputs = [rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m)]
    dout = rng.normal(size=(n, m))
    return inputs, dout, list(gradient(dout, *inputs))


def judge(forward: Any, inputs: Any, gradients: Any, dout: Any, seed: int = 0) -> None:
    derivative(forward, inputs, gradients, dout, Random("directions", seed), ["dx", "dw", "db"][: len(inputs)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_right_gradient_passes_whatever_the_seed_and_the_precision(dtype: Any) -> None:
    for seed in range(100):
        inputs, dout, gradients = problem(seed)
        judge(
            lambda *args: affine(*(arg.astype(dtype) for arg in args)),
            inputs,
            [value.astype(dtype) for value in gradients],
            dout,
            seed,
        )


WRONG = {
    "sign": lambda dx: -dx,
    "factor": lambda dx: 1.01 * dx,
    "zero": np.zeros_like,
    "one element": lambda dx: np.where(np.arange(dx.size).reshape(dx.shape) == 1, dx + 0.1, dx),
    "shuffled": lambda dx: dx[::-1],
    "offset": lambda dx: dx + 0.02,
    "nan": lambda dx: dx * np.nan,
    "one nan": lambda dx: np.where(np.arange(dx.size).reshape(dx.shape) == 1, np.nan, dx),
    "infinite": lambda dx: dx * np.inf,
    "enormous": lambda dx: dx * 1e300,
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_wrong_gradient_is_caught(name: str, position: int) -> None:
    caught = 0
    for seed in range(20):
        inputs, dout, gradients = problem(seed)
        gradients[position] = WRONG[name](gradients[position])
        try:
            judge(affine, inputs, gradients, dout, seed)
        except WrongAnswerError as error:
            caught += error.message.startswith(f"d{'xwb'[position]} is not the derivative of what your code computes")
    assert caught >= 19


@pytest.mark.parametrize(("dtype", "calls"), [(np.float64, 6), (np.float32, 9)])
def test_the_number_of_calls_is_fixed(dtype: Any, calls: int) -> None:
    for size in (1, 50):
        inputs, dout, gradients = problem(0, size, size, size)
        made = []

        def forward(*args: Any, made: list[int] = made) -> Any:
            made.append(1)
            return affine(*args).astype(dtype)

        judge(forward, inputs, gradients, dout)
        assert len(made) == calls


def test_a_scalar_forward_pass_has_a_gradient_too() -> None:
    x = Random("scalar").normal(size=(3, 2))
    derivative(lambda x: (x**2).sum(), [x], [2 * x], 1.0, Random("d"), ["dx"])
    with pytest.raises(WrongAnswerError, match="dx is not the derivative"):
        derivative(lambda x: (x**2).sum(), [x], [x], 1.0, Random("d"), ["dx"])


def test_a_constant_forward_pass_earns_nothing() -> None:
    inputs, dout, gradients = problem()
    zeros = [np.zeros_like(value) for value in gradients]
    with pytest.raises(WrongAnswerError, match="what your code computes does not depend on its inputs"):
        judge(lambda *_: np.ones((4, 2)), inputs, zeros, dout)


def test_an_input_that_does_not_matter_has_a_zero_gradient() -> None:
    inputs, dout, _ = problem()
    judge(
        lambda x, w, b: affine(x, w, 0 * b),
        inputs,
        [*gradient(dout, inputs[0], inputs[1], 0)[:2], 0 * inputs[2]],
        dout,
    )


def test_shapes_are_told() -> None:
    inputs, dout, gradients = problem()
    with pytest.raises(WrongAnswerError, match=r"dw\.shape is \(2, 3\), should be \(3, 2\)"):
        judge(affine, inputs, [gradients[0], gradients[1].T, gradients[2]], dout)
    with pytest.raises(WrongAnswerError, match=r"the forward pass returns shape \(2, 4\), should be \(4, 2\)"):
        judge(lambda *args: affine(*args).T, inputs, gradients, dout)


def test_a_forward_pass_of_nonsense_is_no_fault() -> None:
    inputs, dout, gradients = problem()
    for factor in (np.nan, np.inf, 1e308):
        with pytest.raises(WrongAnswerError, match="dx is not the derivative"):
            judge(lambda *args, factor=factor: affine(*args) * factor, inputs, gradients, dout)
