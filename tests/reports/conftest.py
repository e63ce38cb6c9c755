"""Reports made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checking.report import CheckResult, QuestionResult, Report, status_of


def make_check(status: str = "passed", message: str = "", points: float = 1.0, **more: Any) -> CheckResult:
    given: dict[str, Any] = {"id": "agrees", "title": "agrees with torch", "visibility": "public", "details": {}}
    score = points if status == "passed" else 0.0
    return CheckResult(**{**given, "points": points, "score": score, "status": status, "message": message, **more})


def make_question(name: str, *checks: CheckResult) -> QuestionResult:
    score, most = sum(check.score for check in checks), sum(check.points for check in checks)
    return QuestionResult(name, f"about {name}", score, most, status_of(checks), 0.1, checks)


def make_report(*questions: QuestionResult, **more: Any) -> Report:
    given: dict[str, Any] = {
        "assignment": "small",
        "submission": "/home/kim/small",
        "seconds": 1.25,
        "seed": 7,
        "isolation": {"tier": "process", "layers": ["process"]},
        "environment": {"python": "3.11", "numpy": "2.0", "torch": None, "platform": "x", "device": "cpu"},
    }
    return Report(**{**given, "questions": questions, **more})


HOSTILE = "[red]no[/red] \x1b[31mred\x1b[0m \x1b]0;title\x07 \x00\x0b\ufffe \ud800 {x} <b>&amp; :smile:"


@pytest.fixture
def hostile() -> Report:
    """A report whose every text tries to be more than text."""
    frame = {"file": HOSTILE, "line": 3, "function": HOSTILE, "source": HOSTILE}
    details = {"frame": frame, "output": HOSTILE, "case": {HOSTILE: HOSTILE}, "failing": HOSTILE, HOSTILE: HOSTILE}
    check = make_check("error", HOSTILE, id=HOSTILE, title=HOSTILE, hint=HOSTILE, details=details)
    return make_report(make_question(HOSTILE, check), assignment=HOSTILE, submission=HOSTILE, notes=(HOSTILE,))


@pytest.fixture
def every_status() -> Report:
    """A report with one question of each status."""
    statuses = ("passed", "failed", "todo", "error", "timeout", "crashed", "skipped", "fault")
    questions = [make_question(f"is_{status}", make_check(status, f"what {status} says")) for status in statuses]
    partial = make_question("is_partial", make_check(), make_check("failed", "half", id="other", title="and this"))
    return make_report(*questions, partial)
