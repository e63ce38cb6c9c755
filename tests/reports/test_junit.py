from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from grader.checking.report import Report
from grader.reports.junit import render

from .conftest import make_check, make_question, make_report

WHEN = datetime(2026, 11, 5, 13, 30, tzinfo=UTC)


def read(report: Report) -> ElementTree.Element:
    root = ElementTree.fromstring(render(report, WHEN, "ws1").encode())
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


def test_statuses_become_failures_errors_and_skips(every_status: Report) -> None:
    suite = read(every_status)
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "10", "failures": "2", "errors": "4", "skipped": "2"}
    found = {case.get("classname"): [child.tag for child in case] for case in suite.iter("testcase") if len(case)}
    assert found == {
        "small.is_failed": ["failure"],
        "small.is_todo": ["skipped"],
        "small.is_error": ["error"],
        "small.is_timeout": ["error"],
        "small.is_crashed": ["error"],
        "small.is_skipped": ["skipped"],
        "small.is_fault": ["error"],
        "small.is_partial": ["failure"],
    }


def test_the_suite_says_when_where_and_how_much(every_status: Report) -> None:
    suite = read(every_status)
    assert suite.get("name") == "small"
    assert suite.get("time") == "1.250"
    assert suite.get("timestamp") == "2026-11-05T13:30:00"
    assert suite.get("hostname") == "ws1"
    assert suite[0].tag == "properties", "valid at suite level only, and first"
    properties = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert properties["score"] == "2"
    assert properties["max_score"] == "10"
    assert properties["seed"] == "7"


def test_a_case_says_what_the_check_promises_and_what_went_wrong() -> None:
    frame = {"file": "layers.py", "line": 3, "function": "f", "source": "return x"}
    details = {"frame": frame, "output": "printed\n"}
    check = make_check("failed", "out is 1, should be 2", points=1.5, hint="look at the sign", details=details)
    (case,) = read(make_report(make_question("one", check))).iter("testcase")
    assert case.get("name") == "agrees with torch"
    (failure, printed) = case
    assert failure.get("message") == "out is 1, should be 2"
    assert failure.get("type") == "failed"
    assert "layers.py line 3, in f: return x" in (failure.text or "")
    assert "Hint: look at the sign" in (failure.text or "")
    assert "0 of 1.5 points" in (failure.text or "")
    assert (printed.tag, printed.text) == ("system-out", "printed")


def test_checks_of_one_title_are_told_apart() -> None:
    question = make_question("one", make_check(id="a"), make_check(id="b"))
    names = [case.get("name") for case in read(make_report(question)).iter("testcase")]
    assert names == ["agrees with torch (a)", "agrees with torch (b)"]


def test_hostile_text_is_valid_xml(hostile: Report) -> None:
    suite = read(hostile)
    (case,) = suite.iter("testcase")
    assert "[red]no[/red] red" in (case[0].get("message") or "")
    assert not set("\x00\x0b\x1b\ufffe\ud800") & set("".join(suite.itertext()))
