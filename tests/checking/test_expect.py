"""Expectations: what passes, and the sentence that a student reads where it does not."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.checking import expect
from grader.errors import FaultError, WrongAnswerError
from grader.sandbox.wire import DTYPES, Handle, Opaque

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])


def failure(*args: Any, **kwargs: Any) -> WrongAnswerError:
    with pytest.raises(WrongAnswerError) as caught:
        expect.close(*args, **kwargs)
    assert caught.value.message.isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (W, W),
        (W + 1e-5, W),
        (W.astype(np.float32), W),
        (W.astype(int), W),
        (np.asfortranarray(W), W),
        (3.0, 3.0),
        (np.float32(3), np.array(3.0)),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        ({"a": W, "b": 1.0, "more": 3}, {"a": W, "b": 1.0}),
        ((W, 1.0), (W, 1.0)),
        ([W, {"a": 1.0}], (W, {"a": 1.0})),
    ],
)
def test_close_values_pass(got: Any, want: Any) -> None:
    expect.close(got, want)


def test_the_worst_element_is_shown() -> None:
    got = W.copy()
    got[1, 0], got[0, 2] = 4.5, 3.1
    error = failure(got, W, "out")
    assert error.message == "out[1, 0] is 4.5, should be 4 (the worst; 2 of 6 elements are wrong)"
    assert {key: value for key, value in error.details.items() if key != "pictures"} == {
        "name": "out",
        "index": [1, 0],
        "got": 4.5,
        "want": 4.0,
        "error": pytest.approx(0.5 / 7),
        "wrong": 2,
        "of": 6,
    }


@pytest.mark.parametrize(
    ("got", "want", "end"),
    [
        (-W, W, "; every sign is the wrong way round"),
        (2 * W, W, "; every element is 2 times what it should be"),
        (W / 6, W, "; every element is 0.1667 times what it should be"),
        (W + 3, W, "; every element is off by 3"),
        (np.zeros_like(W), W, "; all are zero"),
        (W * np.nan, W, "; every element is NaN"),
        (np.where(W > 3, np.nan, W), W, "; 3 of 6 are NaN"),
        (np.where(W > 3, np.inf, W), W, "; 3 of 6 are infinite"),
        (W[:, :2].T, W[:, :2], "; it is the transpose of what it should be"),
        (W**2, W, "(the worst; 5 of 6 elements are wrong)"),
        (np.where(W > 1, np.inf, W), W, "; 5 of 6 are infinite"),
        (W * 1e300, W, " times what it should be"),
        (2.0, 1.0, "the result is 2, should be 1"),
        (0.0, 1.0, "the result is 0, should be 1"),
    ],
)
def test_what_wrong_values_look_like_as_a_whole_is_said(got: Any, want: Any, end: str) -> None:
    assert failure(got, want).message.endswith(end)


@pytest.mark.parametrize(
    ("got", "want", "message"),
    [
        (W.T, W, "out.shape is (3, 2), should be (2, 3)"),
        (W.reshape(1, 2, 3), W, "out.shape is (1, 2, 3), should be (2, 3)"),
        (3.0, W, "out is a single number, should be (2, 3)"),
        (np.zeros(1), np.array(0.0), "out.shape is (1,), should be ()"),
        (None, W, "out is None, should be a numpy array: is it computed, and returned?"),
        ([1.0], W, "out is a list of 1, should be a numpy array: make it one with np.array"),
        (W > 2, W, "out has dtype bool, should have floating point numbers"),
        (W, {"a": W, "b": W}, "out is an array of shape (2, 3), should be a dict with a, b"),
        ({"a": W}, {"a": W, "b": W}, "out has no 'b'; it has a"),
        ({}, {"b": W}, "out has no 'b'; it has nothing"),
        ({"\x1b[31m\nx": 1}, {"b": W}, "out has no 'b'; it has x"),
        ({"b": W.T}, {"b": W}, "out['b'].shape is (3, 2), should be (2, 3)"),
        ({"b": None}, {"b": W}, "out['b'] is None, should be a numpy array: is it computed, and returned?"),
        (W, (W, W), "the result is an array of shape (2, 3), should be 2 values: out[0], out[1]"),
        ((W,), (W, W), "the result is a tuple of 1, should be 2 values: out[0], out[1]"),
        (Opaque("torch.Tensor"), W, "out is a torch.Tensor, should be a numpy array: make it one with .numpy()"),
    ],
)
def test_answers_of_another_form_are_told(got: Any, want: Any, message: str) -> None:
    assert failure(got, want, "out").message == message


def test_each_value_of_a_tuple_has_a_name() -> None:
    assert failure((W, W + 1), (W, W), ["dx", "dw"]).message.startswith("dw[")
    assert failure((W, W + 1), (W, W), "grads").message.startswith("grads[1][")


def test_a_tolerance_of_its_own() -> None:
    expect.close(W + 0.05, W, tolerance=0.01)
    failure(W + 0.05, W, tolerance=0.001)
    expect.close({"a": W + 0.05}, {"a": W}, tolerance=0.01)
    expect.close((W + 0.05,), (W,), tolerance=0.01)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(sorted(DTYPES)).flatmap(
        lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    )
    | st.sampled_from([np.float16(1), np.uint64(2**64 - 1), np.int64(-(2**63)), np.complex64(1j), np.bool_(True)])
    | st.sampled_from([Handle(1, "x"), Opaque("\x1b[2Jx", "y\n")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=4,
)
wanted = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))


@given(anything, wanted | st.fixed_dictionaries({"a": wanted}) | st.tuples(wanted, wanted))
@settings(deadline=None, derandomize=True, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_no_answer_of_a_student_makes_a_fault(got: Any, want: Any) -> None:
    judged(expect.close, got, want, "out")
    if isinstance(want, np.ndarray):
        judged(expect.equal, got, want, "out")
        judged(expect.shape, got, want.shape, "out")


@given(wanted)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_values_of_the_right_shape_and_any_size_make_no_fault(want: Any) -> None:
    for got in (np.full(want.shape, 1e308), np.full(want.shape, -5e-324), np.where(want > 0, np.nan, want), -want):
        judged(expect.close, got, want)


def judged(expectation: Any, *args: Any) -> None:
    """Expect a verdict: nothing, or a wrong answer in one line."""
    message = ""
    try:
        expectation(*args)
    except WrongAnswerError as error:
        message = error.message
    assert message.isprintable()


# --- the others -------------------------------------------------------------------------------------------------------


def test_equal_means_every_bit() -> None:
    expect.equal(W, W.copy())
    expect.equal(np.array([np.nan]), np.array([np.nan]))
    expect.equal(3, 3)
    expect.equal("a", "a")
    for got, want in [(W + 1e-15 * W, W), (W.T, W), (3.0, 3), (None, 3), ("a", "b"), (None, W)]:
        with pytest.raises(WrongAnswerError):
            expect.equal(got, want, "out")


def test_shape_alone() -> None:
    expect.shape(W, (2, 3))
    expect.shape(W, [2, 3])
    with pytest.raises(WrongAnswerError, match=r"out\.shape is \(2, 3\), should be \(3, 2\)"):
        expect.shape(W, (3, 2), "out")


def test_a_condition_is_a_truth_value() -> None:
    expect.that(True, "")
    expect.that(np.bool_(True), "")
    with pytest.raises(WrongAnswerError, match="too few") as caught:
        expect.that(math.pi > 4, "too few", count=3)
    assert caught.value.details == {"count": 3}
    for condition in (W > 3, 1, None, "yes"):
        with pytest.raises(FaultError, match=r"expect\.that was given no condition"):
            expect.that(condition, "")  # type: ignore[arg-type]  # that is the point


def called(*changed: str) -> Any:
    return SimpleNamespace(last=SimpleNamespace(name="f", changed=list(changed)))


def test_unchanged_names_what_changed() -> None:
    expect.unchanged(called())
    with pytest.raises(WrongAnswerError) as caught:
        expect.unchanged(called("x", "config['mode']"))
    assert caught.value.message == (
        "f changes its argument x, config['mode'] in place; the caller still needs it: work on a copy"
    )
    assert caught.value.details == {"changed": ["x", "config['mode']"]}


def test_what_may_change_is_named_whole() -> None:
    expect.unchanged(called("w", "config['t']", "config['m']"), "w", "config")
    expect.unchanged(called("bn_param['running_mean']"), "bn_param['running_mean']")
    with pytest.raises(WrongAnswerError, match="changes its argument weights in place"):
        expect.unchanged(called("w", "weights"), "w")


def test_unchanged_before_any_call_is_the_checks_fault() -> None:
    with pytest.raises(FaultError, match="before any call"):
        expect.unchanged(SimpleNamespace(last=None))  # type: ignore[arg-type]  # all that is looked at
