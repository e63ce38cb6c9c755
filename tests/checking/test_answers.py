"""Recorded answers: found by what was asked, worked out where there is none, and never in the way."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checking.answers import MOST_ANSWERS, Answers, answer_to, read_answers, together, write_answers

A = np.arange(6.0).reshape(2, 3)
TUPLE = tuple(np.full((2,), float(i)) for i in range(12))
DICT = {"W1": A, "b1": np.array(0.5), "odd name-t0/d": A.T}


def same(got: Any, want: Any) -> bool:
    if isinstance(want, tuple):
        return isinstance(got, tuple) and len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, dict):
        return isinstance(got, dict) and list(got) == list(want) and all(same(got[key], want[key]) for key in want)
    return isinstance(got, np.ndarray) and got.dtype == want.dtype and np.array_equal(got, want)


def never() -> Any:
    pytest.fail("it is recorded")


def test_answers_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a" / "q.npz"
    answers = {
        "array": A,
        "number": np.array(0.5),
        "tuple": TUPLE,
        "one": (A,),
        "dict": DICT,
        "both": (A, DICT, (A, A)),
    }
    write_answers(path, answers)
    got = read_answers(path)
    assert set(got) == set(answers)
    assert all(same(got[name], answers[name]) for name in answers)
    assert [file.name for file in path.parent.iterdir()] == ["q.npz"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_records_come_first_then_the_cache_then_work(tmp_path: Path) -> None:
    records, cache = tmp_path / "records.npz", tmp_path / "cache.npz"
    write_answers(records, {"both": A, "recorded": A})
    write_answers(cache, {"both": A + 1, "cached": A + 1})
    answers = Answers(records, cache)
    with answers.in_use():
        assert same(answer_to("both", never), A)
        assert same(answer_to("recorded", never), A)
        assert same(answer_to("cached", never), A + 1)
        assert same(answer_to("new", lambda: A + 2), A + 2)
        assert same(answer_to("new", never), A + 2)
    answers.save()
    assert set(read_answers(cache)) == {"both", "recorded", "cached", "new"}
    assert set(read_answers(records)) == {"both", "recorded"}
    assert set(answers.asked) == {"both", "recorded", "cached", "new"}


def test_nothing_is_recorded_where_no_records_are_in_use() -> None:
    answers = Answers()
    answer_to("x", lambda: A)
    assert answers.asked == {}
    with answers.in_use(), Answers().in_use():
        answer_to("x", lambda: A)
    assert answers.asked == {}


def test_records_are_out_of_use_after_an_error() -> None:
    answers = Answers()
    with pytest.raises(KeyError), answers.in_use():
        raise KeyError
    answer_to("x", lambda: A)
    assert answers.asked == {}


def test_a_check_may_write_into_an_answer(tmp_path: Path) -> None:
    cache = tmp_path / "cache.npz"
    answers = Answers(cache=cache)
    with answers.in_use():
        for answer in (answer_to("x", lambda: (A.copy(), {"a": A.copy()})), answer_to("x", never)):
            answer[0][...] = 7
            answer[1]["a"][...] = 7
        assert same(answer_to("x", never)[0], A)
    answers.save()


def test_a_cache_is_written_only_when_there_is_something_new(tmp_path: Path) -> None:
    cache = tmp_path / "cache.npz"
    answers = Answers(cache=cache)
    answers.save()
    assert not cache.exists()
    write_answers(cache, {"x": A, "old": A})
    before = cache.read_bytes()
    answers = Answers(cache=cache)
    with answers.in_use():
        answer_to("x", never)
    answers.save()
    assert cache.read_bytes() == before


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answers = Answers(cache=tmp_path / "file" / "cache.npz")
    with answers.in_use():
        assert same(answer_to("x", lambda: A), A)
    answers.save()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "q.npz"
    write_answers(path, {"x": A})

    class Unwritable:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        write_answers(path, {"x": Unwritable()})
    assert same(read_answers(path)["x"], A)
    assert [file.name for file in tmp_path.iterdir()] == ["q.npz"]


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive", b"\x93NUMPY", b"\0" * 1000])
def test_a_file_that_is_none_holds_no_answers(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "q.npz"
    path.write_bytes(content)
    assert read_answers(path) == {}
    assert read_answers(tmp_path / "nothing.npz") == {}
    assert read_answers(tmp_path) == {}


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    path = tmp_path / "q.npz"
    np.savez(path, x=np.array([print], dtype=object))
    assert read_answers(path) == {}
    path.write_bytes(np.array([print], dtype=object).dumps())
    assert read_answers(path) == {}


def test_damage_means_no_answers_or_the_right_ones(tmp_path: Path) -> None:
    path = tmp_path / "q.npz"
    write_answers(path, {"x": A, "t": TUPLE[:2]})
    whole = path.read_bytes()
    rng = random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(bytes(damaged[: rng.choice([len(damaged), rng.randrange(len(damaged))])]))
        got = read_answers(path)
        if "x" in got:
            assert same(got["x"], A)


def test_what_was_not_asked_for_this_time_stays_in_the_cache(tmp_path: Path) -> None:
    """Whoever finds a precedent asks for nothing; but not everything can be kept for ever."""
    cache = tmp_path / "cache.npz"
    for name in ("first", "second", "third"):
        answers = Answers(cache=cache)
        with answers.in_use():
            answer_to(name, lambda: A)
        answers.save()
    assert set(read_answers(cache)) == {"first", "second", "third"}
    many = {f"{number}": A for number in range(MOST_ANSWERS)}
    assert together(many, {"0": A}) == many
    assert together(many, {"new": A}) == {"new": A}
