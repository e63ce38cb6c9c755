"""How much is told: never more than the level allows, and the same points at every level."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grader.checking.evidence import wrong_of
from grader.checking.hints import know
from grader.checking.levels import FOR_TEACHERS, LEVELS, for_students, limited, lower
from grader.checking.report import CheckResult, QuestionResult, Report
from grader.errors import AssignmentError, UnknownNameError, WrongAnswerError
from grader.reports import json as plain

from .conftest import Small
from .test_engine import doubles

SOURCE = """
def f(x): return 3 * x
def g(x): return x[:2]
def h(x):
    raise ValueError("never mind")
def k(x):
    y = 2 * x
    x *= 2
    return y
"""


@pytest.fixture
def reports(small: Small) -> dict[str, list[CheckResult]]:
    small.write({name: doubles(name) for name in "fghk"}, points=40)
    wrong = wrong_of(WrongAnswerError("x"))
    report = small.run(SOURCE, hints=lambda question: [know("triple", "It is three times.", [{}])])
    assert wrong.what
    check = report.questions[0].checks[0]
    from dataclasses import replace

    hinted = replace(check, hint="It is three times.", misconception="triple")
    first = replace(report.questions[0], checks=(hinted, *report.questions[0].checks[1:]))
    report = replace(report, questions=(first, *report.questions[1:]))
    told = {level: limited(report, level) for level in LEVELS}
    assert {one.score for one in told.values()} == {report.score}
    assert told["why"] == report
    for level in ("none", "what"):
        text = plain.render(told[level])
        assert "should be" not in text
        assert "n=0" not in text
        assert "fingerprint" not in json.loads(text)["questions"][0]["checks"][0]["details"]
    return {level: [question.checks[0] for question in one.questions] for level, one in told.items()}


@pytest.mark.parametrize(
    ("level", "values", "shape", "hint"),
    [
        ("none", "", "", None),
        ("what", "out is wrong", "out has the wrong shape", None),
        ("where", "out[2] is ", "out.shape is (2,), should be (4,) (n=0)", None),
        ("why", "out[2] is ", "out.shape is (2,), should be (4,) (n=0)", "It is three times."),
    ],
)
def test_each_level_tells_its_part(
    reports: dict[str, list[CheckResult]], level: str, values: str, shape: str, hint: str | None
) -> None:
    f, g, h, k = reports[level]
    assert f.message == values or (values and f.message.startswith("out[") and "should be" in f.message)
    assert g.message == shape
    assert f.hint == hint
    assert (f.misconception is None) == (hint is None)
    assert [check.status for check in (f, g, h, k)] == ["failed", "failed", "error", "passed"]
    assert h.message.startswith("ValueError: never mind (layers.py line 5, in h: ")  # their own code's words
    assert ("(n=0)" in h.message) == (level in ("where", "why"))


def test_the_lower_of_two_levels_tells_less() -> None:
    assert lower("what", "why") == lower("why", "what") == "what"


def test_the_course_settles_the_level(small: Small) -> None:
    assert small.write().hints == "why"
    assert small.write(settings='hints = "what"').hints == "what"
    with pytest.raises(AssignmentError, match="there is no level of hints 'wy'; did you mean why"):
        small.write(settings='hints = "wy"')


def test_an_unknown_level_is_refused() -> None:
    from grader.checking.levels import level_of

    with pytest.raises(UnknownNameError, match="level of hints"):
        level_of("all")


def test_students_are_told_nothing_of_hidden_checks() -> None:
    def check(visibility: str, status: str, points: float = 1.0) -> CheckResult:
        return CheckResult(
            f"{visibility}-{status}", f"the title of {visibility}", visibility, points, 0.0, status, "its message",
            "its hint", "its-id", 3, 1, 0.1, {"case": {"secret": "1"}, "output": "x = 7", "robust": True},
        )  # fmt: skip

    checks = (
        check("public", "failed"),
        check("hidden", "failed"),
        check("hidden", "passed"),
        check("public", "skipped", 0),
    )
    report = Report("a", "b", 0.1, 1, {}, {}, (QuestionResult("f", "", 0.0, 3.0, "failed", 0.1, checks),))
    report = replace(report, notes=("bomb.bin was left out", f"{FOR_TEACHERS}nothing could be named"))
    told = for_students(report)
    public, failed, passed = told.questions[0].checks
    assert public == replace(checks[0], details={"case": {"secret": "1"}, "robust": True})
    for hidden, status in ((failed, "failed"), (passed, "passed")):
        assert (hidden.status, hidden.points, hidden.title) == (status, 1.0, "a hidden check")
        assert (hidden.message, hidden.hint, hidden.misconception, hidden.details) == ("", None, None, {"robust": True})
    assert (told.seed, told.notes) == (None, ("bomb.bin was left out",))
