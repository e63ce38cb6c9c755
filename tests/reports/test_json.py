from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from grader.checking.report import Report
from grader.reports.json import render

from .conftest import make_check, make_question, make_report

TOP = [
    "schema", "assignment", "submission", "score", "max_score", "hidden_points", "seconds", "student_seconds", "seed",
    "interrupted", "isolation", "environment", "notes", "questions",
]  # fmt: skip


def read(report: Report) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(render(report), parse_constant=refuse)


def test_the_keys_are_those_of_the_schema(every_status: Report) -> None:
    data = read(every_status)
    assert list(data) == TOP
    assert data["schema"] == "grader.report/1"
    assert [question["status"] for question in data["questions"]][-1] == "partial"
    question = data["questions"][1]
    assert list(question) == ["id", "title", "score", "max_score", "status", "seconds", "checks"]
    assert list(question["checks"][0]) == [
        "id", "title", "visibility", "points", "score", "status", "message", "hint", "misconception", "cases",
        "failed_cases", "seconds", "details",
    ]  # fmt: skip


def test_the_same_report_gives_the_same_text(every_status: Report) -> None:
    assert render(every_status) == render(every_status)
    assert render(every_status).endswith("}\n")


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (np.float64("nan"), "NaN"),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array([1.0, np.nan]), [1.0, "NaN"]),
        ((1, 2), [1, 2]),
        ({"a": {1: None}}, {"a": {"1": None}}),
        (True, True),
        (object, "<class 'object'>"),
        ("half a letter \ud800", "half a letter ?"),
    ],
)
def test_details_become_strict_json(value: Any, want: Any) -> None:
    report = make_report(make_question("one", make_check("failed", details={"got": value})))
    assert read(report)["questions"][0]["checks"][0]["details"]["got"] == want


def test_hostile_text_is_kept_in_ascii(hostile: Report) -> None:
    text = render(hostile)
    assert text.isascii()
    assert "\x1b" not in text
    assert "[red]no[/red]" in read(hostile)["assignment"]
