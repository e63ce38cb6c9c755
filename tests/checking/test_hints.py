"""Which misconception is named: evidence made by hand, of functions f and g of one question."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.checking.evidence import Evidence, Wrong, label_of, wrong_of
from grader.checking.fingerprint import fingerprint
from grader.checking.hintfile import Recorded, read_hints, write_hints
from grader.checking.hints import Known, know, recognise
from grader.errors import StudentRaisedError, WrongAnswerError

X = np.random.default_rng(3).normal(size=(3, 4))


def arrays(**values: Any) -> Wrong:
    return wrong_of(WrongAnswerError("wrong", {}, values, ("dx", "dw")))


def message(text: str) -> Wrong:
    return wrong_of(WrongAnswerError(text))


def evidence(**places: Wrong | None) -> Evidence:
    """Return evidence of two checks with two cases each; ``a1`` is the first case of check a."""
    return {(name[0], name[1:]): places.get(name) for name in ("a1", "a2", "b1", "b2")}


def known(id: str, *runs: Evidence, sentence: str = "") -> Known:
    return know(id, sentence or f"{id}.", runs)


def named(found: Evidence, *candidates: Known) -> dict[str, str]:
    return {check: one.id for check, one in sorted(recognise(found, candidates).items())}


DX = known("dx", evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X)))
DW = known("dw", evidence(a1=arrays(dw=X + 1), b1=arrays(dw=X + 2)))
BOTH = known("both", evidence(a1=arrays(dx=X, dw=X + 1), a2=arrays(dx=2 * X)))


def test_the_same_wrong_answers_are_named() -> None:
    assert named(evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X)), DX, DW, BOTH) == {"a": "dx"}
    again = evidence(a1=arrays(dx=X.astype(np.float32)), a2=arrays(dx=2 * X * (1 + 1e-6)))
    assert named(again, DX, DW, BOTH) == {"a": "dx"}


@pytest.mark.parametrize(
    "found",
    [
        evidence(),
        evidence(a1=arrays(dx=X)),  # right in a case in which it should be wrong
        evidence(a1=arrays(dx=X), a2=arrays(dx=2.01 * X)),
        evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X), b1=arrays(dw=X)),  # something else besides, which nobody knows
        evidence(a1=arrays(dx=X, dw=X), a2=arrays(dx=2 * X)),
        evidence(a1=arrays(dw=X), a2=arrays(dw=2 * X)),  # the same values by another name
        evidence(a1=message("dx is None"), a2=message("dx is None")),
    ],
)
def test_silence_beats_a_guess(found: Evidence) -> None:
    assert named(found, DX, DW) == {}


def test_two_mistakes_at_once_are_named_where_they_show() -> None:
    found = evidence(a1=arrays(dx=X, dw=X + 1), a2=arrays(dx=2 * X), b1=arrays(dw=X + 2))
    assert named(found, DX, DW) == {"b": "dw"}  # in a there are both
    assert named(found, DX, DW, BOTH) == {"a": "both", "b": "dw"}


def test_an_in_place_change_hides_no_other_mistake() -> None:
    writes = message("f changes its argument x in place")
    assert named(evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X), b2=writes), DX, DW) == {"a": "dx"}


def test_another_wrong_answer_to_a_robust_check_says_nothing() -> None:
    found = evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X), b1=arrays(dw=np.inf * X))
    candidate = known("overflow", evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X), b1=arrays(dw=X)))
    assert recognise(found, [candidate]) == {}
    assert recognise(found, [candidate], {"b"}) == {"a": candidate}
    assert recognise(found, [DX]) == {}
    assert recognise(found, [DX], {"b"}) == {"a": DX}


def test_one_sentence_is_one_candidate_and_two_are_none() -> None:
    found = evidence(a1=arrays(dx=X), a2=arrays(dx=2 * X))
    assert named(found, DX, known("twin", found, sentence="dx.")) == {"a": "dx"}
    assert named(found, DX, known("rival", found)) == {}


def test_what_was_not_tried_says_nothing() -> None:
    found = {place: wrong for place, wrong in evidence(a1=arrays(dx=X)).items() if place != ("a", "2")}
    assert named(found, DX) == {"a": "dx"}
    assert named({**found, ("c", "1"): arrays(dx=X)}, DX) == {"a": "dx"}


def test_what_differs_from_run_to_run_tells_nothing() -> None:
    random = known(
        "random",
        evidence(a1=arrays(dx=X), a2=arrays(dx=X), b1=arrays(dw=X)),
        evidence(a1=arrays(dx=X), a2=arrays(dx=3 * X), b1=None),
    )
    assert (random.loose, set(random.wrong)) == ({("a", "2"), ("b", "1")}, {("a", "1")})
    assert named(evidence(a1=arrays(dx=X), a2=arrays(dx=7 * X)), random) == {"a": "random"}
    assert named(evidence(a1=arrays(dx=X)), random) == {"a": "random"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30.1% of the values are kept", "29.4% of the values are kept", True),
        ("30.1% of the values are kept", "70% of the values are kept", False),
        ("30% of the values are kept", "30% of the values are dropped", False),
        ("out.shape is (3, 4)", "out.shape is (3, 4)", True),
        ("out.shape is (20, 4)", "out.shape is (21, 4)", False),
        ("a rate of 1.5e-05", "a rate of 1.6e-05", True),
        ("nan", "nan", True),
    ],
)
def test_statistics_in_messages_are_compared_roughly_and_counts_exactly(one: str, other: str, same: bool) -> None:
    assert message(one).explains(message(other)) is same
    assert message(other).explains(message(one)) is same


def test_the_students_line_is_no_part_of_a_mistake() -> None:
    def raised(line: int) -> Wrong:
        frame = {"file": "layers.py", "line": line, "function": "f", "source": f"y{line} = x @ w"}
        text = f"ValueError: no (layers.py line {line}, in f: y{line} = x @ w)"
        return wrong_of(StudentRaisedError(text, {"frame": frame}))

    assert raised(3).explains(raised(7))
    assert not raised(3).explains(wrong_of(StudentRaisedError("TypeError: no")))


def test_what_is_no_number_has_no_fingerprint() -> None:
    wrong = wrong_of(WrongAnswerError("no", {}, {"dx": np.array([None, 1]), "dw": np.array(["a"])}, ("dx", "dw")))
    assert wrong.arrays == {}


def test_cases_are_named_alike_in_every_run() -> None:
    assert label_of({"n": 1, "of": len}) == "n=1, of=<built-in function len>"
    assert label_of({"f": object()}) == "f=<object object>"


def test_records_can_be_written_and_read() -> None:
    random = known("random", evidence(a1=arrays(dx=X), b1=arrays(dx=X)), evidence(a1=arrays(dx=X)))
    talks = Known("talks", "A sentence.", {("a", "1"): message("30% of 4")}, frozenset([("a", "1")]))
    record = Recorded("0123", 7, (DX, DW, BOTH, random, talks))
    data = write_hints(record)
    assert read_hints(data) == record
    assert write_hints(record) == data
    only = record.only(["b"])
    assert [one.id for one in only.known] == ["dw"]
    assert only.known[0].tried == {("b", "1"), ("b", "2")}


@pytest.mark.parametrize(
    "change",
    [
        (b"grader.hints/2", b"grader.hints/3"),
        (b'"seed": 7', b'"seed": null'),
        (b'"what":"', b'"what":3,"x":"'),
        (b'"id":"dx"', b'"name":"dx"'),
        (b'["a", "1"]', b'["a"]'),
        (b'"wrong":{"0"', b'"wrong":{"99"'),
        (b"(3x4) ", b"(3xx4) "),
        (b"}", b""),
    ],
)
def test_a_damaged_record_is_none(change: tuple[bytes, bytes]) -> None:
    data = write_hints(Recorded("0123", 7, (DX,)))
    assert change[0] in data
    assert read_hints(data.replace(*change)) is None


def test_fingerprints_are_of_the_wrong_arrays_only() -> None:
    assert arrays(dx=X).arrays == {"dx": fingerprint(X)}
