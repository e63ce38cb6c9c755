from __future__ import annotations

from grader.checking.report import QuestionResult, Report
from grader.watching.board import Board

REPORT = Report("small", "/x", 1.0, 7, {"tier": "process"}, {}, ())


def question(name: str, status: str) -> QuestionResult:
    return QuestionResult(name, name, float(status == "passed"), 1.0, status, 0.5, ())


def board(**statuses: str) -> Board:
    made = Board("abcd")
    batch(made, **statuses)
    return made


def batch(of: Board, **statuses: str) -> None:
    of.begin()
    for name, status in statuses.items():
        of.put(question(name, status))
    of.end(REPORT)


def test_what_was_begun_is_mended_before_what_was_not() -> None:
    assert board(a="todo", b="passed", c="failed", d="error").focus == "c"
    assert board(a="passed", b="todo", c="passed", d="todo").focus == "b"
    assert board(a="passed", b="passed", c="passed", d="passed").focus == ""


def test_what_broke_comes_to_the_foreground() -> None:
    made = board(a="failed", b="passed", c="failed", d="todo")
    batch(made, b="failed", c="failed")
    assert made.focus == "b"


def test_what_is_worked_on_stays_there_until_it_is_right() -> None:
    made = board(a="passed", b="passed", c="failed", d="todo")
    batch(made, b="failed", c="error")
    assert made.focus == "c"
    batch(made, c="passed")
    assert made.focus == "b"


def test_what_is_saved_elsewhere_comes_to_the_foreground() -> None:
    made = board(a="failed", b="todo", c="todo", d="todo")
    batch(made, c="failed")
    assert made.focus == "c"
    batch(made, c="passed")
    assert made.focus == "a"


def test_next_goes_round_what_was_begun_and_then_to_the_rest() -> None:
    made = board(a="failed", b="passed", c="failed", d="todo")
    assert made.focus == "a"
    assert made.next() == "c"
    made.focus = "c"
    assert made.next() == "a"
    batch(made, a="passed", c="failed")
    assert made.next() == "d"
    assert board(a="passed").next() == ""


def test_no_news_are_those_right_or_unwritten_before_and_now() -> None:
    made = board(a="passed", b="failed", c="todo", d="passed")
    assert made.steady() == []
    batch(made, a="passed", b="failed", c="todo", d="failed")
    assert made.steady() == ["a", "c"]


def test_the_report_is_of_all_that_is_known() -> None:
    assert Board("ab").report(0.0) is None
    made = board(a="passed", b="failed")
    batch(made, b="passed")
    report = made.report(1.5)
    assert report is not None
    assert [(result.id, result.status) for result in report.questions] == [("a", "passed"), ("b", "passed")]
    assert (report.score, report.seconds, report.hidden_points) == (2.0, 1.0, 1.5)
