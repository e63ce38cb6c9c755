"""One submission's report: what went wrong is open, what is right is folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grader.checking.report import QuestionResult, Report
from grader.reports.findings import Entry, Scene, entries, line, next_step, number, unrun
from grader.reports.html.document import document
from grader.reports.html.elements import Element, h, html, style
from grader.reports.html.entry import entry_of, waiting
from grader.reports.html.marks import mark, tone
from grader.reports.html.right import right
from grader.reports.html.theme import sheet
from grader.reports.wording import FAULT, WORDS, closing_words, foot, notes, word_of

__all__ = ["fragment", "message", "page"]


def fragment(report: Report, scene: Scene) -> str:
    """Return a piece of HTML for a notebook's output cell: its style is its own and touches nothing around it."""
    return html(h("div", style(sheet(notebook=True)), *_body(report, scene, 3), class_="gr gr-cell"))


def page(report: Report, scene: Scene) -> str:
    """Return a whole document, which is one file."""
    title = f"{line(report.assignment)}: {number(report.score, report.max_score)} of {number(report.max_score)} points"
    return document(title, h("main", *_body(report, scene, 1), class_="gr-page"))


def message(text: str, scene: Scene) -> str:
    """Return a whole document that says one thing, where there is no report."""
    title = line(scene.title) or "grader"
    return document(title, h("main", h("header", h("h1", title)), h("p", text), class_="gr-page"))


def _body(report: Report, scene: Scene, level: int) -> Iterator[Element]:
    yield _head(report, scene, level)
    yield from _next(report, scene)
    wrong = entries(report)
    waits = [entry for entry in wrong if entry.waits]
    alone = wrong if len(waits) < 2 else [entry for entry in wrong if not entry.waits]
    if wrong:
        several = len(report.questions) > 1
        yield h(
            "section",
            h(f"h{level + 1}", "What to mend", class_="gr-title") if several else None,
            *(entry_of(entry, level + 2 if several else level + 1) for entry in alone),
            waiting(waits) if len(waits) > 1 else None,
            aria_label="What to mend",
        )
    yield from _quiet(report, wrong)
    beside = [h("p", text) for kind, text in closing_words(report) if kind == "aside" and level == 1]
    noted = [h("p", f"Note: {note}") for note in notes(report)]
    yield h("footer", *noted, *beside, h("p", foot(report)), class_="gr-foot")


def _head(report: Report, scene: Scene, level: int) -> Element:
    score, most = number(report.score, report.max_score), number(report.max_score)
    share = report.score / report.max_score if report.max_score else 0.0
    name, title = line(report.assignment), line(scene.title)
    said = [(kind, text) for kind, text in closing_words(report) if kind != "aside"]  # that stands at the foot
    words = [h("p", text, class_=f"gr-said gr-{kind}") for kind, text in said]
    if report.faults:
        words.append(h("p", FAULT, class_="gr-said gr-fault"))
    return h(
        "header",
        h(
            f"h{level}",
            h("bdi", title or name),
            h("span", " ", h("bdi", name), class_="gr-of") if title not in ("", name) else None,
        ),
        h("p", h("strong", score), f" of {most} points", class_="gr-score"),
        _meter(share, f"{score} of {most} points") if len(report.questions) > 1 else None,
        _counts(report) if len(report.questions) > 1 else None,
        *words,
        class_="gr-head",
    )


def _meter(share: float, words: str) -> Element:
    width = max(0.0, min(share, 1.0)) * 100
    return h(
        "svg",
        h("rect", width=100, height=6, class_="gr-rest"),
        h("rect", width=f"{width:.2f}", height=6, class_="gr-done"),
        class_="gr-meter",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        role="img",
        aria_label=words,
    )


def _counts(report: Report) -> Element:
    found = Counter((question.status, word_of(question)) for question in report.questions)
    items = [
        h(
            "li",
            mark(status),
            f"{count} {'errors' if word == 'error' and count > 1 else word}",
            class_=f"gr-{tone(status)}",
        )
        for (status, word), count in sorted(found.items(), key=lambda item: _place(item[0][0]))
    ]
    return h("ul", *items, class_="gr-counts", aria_label="Questions by status")


def _place(status: str) -> int:
    return list(WORDS).index(status) if status in WORDS else len(WORDS)


def _next(report: Report, scene: Scene) -> Iterator[Element]:
    step = next_step(report, scene)
    if step is not None:
        yield h(
            "section",
            h("p", h("strong", "Next: "), step.text),
            h("p", h("code", step.command)) if step.command else None,
            class_="gr-next",
            aria_label="Next step",
        )


def _quiet(report: Report, wrong: list[Entry]) -> Iterator[Element]:
    """Yield what needs no words: what is not begun, not run, or right."""
    told = {question.id for entry in wrong for question in entry.questions}
    others = [question for question in report.questions if question.id not in told]
    groups: dict[str, list[QuestionResult]] = {"todo": [], "not run": [], "passed": []}
    for question in others:
        groups["not run" if unrun(question) else "todo" if question.status == "todo" else "passed"].append(question)
    for kind, word in (("todo", "not started"), ("not run", "not run"), ("passed", "passed")):
        if groups[kind]:
            yield right(groups[kind], word, opened=len(report.questions) == 1)
