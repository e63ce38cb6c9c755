"""What is kept of a wrong answer."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.checking import expect
from grader.checking.evidence import let_go, wrong_of
from grader.errors import StudentRaisedError, WrongAnswerError


def _failure(answer: NDArray[Any]) -> WrongAnswerError:
    with pytest.raises(WrongAnswerError) as caught:
        expect.close((answer, "text"), (np.zeros(3), np.zeros(3)), ["x", "y"])
    return caught.value


def test_a_failure_lets_go_of_its_answers_and_is_recognised_all_the_same() -> None:
    answer = np.arange(3.0)
    lives, failure = weakref.ref(answer), _failure(answer)
    before = wrong_of(failure)
    assert set(before.arrays) == {"x"}
    let_go(failure)
    del answer
    gc.collect()  # of what pytest holds on to
    assert lives() is None
    assert wrong_of(failure) == before
    let_go(failure)
    assert wrong_of(failure) == before


def test_other_failures_have_nothing_to_let_go_of() -> None:
    failure = StudentRaisedError("ValueError: so", {"frame": None})
    before = wrong_of(failure)
    let_go(failure)
    assert wrong_of(failure) == before
