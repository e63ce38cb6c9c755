"""The one measure of error, and the one table."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from grader.checking.tolerance import FLOOR, TOLERANCE, relative_error


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
