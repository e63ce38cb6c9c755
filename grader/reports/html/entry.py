"""What is said about a question that lost points, or about several that fail for one reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.checking.report import CheckResult, QuestionResult
from grader.reports.findings import Entry, Finding, aside, line, number
from grader.reports.html.elements import Element, h
from grader.reports.html.marks import mark, tone
from grader.reports.html.pictures import figures
from grader.reports.wording import printed_lines, word_of, worth
from grader.sandbox.text import listed

__all__ = ["entry_of", "output_of", "waiting"]

_UNANSWERED = ("todo", "skipped")


def entry_of(entry: Entry, level: int) -> Element:
    """Return an entry, opened; its heading is of this level."""
    first = entry.questions[0]
    score, most = sum(q.score for q in entry.questions), sum(q.max_score for q in entry.questions)
    names = listed([line(question.id) for question in entry.questions])
    return h(
        "details",
        h(
            "summary",
            mark(first.status),
            h(f"h{level}", h("bdi", names)),
            " ",
            h("span", word_of(first), class_=f"gr-word gr-{tone(first.status)}"),
            " ",
            h("span", f"{number(score, most)} of {number(most)}", class_="gr-points"),
        ),
        h("div", *_body(entry), class_="gr-body"),
        class_="gr-entry",
        open=None if entry.waits else "open",
    )


def waiting(entries: Sequence[Entry]) -> Element:
    """Return entries in which nothing is wrong but what others have to do first, in one line that can be unfolded."""
    questions = [question for entry in entries for question in entry.questions]
    score, most = sum(q.score for q in questions), sum(q.max_score for q in questions)
    return h(
        "details",
        h(
            "summary",
            mark("skipped"),
            h("span", f"{len(questions)} questions not decided yet", class_="gr-grow"),
            " ",
            h("span", f"{number(score, most)} of {number(most)}", class_="gr-points"),
        ),
        h("ul", *(_row(entry) for entry in entries), class_="gr-rows"),
        class_="gr-entry",
    )


def _row(entry: Entry) -> Element:
    score, most = sum(q.score for q in entry.questions), sum(q.max_score for q in entry.questions)
    names = listed([line(question.id) for question in entry.questions])
    return h(
        "li",
        h(
            "p",
            h("bdi", names),
            h("span", f"{number(score, most)} of {number(most)}", class_="gr-points"),
            class_="gr-row",
        ),
        *(h("p", what, class_="gr-cases") for what in dict.fromkeys(finding.what for finding in entry.findings)),
    )


def _body(entry: Entry) -> Iterator[Element]:
    if len(entry.questions) == 1 and entry.questions[0].title:
        yield h("p", h("bdi", line(entry.questions[0].title)), class_="gr-about")
    if entry.hint:
        yield _hint(entry.hint)
    drawn = 0
    for finding in entry.findings:
        pictures = _pictures(finding)
        drawn += bool(pictures)
        parts = [*_finding(finding, entry), *(pictures if drawn < 2 else [_folded(pictures)] if pictures else [])]
        yield h("div", *parts, class_=f"gr-finding gr-by-{tone(finding.status)}")
    if len(entry.questions) == 1:
        yield from _right_checks(entry.questions[0])
    if entry.not_run:
        yield h(
            "p", f"{entry.not_run} more check{'s were' if entry.not_run > 1 else ' was'} not run", class_="gr-aside"
        )
    if len(entry.questions) == 1:
        yield from output_of(entry.questions[0])


def _finding(finding: Finding, entry: Entry) -> Iterator[Element]:
    if not entry.whole:
        yield h("ul", *(_promise(check) for check in finding.checks), class_="gr-promises")
    if finding.hint and finding.hint != entry.hint:
        yield _hint(finding.hint)
    if finding.what:  # there are levels that do not tell
        yield h("p", finding.what, class_="gr-what")
    if finding.status in _UNANSWERED:  # no answer came: inputs and lines say nothing about it
        return
    if finding.cases:
        yield h("p", line(finding.cases), class_="gr-cases")
    if finding.frame:
        frame = finding.frame
        inside = f", in {frame['function']}" if frame["function"] else ""
        yield h("p", f"{frame['file']} line {frame['line']}{inside}", class_="gr-cases")
        if frame["source"]:
            yield h("pre", h("code", frame["source"]), tabindex="0", role="region", aria_label="The line of your code")


def _pictures(finding: Finding) -> list[Element]:
    if finding.status in _UNANSWERED:
        return []
    return list(figures(next((check.details for check in finding.checks if check.details.get("pictures")), {})))


def _folded(pictures: list[Element]) -> Element:
    """Return pictures behind a line: of one question, the first ones tell the most."""
    summary = "Show its picture" if len(pictures) == 1 else "Show its pictures"
    return h("details", h("summary", summary), *pictures, class_="gr-more")


def _promise(check: CheckResult) -> Element:
    extra = worth(check)
    return h(
        "li",
        mark(check.status),
        h("span", line(check.title), h("span", f" ({extra})", class_="gr-quiet") if extra else None),
    )


def _hint(text: str) -> Element:
    return h("p", h("strong", "Hint: "), text, class_="gr-hint")


def _right_checks(question: QuestionResult) -> Iterator[Element]:
    """Yield what of a question is right already, folded."""
    right = [check for check in question.checks if check.status == "passed" and not aside(check)]
    if right:
        count = f"{len(right)} other check{'s pass' if len(right) > 1 else ' passes'}"
        yield h(
            "details",
            h("summary", count),
            h("ul", *(_promise(check) for check in right), class_="gr-promises"),
            *(figure for check in right for figure in figures(check.details)),
            class_="gr-more",
        )


def output_of(question: QuestionResult) -> Iterator[Element]:
    """Yield what the student's code printed, if it did."""
    lines = printed_lines(question)
    if lines:
        label = "What your code printed"
        shown = h("pre", "\n".join(["", *lines]), tabindex="0", role="region", aria_label=label)
        yield h("details", h("summary", label), shown, class_="gr-more", open="open" if len(lines) <= 6 else None)
