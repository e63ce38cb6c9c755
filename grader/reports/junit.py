"""The report as JUnit XML, in the form called xunit2: a wrong answer is a failure, what broke is an error."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from xml.etree import ElementTree

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.reports.findings import number, printed
from grader.sandbox.diagnosis import describe_frame, plain_frame
from grader.sandbox.text import clean

__all__ = ["render"]

_ELEMENTS = {
    "failed": "failure",
    "error": "error",
    "timeout": "error",
    "crashed": "error",
    "fault": "error",
    "todo": "skipped",
    "skipped": "skipped",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, when: datetime, host: str = "localhost") -> str:
    """Return the report as XML: one suite, in it a class for each question and a case for each check.

    Args:
        report: what to render.
        when: the time that the run began.
        host: the machine's name.
    """
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite")
    cases = [(question, check) for question in report.questions for check in question.checks]
    count = Counter(_ELEMENTS.get(check.status, "") for _, check in cases)
    _set(suite, name=report.assignment, tests=len(cases), failures=count["failure"], errors=count["error"])
    _set(suite, skipped=count["skipped"], time=f"{report.seconds:.3f}")
    _set(suite, timestamp=when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), hostname=host)
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in {
        "submission": report.submission,
        "score": number(report.score, report.max_score),
        "max_score": number(report.max_score),
        "hidden_points": number(report.hidden_points),
        "seed": report.seed,
        "isolation": report.isolation.get("tier", ""),
        "interrupted": str(report.interrupted).lower(),
    }.items():
        _set(ElementTree.SubElement(properties, "property"), name=name, value=value)
    for question, check in cases:
        suite.append(_case(report, question, check))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(report: Report, question: QuestionResult, check: CheckResult) -> ElementTree.Element:
    case = ElementTree.Element("testcase")
    alike = sum(other.title == check.title for other in question.checks)
    name = f"{check.title} ({check.id})" if alike > 1 else check.title
    _set(case, classname=f"{report.assignment}.{question.id}", name=name, time=f"{check.seconds:.3f}")
    kind = _ELEMENTS.get(check.status)
    if kind is not None:
        outcome = ElementTree.SubElement(case, kind)
        _set(outcome, message=check.message, type=check.status)
        outcome.text = _xml(_text(check))
    if check is question.checks[-1] and printed(question):
        ElementTree.SubElement(case, "system-out").text = _xml(printed(question))
    return case


def _text(check: CheckResult) -> str:
    lines = [check.message]
    frame = plain_frame(check.details.get("frame"))
    if frame and describe_frame(frame) not in check.message:
        lines.append(describe_frame(frame))
    if check.hint:
        lines.append(f"Hint: {check.hint}")
    lines.append(f"{number(check.score, check.points)} of {number(check.points)} points")
    return "\n".join(lines)


def _set(element: ElementTree.Element, **attributes: object) -> None:
    for name, value in attributes.items():
        element.set(name, _xml(str(value)))


def _xml(text: str) -> str:
    """Return text without what XML cannot hold."""
    return _NOT_XML.sub("", clean(text))
