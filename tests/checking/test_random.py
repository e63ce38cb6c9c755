"""The stream of random numbers, which may never change: recorded answers are found by the inputs made of it."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from grader.checking.random import Random


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
