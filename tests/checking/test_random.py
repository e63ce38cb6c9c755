"""The stream of random numbers, which may never change: recorded answers are found by the inputs made of it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.random import Draws, Random


def test_the_stream_is_pinned() -> None:
    rng = Random("assignment2", "affine_forward", "agrees_with_torch", "shape=(5, 4)", 2026)
    assert rng.normal(size=4).tolist() == [1.415614128112793, 1.088632583618164, -0.5517587661743164, 1.483433723449707]
    assert rng.uniform(-1, 1, 3).tolist() == [-0.8610153198242188, 0.13042449951171875, -0.11377620697021484]
    assert rng.integers(0, 10, 8).tolist() == [8, 3, 6, 2, 8, 2, 7, 5]
    assert rng.permutation(6).tolist() == [0, 2, 4, 1, 3, 5]
    assert rng.distinct(5).tolist() == [0.0, 0.03125, 0.015625, -0.03125, -0.015625]
    assert rng.normal(2.0, 0.5) == 1.4973640441894531
    assert rng.normal(size=2).tolist() == [0.40216827392578125, -0.37804222106933594]


def test_a_long_stretch_of_the_stream_is_pinned() -> None:
    rng = Random("pinned")
    parts = [rng.normal(size=1000), rng.uniform(size=1000), rng.integers(-5, 5, 1000), rng.permutation(100)]
    stream = b"".join(part.astype(part.dtype.newbyteorder("<"), copy=False).tobytes() for part in parts)
    assert hashlib.sha256(stream).hexdigest()[:32] == "8ed95a1cb4f1765245c00f207bf8634d"


def test_values_are_exact_in_float32() -> None:
    rng = Random("float32")
    for values in (rng.normal(size=5000), rng.uniform(-8, 8, 5000), rng.distinct(5000, 2.0**-10)):
        assert (values.astype(np.float32).astype(np.float64) == values).all()


CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("normal"), st.sampled_from([0.0, 1.0]), st.sampled_from([1.0, 2.0]), st.integers(0, 3)),
        st.tuples(st.just("uniform"), st.just(-1.0), st.sampled_from([1.0, 2.0]), st.sampled_from([(), (2,), (2, 3)])),
        st.tuples(st.just("normal"), st.just(0.0), st.just(np.array([1.0, 2.0])), st.just(2)),
        st.tuples(st.sampled_from(["permutation", "distinct"]), st.integers(0, 4)),
        st.tuples(st.just("integers"), st.just(0), st.integers(1, 9), st.integers(0, 3)),
    ),
    max_size=6,
)


@given(st.lists(CALLS, min_size=1, max_size=4))
@settings(deadline=None)
def test_what_was_drawn_before_makes_no_difference(runs: list[list[tuple[Any, ...]]]) -> None:
    draws = Draws()
    for calls in runs:
        one, other = Random("a", 1), Random("a", 1, draws=draws)
        for name, *how in calls:
            want, got = getattr(one, name)(*how), getattr(other, name)(*how)
            assert type(got) is type(want)
            assert np.array_equal(got, want)
            if isinstance(got, np.ndarray):
                got[...] = 0  # checks may write into what they are given


def test_what_is_kept_has_an_end() -> None:
    draws = Draws(room=100)
    for number in range(10):
        Random(number, draws=draws).normal(size=5)
    assert draws.find(draws_key(0)) is not None
    assert draws.find(draws_key(9)) is None


def draws_key(number: int) -> tuple[Any, ...]:
    return (hashlib.sha256(str(number).encode()).digest(), 0, "_normal", 0.0, 1.0, (5,))


def test_every_part_of_the_seed_counts() -> None:
    seeds = [("a",), ("b",), ("a", 0), ("a", 1), ("a", "b"), ("ab",), ("a", "", "b"), (0,), ("a", 2**200)]
    assert len({Random(*seed).normal(size=4).tobytes() for seed in seeds}) == len(seeds)
    assert (Random("a", 1).normal(size=4) == Random("a", 1).normal(size=4)).all()


def test_global_random_state_does_not_matter_and_is_left_alone() -> None:
    np.random.seed(0)
    first = Random("x").normal(size=3)
    state = np.random.get_state(legacy=False)["state"]["pos"]
    np.random.seed(1)
    assert (Random("x").normal(size=3) == first).all()
    np.random.seed(0)
    Random("x").normal(size=3)
    assert np.random.get_state(legacy=False)["state"]["pos"] == state


def test_distributions_are_what_they_say() -> None:
    rng = Random("statistics")
    normal = rng.normal(3.0, 2.0, 100_000)
    assert abs(normal.mean() - 3) < 0.03
    assert abs(normal.std() - 2) < 0.03
    assert abs((np.abs(normal - 3) < 2).mean() - 0.6827) < 0.01
    uniform = rng.uniform(-1, 3, 100_000)
    assert abs(uniform.mean() - 1) < 0.02
    assert uniform.min() >= -1
    assert uniform.max() <= 3
    counts = np.bincount(rng.integers(0, 7, 70_000), minlength=7)
    assert counts.size == 7
    assert (abs(counts - 10_000) < 500).all()


@pytest.mark.parametrize("size", [(), 0, 1, (2, 3), (2, 0, 3)])
def test_sizes(size: int | tuple[int, ...]) -> None:
    rng = Random("sizes")
    shape = (size,) if isinstance(size, int) else size
    for values in (rng.normal(size=size), rng.uniform(size=size), rng.integers(0, 5, size), rng.distinct(size)):
        assert np.shape(values) == shape
        assert np.isfinite(values).all()


def test_distinct_has_no_ties_and_permutations_leave_nothing_out() -> None:
    rng = Random("ties")
    values = np.sort(rng.distinct((7, 11, 3)).ravel())
    assert (np.diff(values) == 2.0**-6).all()
    assert sorted(rng.permutation(50)) == list(range(50))
