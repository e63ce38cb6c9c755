from __future__ import annotations

import pytest

from grader.checking.report import CheckResult, QuestionResult
from grader.reports.findings import Scene, entries, fold, next_step, number, printed

from .conftest import make_check, make_question, make_report

SCENE = Scene("Small", "grader run small", {"one": "work/layers.py", "two": "work/layers.py"})
FRAME = {"file": "layers.py", "line": 12, "function": "one", "source": "out = x @ w"}


@pytest.mark.parametrize(
    ("points", "most", "text"),
    [
        (2, 3, "2"),
        (2.7, 3, "2.7"),
        (1 / 3, 1, "0.33"),
        (2.999, 3, "2.99"),
        (2.9999, 3, "3"),
        (0, 3, "0"),
        (100, None, "100"),
        (0.9999, None, "1"),
    ],
)
def test_points_are_short_and_never_look_like_all_of_them(points: float, most: float | None, text: str) -> None:
    assert number(points, most) == text


def todo(name: str) -> QuestionResult:
    return make_question(name, make_check("todo", f"{name} is not written yet"))


def test_many_untouched_stubs_are_one_row() -> None:
    names = ["one", *"abcd", "two", "e", "f"]
    questions = [todo(name) if len(name) == 1 else make_question(name, make_check()) for name in names]
    assert [[q.id for q in group] for group in fold(questions)] == [["one"], [*"abcd"], ["two"], ["e"], ["f"]]


def test_untouched_and_not_run_are_not_the_same() -> None:
    left = [make_question(name, make_check("skipped", "not run: interrupted")) for name in "efgh"]
    assert [len(group) for group in fold([*map(todo, "abcd"), *left])] == [4, 4]


def test_a_message_is_taken_apart() -> None:
    details = {"frame": FRAME, "case": {"N": 1, "pad": 0}, "failing": "it fails just where pad is 0"}
    message = "ValueError: no (layers.py line 12, in one: out = x @ w) (N=1, pad=0); it fails just where pad is 0"
    ((finding,),) = (
        entry.findings
        for entry in entries(make_report(make_question("one", make_check("error", message, details=details))))
    )
    assert finding.what == "ValueError: no"
    assert finding.cases == "with N=1, pad=0; it fails just where pad is 0"
    assert finding.frame == FRAME


def test_a_message_of_another_form_is_kept_whole() -> None:
    details = {"frame": FRAME, "case": {"N": 2}, "failing": "never"}
    report = make_report(make_question("one", make_check("error", "no (N=1)", details=details)))
    assert entries(report)[0].findings[0].what == "no (N=1)"


def test_checks_that_fail_in_one_way_are_said_once() -> None:
    details = {"frame": FRAME}
    checks = [make_check("error", "NameError: x", id=name, details=details) for name in "abc"]
    (entry,) = entries(make_report(make_question("one", *checks, make_check("failed", "other"))))
    assert [len(finding.checks) for finding in entry.findings] == [3, 1]


def test_questions_that_fail_for_one_reason_are_said_once() -> None:
    def broken(name: str) -> QuestionResult:
        return make_question(name, make_check("error", "the file cannot be imported", details={"frame": FRAME}))

    (entry,) = entries(make_report(broken("one"), broken("two"), broken("three")))
    assert [question.id for question in entry.questions] == ["one", "two", "three"]


def test_questions_that_are_wrong_in_the_same_words_keep_their_own() -> None:
    wrong = [make_question(name, make_check("failed", "out is None")) for name in ("one", "two")]
    assert len(entries(make_report(*wrong))) == 2


@pytest.mark.parametrize(
    ("checks", "whole"),
    [
        ([make_check("error", "no", id="a"), make_check("error", "no", id="b")], True),
        ([make_check("error", "no", id="a"), make_check("error", "yes", id="b")], False),
        ([make_check("error", "no", id="a"), make_check(id="b")], False),
        ([make_check("failed", "no", id="a"), make_check("failed", "no", id="b")], False),
        ([make_check("error", "no")], False),
        ([make_check(), make_check("skipped", "not run: gone")], False),
    ],
)
def test_promises_do_not_matter_where_one_thing_kept_all_from_an_answer(checks: list[CheckResult], whole: bool) -> None:
    assert [entry.whole for entry in entries(make_report(make_question("one", *checks)))] == [whole]


def test_untouched_questions_are_not_discussed() -> None:
    assert entries(make_report(todo("one"), make_question("two", make_check()))) == []


def test_checks_after_a_crash_are_counted() -> None:
    checks = [
        make_check("crashed", "gone"),
        make_check("skipped", "not run: gone"),
        make_check("skipped", "not run: gone"),
    ]
    (entry,) = entries(make_report(make_question("one", *checks)))
    assert (len(entry.findings), entry.not_run) == (1, 2)


def test_prints_are_collected_from_all_checks_and_cleaned() -> None:
    question = make_question(
        "one", make_check("crashed", details={"output": "a\n\x1b[2J"}), make_check(details={"output": "b\n"})
    )
    assert printed(question) == "a\nb"


def test_what_is_wrong_comes_before_what_is_not_written() -> None:
    step = next_step(make_report(todo("one"), make_question("two", make_check("failed", "no"))), SCENE)
    assert step is not None
    assert (step.text, step.command) == ("mend two (work/layers.py), then", "grader run small -q two")


def test_then_what_is_to_be_written() -> None:
    step = next_step(make_report(make_question("two", make_check()), todo("one")), SCENE)
    assert step is not None
    assert (step.text, step.command) == ("write one (work/layers.py), then", "grader run small -q one")


def test_the_line_of_an_error_is_named() -> None:
    check = make_check("error", "no", details={"frame": FRAME})
    step = next_step(make_report(make_question("one", check)), SCENE)
    assert step is not None
    assert step.text == "mend one (work/layers.py line 12), then"
    elsewhere = make_check("error", "no", details={"frame": {**FRAME, "file": "helper.py"}})
    step = next_step(make_report(make_question("one", elsewhere)), SCENE)
    assert step is not None
    assert step.text == "mend one (helper.py line 12), then"


def test_a_file_that_cannot_be_imported_is_mended_itself() -> None:
    details = {"frame": {**FRAME, "function": ""}, "case": {"N": 1}}
    message = "layers.py cannot be imported: SyntaxError: no (layers.py line 12: out = x @ w) (N=1)"
    report = make_report(make_question("one", make_check("error", message, details=details)))
    step = next_step(report, SCENE)
    assert step is not None
    assert step.text == "mend work/layers.py line 12, then"
    ((finding,),) = (entry.findings for entry in entries(report))
    assert (finding.what, finding.cases) == ("layers.py cannot be imported: SyntaxError: no", "")


def test_what_waits_comes_last() -> None:
    waits, wrong = make_check("skipped", "needs three", id="a"), make_check("failed", "no", id="b")
    found = entries(make_report(make_question("one", waits), make_question("two", waits, wrong)))
    assert [entry.questions[0].id for entry in found] == ["two", "one"]
    assert [finding.status for finding in found[0].findings] == ["failed", "skipped"]


def test_a_half_written_class_is_to_be_finished() -> None:
    question = make_question("one", make_check(), make_check("todo", "loss is not written yet", id="b"))
    step = next_step(make_report(question), SCENE)
    assert step is not None
    assert step.text == "finish one (work/layers.py), then"


def test_a_file_that_is_not_there_is_the_next_thing() -> None:
    question = make_question("three", make_check("error", "optim.py is not in the submission"))
    step = next_step(make_report(question), SCENE)
    assert step is not None
    assert step.text == "optim.py is not in the submission. Then"


def test_an_interrupted_run_is_run_again() -> None:
    left = make_question("two", make_check("skipped", "not run: interrupted"))
    step = next_step(make_report(make_question("one", make_check()), left, interrupted=True), SCENE)
    assert step is not None
    assert step.command == "grader run small"


@pytest.mark.parametrize("status", ["passed", "skipped", "fault"])
def test_there_may_be_nothing_to_do(status: str) -> None:
    assert next_step(make_report(make_question("one", make_check(status, "needs cuda"))), SCENE) is None


def test_what_says_nothing_is_no_reason_in_common() -> None:
    """Hidden checks, as students are told of them."""
    hidden = make_check("error", "", title="a hidden check", visibility="hidden")
    report = make_report(make_question("one", hidden), make_question("two", hidden))
    assert [[question.id for question in entry.questions] for entry in entries(report)] == [["one"], ["two"]]
