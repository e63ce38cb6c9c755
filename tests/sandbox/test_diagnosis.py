"""Removed names and what to write instead."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from grader.errors import AnswerError, StudentRaisedError
from grader.sandbox.diagnosis import REMOVED_FROM_NUMPY, describe_frame, describe_remark, diagnose, plain_frame


@pytest.mark.parametrize("name", REMOVED_FROM_NUMPY)
def test_what_is_to_be_written_instead_is_there(name: str) -> None:
    instead = REMOVED_FROM_NUMPY[name].removeprefix("-")
    if instead.startswith("np."):
        functools.reduce(getattr, instead.partition("(")[0].split(".")[1:], np)


def message_of(name: str) -> str:
    """Return what numpy, or Python itself, says of a name that is not there."""
    with pytest.raises(AttributeError) as caught:
        getattr(np, name)
    return str(caught.value)


@pytest.mark.filterwarnings("ignore:In the future:FutureWarning")  # np.object and np.str may come back
@pytest.mark.parametrize("name", [name for name in REMOVED_FROM_NUMPY if name not in np.__dict__])
def test_every_removed_name_is_recognised_by_this_numpys_words(name: str) -> None:
    error = diagnose("f", {"error": {"kind": "raised", "type": "AttributeError", "message": message_of(name)}})
    assert error.message == f"NumPy has no np.{name} any more: write {REMOVED_FROM_NUMPY[name]}"


@pytest.mark.parametrize("reply", [{}, {"error": None}, {"error": []}, {"error": {}}, {"error": {"kind": 3}}])
def test_a_reply_that_says_nothing_is_an_error_all_the_same(reply: dict[str, object]) -> None:
    error = diagnose("f", reply)
    assert isinstance(error, AnswerError)
    assert type(error) is StudentRaisedError
    assert error.message.isprintable()


def test_frames_are_told_in_one_line() -> None:
    frame = {"file": "layers.py", "line": 12, "function": "f", "source": "out = x @ w"}
    assert describe_frame(frame) == "layers.py line 12, in f: out = x @ w"
    assert describe_frame({**frame, "function": ""}) == "layers.py line 12: out = x @ w"
    assert describe_frame({**frame, "source": ""}) == "layers.py line 12, in f"
    assert describe_frame({**frame, "line": 0, "function": "", "source": ""}) == "layers.py"


def test_only_plain_frames_are_taken() -> None:
    assert plain_frame(None) is None
    assert plain_frame([1]) is None
    frame = plain_frame({"file": "a\nb", "line": True, "function": None, "source": "x" * 1000, "more": 1})
    assert frame is not None
    assert set(frame) == {"file", "line", "function", "source"}
    assert (frame["file"], frame["line"], frame["function"]) == ("a b", 0, "")
    assert len(frame["source"]) <= 160


@pytest.mark.parametrize("remark", [None, 3, {}, {"frame": 3}, {"kind": "absent", "module": "x"}])
def test_what_is_no_remark_is_none(remark: object) -> None:
    assert describe_remark(remark) == ""
