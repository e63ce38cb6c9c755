from __future__ import annotations

from typing import Any

import pytest

from grader.checking.report import QuestionResult
from grader.classroom.record.attempt import Attempt
from grader.classroom.summary.attention import KINDS, reasons

from ..made import alike, attempt, check, question, report, special


def told(one: Attempt) -> list[tuple[str, str]]:
    return [(reason.kind, reason.text) for reason in reasons(one)]


def of(*questions: QuestionResult) -> list[tuple[str, str]]:
    return told(attempt("kim", report(*questions)))


def one(id: str, public: str = "passed", hidden: str = "passed", **more: Any) -> QuestionResult:
    return question(id, check("a", public, **more), check("b", hidden, visibility="hidden", **more))


def many(count: int, public: str = "passed", hidden: str = "passed", **more: Any) -> list[QuestionResult]:
    return [one(f"{public}_{hidden}_{place}", public, hidden, **more) for place in range(count)]


def test_most_need_no_look() -> None:
    assert of(*many(4), *many(1, "failed", "failed"), *many(1, "todo", "todo"), *many(1, "error", "error")) == []


def test_untouched_stubs_need_no_look() -> None:
    assert of(*many(3, "todo", "todo"), *many(2, "skipped", "skipped")) == []


def test_what_could_not_be_graded_says_why() -> None:
    assert told(attempt("kim", None, state="refused", problem="no zip\n at all")) == [("refused", "no zip at all")]
    assert told(attempt("kim", None, state="fault", problem="KeyError")) == [("fault", "KeyError")]


def test_faults_name_their_questions() -> None:
    made = report(*many(1), *many(4, "fault", "passed"))
    text = "in fault_passed_0, fault_passed_1, fault_passed_2 and fault_passed_3"
    assert told(attempt("kim", made)) == [("fault", text)]
    assert told(attempt("kim", made, state="fault")) == [("fault", text)]


@pytest.mark.parametrize(
    ("special", "right", "flagged"),
    [(1, 0, False), (2, 0, True), (2, 1, False), (3, 1, True), (3, 9, True), (3, 10, False)],
)
def test_hidden_checks_that_all_fail_where_all_others_pass(special: int, right: int, flagged: bool) -> None:
    found = of(*many(special, "passed", "failed"), *many(right))
    assert [kind for kind, _ in found] == ["hidden"] * flagged
    if flagged:
        names = {2: "passed_failed_0 and passed_failed_1", 3: "passed_failed_0, passed_failed_1 and passed_failed_2"}
        assert found[0][1] == f"{special} of {special + right} questions: {names[special]}"


def test_robust_checks_and_those_without_points_are_not_looked_at_for_that() -> None:
    robust = check("r", "failed", visibility="hidden", details={"robust": True})
    beside = check("p", "failed", 0.0, "hidden")
    assert of(*(question(f"q{place}", check("a"), robust, beside) for place in range(4))) == []


def test_a_hidden_check_that_passes_clears() -> None:
    hidden = [check("b", visibility="hidden"), check("c", "failed", visibility="hidden")]
    assert of(*(question(f"q{place}", check("a"), *hidden) for place in range(4))) == []


def test_nothing_but_errors() -> None:
    assert told(attempt("kim", alike("error", "layers.py is not there"))) == [("nothing_ran", "layers.py is not there")]
    assert of(*many(2, "error", "error", message="no"), *many(1, "todo", "todo")) == [("nothing_ran", "no")]
    assert of(*many(1, "error", "error")) == [("zero", "begun: error_error_0")]


@pytest.mark.parametrize(("right", "flagged"), [(3, True), (4, False)])
def test_most_questions_crashed_or_ran_out_of_time(right: int, flagged: bool) -> None:
    ended = [*many(2, "timeout", "skipped", message="too slow"), *many(1, "passed", "crashed", message="ended")]
    want = [("died", f"3 of {right + 3} questions: too slow")] * flagged
    assert of(*ended, *many(right)) == want


def test_no_points_though_code_was_written() -> None:
    wrong = many(5, "failed", "failed")
    assert of(*wrong) == [("zero", "begun: failed_failed_0, failed_failed_1, failed_failed_2 and 2 more")]


def test_one_submission_can_have_several_reasons() -> None:
    made = report(*many(3, "passed", "crashed", message="ended"), *many(1, "passed", "fault"))
    assert [kind for kind, _ in told(attempt("kim", made))] == ["fault", "hidden", "died"]


def test_every_kind_has_its_words() -> None:
    assert [kind for kind, _ in told(attempt("kim", special(["affine_forward", "adam"])))] == ["hidden"]
    assert set(KINDS) == {"fault", "refused", "hidden", "nothing_ran", "died", "zero"}
