from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.checking import expect, pictures
from grader.checking.levels import for_students, limited
from grader.checking.strictjson import dump
from grader.checking.tolerance import TOLERANCE, relative_error
from grader.errors import WrongAnswerError
from grader.sandbox.wire import Tensor
from tests.reports.conftest import make_check, make_question, make_report

LIMIT = TOLERANCE["oracle"]


def failure(got: Any, want: Any, name: Any = "out") -> WrongAnswerError:
    with pytest.raises(WrongAnswerError) as caught:
        expect.close(got, want, name)
    return caught.value


def shown(got: Any, want: Any, name: Any = "out") -> list[pictures.Picture]:
    found = failure(got, want, name).details.get("pictures", [])
    assert isinstance(found, list)
    return found


def test_a_map_shows_the_slice_with_the_worst_element() -> None:
    want = np.arange(2 * 3 * 4 * 5, dtype=float).reshape(2, 3, 4, 5)
    got = want.copy()
    got[1, 2, 0, 3] += 50
    (drawn,) = shown(got, want)
    assert drawn["index"] == [1, 2]
    assert drawn["worst"] == [0, 3]
    assert drawn["want"] == want[1, 2].tolist()
    assert drawn["got"] == got[1, 2].tolist()
    assert np.count_nonzero(drawn["error"]) == 1
    assert drawn["error"][0][3] == pytest.approx(50 / 119, rel=1e-3)
    assert drawn["where"] == ""  # one of sixty: that it is there, and nowhere else, says nothing


def test_a_map_is_a_window_around_the_worst_element() -> None:
    want = np.zeros((100, 90))
    got = want.copy()
    got[99, 40] = 1
    (drawn,) = shown(got, want)
    assert (drawn["top"], drawn["left"]) == (76, 28)
    assert np.shape(drawn["got"]) == (pictures.CELLS, pictures.CELLS)
    assert drawn["got"][99 - 76][40 - 28] == 1
    assert len(dump(drawn)) < 60_000


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (np.s_[:, :, 0, :], "only in out[:, :, 0, :]"),
        (np.s_[:, 1], "only in out[:, 1, :, :]"),
        (np.s_[:, :, :, [0, 5]], "only in out[:, :, :, 0] and out[:, :, :, 5]"),
        (np.s_[...], ""),
    ],
)
def test_a_map_says_where(wrong: Any, where: str) -> None:
    want = np.ones((3, 4, 6, 6))
    got = want.copy()
    got[wrong] = 2
    assert shown(got, want)[0]["where"] == where


def test_a_map_says_that_it_is_the_border() -> None:
    want = np.ones((3, 4, 6, 6))
    got = np.full((3, 4, 6, 6), 2.0)
    got[..., 1:-1, 1:-1] = 1
    assert shown(got, want)[0]["where"] == "only in the outermost rows and columns"


def test_a_map_says_nothing_of_what_may_be_chance() -> None:
    want = np.ones((3, 4))
    got = want.copy()
    got[[0, 0, 0, 1, 2], [0, 1, 2, 0, 1]] = 2  # half of the border, of an array that is little else
    assert shown(got, want)[0]["where"] == ""


def test_one_axis_is_one_row() -> None:
    (drawn,) = shown(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    assert drawn["got"] == [[1.0, 2.0, 4.0]]
    assert drawn["worst"] == [0, 2]


def test_a_number_and_a_wrong_shape_have_no_map() -> None:
    assert shown(2.0, 1.0) == []
    assert shown(np.ones((2, 3)), np.ones((3, 2))) == []
    assert shown(None, np.ones((3, 2))) == []


def test_bars_of_several_arrays() -> None:
    good, bad = np.ones(3), np.array([1.0, 1.0, 3.0])
    got = {"W1": good, "W2": bad, "b1": np.ones(4), "b2": "no array"}
    *_, drawn = shown(got, {"W1": good, "W2": good, "b1": good, "b2": good, "b3": good}, "grads")
    assert {bar["name"]: (bar["error"], bar["note"]) for bar in drawn["bars"]} == {
        "grads['W1']": (0.0, ""),
        "grads['W2']": (2.0, ""),
        "grads['b1']": (None, "wrong shape"),
        "grads['b2']": (None, "missing"),
        "grads['b3']": (None, "missing"),
    }


def test_a_tuple_of_another_length() -> None:
    assert shown((np.ones(2),), (np.ones(2), np.ones(3))) == []
    ragged = {"a": np.ones(2), "b": np.ones(3)}
    assert [drawn["kind"] for drawn in shown((1, 2), (ragged, np.ones(4)), ["grads", "x"])] == ["bars"]


def test_tensors_are_drawn_by_their_values() -> None:
    want = np.ones((2, 2))
    tensor = Tensor("float32", (2, 2), "cpu", False, np.zeros((2, 2), dtype=np.float32))
    assert shown(tensor, want)[0]["got"] == [[0.0, 0.0], [0.0, 0.0]]


numbers = st.one_of(
    arrays.arrays(
        st.sampled_from(["f2", "f4", "f8", "i1", "i8", "u8"]), arrays.array_shapes(min_dims=0, max_dims=5, max_side=5)
    ),
    arrays.arrays("f8", st.tuples(st.integers(0, 3), st.integers(0, 60))),
)
anything = st.one_of(numbers, st.none(), st.text(), st.lists(numbers, max_size=3), st.floats(), st.integers())


@given(anything, numbers, st.text(max_size=200))
def test_no_answer_breaks_a_picture(got: Any, want: Any, name: str) -> None:
    try:
        expect.close(got, want, name)
    except WrongAnswerError as error:
        drawn = error.details.get("pictures", [])
        assert json.loads(dump({"pictures": drawn}))["pictures"] == drawn
        for picture in drawn:
            assert max(np.shape(picture["got"])) <= pictures.CELLS
    else:
        assert (relative_error(got, want) <= LIMIT).all()


@given(st.dictionaries(st.text(max_size=3), anything, max_size=4), st.dictionaries(st.text(max_size=3), numbers))
def test_no_dict_breaks_a_picture(got: Any, want: Any) -> None:
    try:
        expect.close(got, want, "grads")
    except WrongAnswerError as error:
        drawn = error.details.get("pictures", [])
        assert json.loads(dump({"pictures": drawn}))["pictures"] == drawn
        assert len(drawn) <= 2


@given(st.lists(st.floats(), max_size=400))
def test_a_curve_keeps_its_ends(values: list[float]) -> None:
    drawn = pictures.curve(values)
    assert len(drawn["at"]) == len(drawn["values"]) <= pictures.POINTS
    if values:
        assert drawn["at"][0] == 0
        assert drawn["at"][-1] == len(values) - 1
    assert json.loads(dump(drawn)) == drawn


@given(numbers)
def test_filters_are_few_and_small(weights: Any) -> None:
    drawn = pictures.filters(weights, "W1")
    assert (drawn is None) == (weights.ndim != 4 or weights.size == 0)
    if drawn is not None:
        assert len(drawn["filters"]) <= pictures.FILTERS
        assert json.loads(dump(drawn)) == drawn


def secret(status: str, visibility: str = "hidden") -> Any:
    drawn = pictures.error_map("out", np.ones((2, 2)), np.full((2, 2), 7777.0), LIMIT)
    check = make_check(status, "out is 1, should be 7777", details={"pictures": [drawn]}, visibility=visibility)
    return make_report(make_question("one", check))


@pytest.mark.parametrize("status", ["failed", "passed", "error"])
def test_pictures_of_hidden_checks_are_not_for_students(status: str) -> None:
    assert "7777" in dump(secret(status).to_dict())
    assert "pictures" not in dump(for_students(secret(status)).to_dict())


@pytest.mark.parametrize("level", ["none", "what"])
def test_pictures_tell_where_so_they_are_not_in_lower_levels(level: str) -> None:
    assert "pictures" not in dump(limited(secret("failed", "public"), level).to_dict())


@pytest.mark.parametrize("level", ["where", "why"])
def test_pictures_are_in_higher_levels(level: str) -> None:
    assert "7777" in dump(limited(secret("failed", "public"), level).to_dict())
