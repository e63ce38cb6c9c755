"""The one measure of error, and the one table."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.checking.tolerance import FLOOR, TOLERANCE, relative_error, within


def test_the_table() -> None:
    assert FLOOR == 1e-2
    assert dict(TOLERANCE) == {
        "oracle": 1e-4,
        "numeric gradient": 1e-3,
        "two devices": 1e-4,
        "reference on two devices": 1e-8,
    }


@pytest.mark.parametrize(
    ("got", "want", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], [0, 0]),
        ([1.0, 2.2], [1.0, 2.0], [0, 0.1]),
        ([1e-6], [0.0], [1e-4]),
        ([1.0, 100.0], [2.0, 100.0], [0.01, 0]),
        ([nan, inf, -inf], [nan, inf, -inf], [0, 0, 0]),
        ([nan, 1.0, -inf], [1.0, nan, inf], [inf, inf, inf]),
        ([inf, 5.0], [10.0, 10.0], [inf, 0.5]),
        ([1e308], [-1e308], [inf]),
        ([3], [2], [0.5]),
        ([], [], []),
        (3.0, 2.0, 0.5),
    ],
)
def test_the_error(got: Any, want: Any, error: Any) -> None:
    assert relative_error(np.asarray(got), np.asarray(want)) == pytest.approx(np.asarray(error), rel=1e-9)


@given(hnp.arrays(np.float64, 4), hnp.arrays(np.float64, 4))
@settings(deadline=None, derandomize=True)
def test_it_is_always_a_number_from_zero_up(got: Any, want: Any) -> None:
    error = relative_error(got, want)
    assert (error >= 0).all()
    assert (relative_error(want, want) == 0).all()
    assert (relative_error(got, want)[got == want] == 0).all()


@given(hnp.arrays(np.float64, (3,)), hnp.arrays(np.float64, (3,)), st.sampled_from([0.0, 1e-4, 1.0, 1e300]))
@settings(deadline=None)
def test_the_sooner_way_says_the_same_of_what_is_finite(got: Any, want: Any, limit: float) -> None:
    slow = bool((relative_error(got, want) <= limit).all())
    assert within(got, want, limit) == (slow and bool(np.isfinite(want).all() and np.isfinite(got).all()))


@given(hnp.arrays(np.float64, (3,), elements=st.floats(-10, 10)), st.floats(0, 1e-3))
@settings(deadline=None)
def test_the_sooner_way_says_the_same_of_what_is_close(want: Any, by: float) -> None:
    got = want + np.array([by, 0, -by])
    assert within(got, want, 1e-4) == bool((relative_error(got, want) <= 1e-4).all())


def test_the_sooner_way_takes_small_whole_numbers_for_what_they_are() -> None:
    assert not within(np.array([0], dtype=np.uint8), np.array([255], dtype=np.uint8), 1e-4)
    assert not within(np.array([1], dtype=np.uint8), np.array([2], dtype=np.uint8), 1e-4)
    assert within(np.array([], dtype=np.uint8), np.array([]), 0.0)
