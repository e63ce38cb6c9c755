from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.checking.fingerprint import Fingerprint, fingerprint

X = np.random.default_rng(5).normal(size=(4, 5))


def spoilt(values: Any, *places: tuple[int, int, float]) -> Any:
    values = np.array(values, dtype=float)
    for row, column, value in places:
        values[row, column] = value
    return values


SAME = {
    "itself": X.copy(),
    "float32": X.astype(np.float32),
    "column-major": np.asfortranarray(X),
    "a view": np.repeat(X, 2, axis=1)[:, ::2],
    "rounding": X * (1 + 1e-6),
}
OTHERS = {
    "one element": spoilt(X, (1, 2, X[1, 2] + 5e-3)),
    "a factor": X * 1.001,
    "a sign": -X,
    "another shape": X.reshape(5, 4),
    "one axis more": X[None],
    "two rows swapped": X[[1, 0, 2, 3]],
    "zeros": np.zeros_like(X),
    "NaN": spoilt(X, (0, 0, np.nan)),
    "NaN elsewhere": spoilt(X, (3, 4, np.nan)),
    "an infinity": spoilt(X, (0, 0, np.inf)),
    "the other infinity": spoilt(X, (0, 0, -np.inf)),
    "nothing": np.zeros((0, 5)),
    "huge": X * 1e300,
    "whole numbers": np.arange(20).reshape(4, 5),
}


@pytest.mark.parametrize("name", SAME)
def test_rounding_and_layout_do_not_matter(name: str) -> None:
    assert fingerprint(SAME[name]).matches(fingerprint(X))


def test_other_values_have_other_fingerprints() -> None:
    prints = {name: fingerprint(value) for name, value in {**OTHERS, "X": X}.items()}
    alike = {(one, other) for one in prints for other in prints if prints[one].matches(prints[other])}
    assert alike == {(name, name) for name in prints}


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4), elements=st.floats()))
def test_whatever_the_values_they_can_be_written_and_read(values: Any) -> None:
    found = fingerprint(values)
    assert Fingerprint.parse(str(found)) == found
    assert found.matches(found)


def test_a_number_is_an_array_without_axes() -> None:
    assert fingerprint(np.asarray(2.5)).matches(fingerprint(np.float32(2.5)))
    assert not fingerprint(np.asarray(2.5)).matches(fingerprint(np.asarray([2.5])))
    assert not fingerprint(np.asarray(2.5)).matches(fingerprint(np.asarray(-2.5)))


@pytest.mark.parametrize(("value", "telling"), [(X, True), (0 * X, False), (1e-9 * X, False), (np.nan * X, False)])
def test_zeros_and_nan_tell_nothing_of_how_they_came(value: Any, telling: bool) -> None:
    assert fingerprint(value).telling is telling


@pytest.mark.parametrize("text", ["", "(2) x 1", "(2) 1.0", "(a) 1.0 1", "() 1.0 1 ! ", "(2) 1.0 1\n"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fingerprint|float"):
        Fingerprint.parse(text)


def test_long_answers_cost_no_more_than_their_beginning() -> None:
    long = np.ones(2**20)
    assert fingerprint(long).norm == 2**9
    long[-1] = 2.0  # beyond what is looked at
    assert fingerprint(long) == fingerprint(np.ones(2**20))


def test_a_vast_array_takes_no_memory_of_its_own() -> None:
    vast = np.zeros(2**26, dtype=np.int8)
    tracemalloc.start()
    try:
        assert fingerprint(vast).shape == (2**26,)
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()
