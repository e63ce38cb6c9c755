"""Questions of which one line is enough: those that pass, those not begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.checking.report import QuestionResult
from grader.reports.findings import line, number
from grader.reports.html.elements import Element, h
from grader.reports.html.entry import output_of
from grader.reports.html.marks import mark
from grader.reports.html.pictures import figures

__all__ = ["right"]


def right(questions: Sequence[QuestionResult], word: str, *, opened: bool = False) -> Element:
    """Return questions that say the same, in one line that can be unfolded."""
    status = questions[0].status
    score, most = sum(q.score for q in questions), sum(q.max_score for q in questions)
    count = f"{len(questions)} question{'' if len(questions) == 1 else 's'} {word}"
    return h(
        "details",
        h(
            "summary",
            mark(status),
            h("span", count, class_="gr-grow"),
            " ",
            h("span", f"{number(score, most)} of {number(most)}", class_="gr-points"),
        ),
        h("ul", *(_row(question) for question in questions), class_="gr-rows"),
        class_="gr-entry gr-right",
        open="open" if opened else None,
    )


def _row(question: QuestionResult) -> Element:
    points = f"{number(question.score, question.max_score)} of {number(question.max_score)}"
    return h(
        "li",
        h("p", h("bdi", line(question.id)), h("span", points, class_="gr-points"), class_="gr-row"),
        *_remarks(question),
        *(output_of(question) if question.passed else ()),
    )


def _remarks(question: QuestionResult) -> Iterator[Element]:
    """Yield what checks that pass have to say, and show."""
    for check in question.checks:
        if check.status == "passed":
            if check.message:
                yield h("p", line(check.message), class_="gr-cases")
            yield from figures(check.details)
