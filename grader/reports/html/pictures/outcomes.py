"""How every question went for a class: a bar each, of those who have it right, partly right, wrong, or not begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.classroom.summary.figures import QuestionFigures
from grader.reports.classwords import percent
from grader.reports.findings import line
from grader.reports.html.elements import Element, h

__all__ = ["outcomes"]

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "right": ("passed",),
    "partly right": ("partial",),
    "wrong": ("failed", "error", "timeout", "crashed"),
    "not started": ("todo",),
    "not decided": ("skipped", "fault"),
}
_TONES = {
    "right": "gr-right-share",
    "partly right": "gr-halved",
    "wrong": "gr-wrong-share",
    "not started": "gr-empty",
    "not decided": "gr-left-out",
}


def outcomes(questions: Sequence[QuestionFigures]) -> Element:
    """Return a bar for each question that was graded, and what its colours mean."""
    shown = [question for question in questions if question.graded]
    used = [name for name in _GROUPS if any(_count(question, name) for question in shown)]
    key = [
        h("li", h("svg", h("rect", width=10, height=10, class_=_TONES[name]), viewBox="0 0 10 10"), name)
        for name in used
    ]
    return h(
        "figure",
        h("ul", *key, class_="gr-key", aria_hidden="true"),
        h("ul", *(_row(question, used) for question in shown), class_="gr-outcomes"),
        class_="gr-figure",
    )


def _count(question: QuestionFigures, name: str) -> int:
    return sum(question.statuses.get(status, 0) for status in _GROUPS[name])


def _row(question: QuestionFigures, used: Sequence[str]) -> Element:
    total = sum(_count(question, name) for name in used) or 1
    start, parts, words = 0.0, [], []
    for name in used:
        people = _count(question, name)
        if people:
            width = 100 * people / total
            size = {"x": f"{start:.2f}", "width": f"{width:.2f}"}
            parts.append(h("rect", height=10, class_=_TONES[name], **size))
            start += width
            words.append(f"{people} {name}")
    return h(
        "li",
        h("span", h("bdi", line(question.id)), class_="gr-name"),
        h(
            "svg",
            *parts,
            class_="gr-stack",
            viewBox="0 0 100 10",
            preserveAspectRatio="none",
            role="img",
            aria_label=", ".join(words),
        ),
        h("span", percent(question.pass_rate), class_="gr-points", title=", ".join(words)),
    )
