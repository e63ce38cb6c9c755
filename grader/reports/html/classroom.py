"""A class's report as a page: where to look, what most got wrong, and every question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.classroom.summary.figures import CheckFigures, Insights, Mistake, QuestionFigures, Slow
from grader.reports.classwords import (
    MEANING,
    MISTAKES,
    ClassScene,
    columns,
    concerns,
    count,
    counts,
    foot,
    percent,
    spread,
    style_of,
    unexplained,
    who,
)
from grader.reports.findings import line
from grader.reports.html.document import document
from grader.reports.html.elements import Element, h
from grader.reports.html.pictures.histogram import histogram
from grader.reports.html.pictures.outcomes import outcomes

__all__ = ["class_page"]

_STYLES = {"low": "gr-bad", "weak": "gr-half"}


def class_page(insights: Insights, scene: ClassScene) -> str:
    """Return a whole document, which is one file."""
    name, title = line(scene.assignment), line(scene.title)
    heading = h("h1", h("bdi", title or name), h("span", " ", h("bdi", name), class_="gr-of") if title else None)
    parts = [h("header", heading, h("p", counts(insights)), class_="gr-head gr-class")]
    if insights.totals is not None:
        words = spread(insights.totals, insights.max_score)
        parts.append(h("section", h("p", words), histogram(insights.totals.histogram, insights.max_score)))
    parts += [*_look(insights), *_mistakes(insights), *_questions(insights.questions), *_checks(insights)]
    parts += _slowest(insights.slowest)
    parts.append(h("footer", h("p", foot(scene)), class_="gr-foot"))
    return document(f"{name}: {counts(insights)}", h("main", *parts, class_="gr-page"))


def _section(title: str, said: str, *children: Element | None) -> Element:
    heading = h("h2", title, h("span", f"  {said}", class_="gr-of") if said else None, class_="gr-title")
    return h("section", heading, *children, class_="gr-section")


def _folded(summary: str, *children: Element) -> Element:
    return h("details", h("summary", summary), *children, class_="gr-more")


def _look(insights: Insights) -> Iterator[Element]:
    if not insights.look:
        return
    found = [
        h(
            "details",
            h(
                "summary",
                h("span", str(concern.gradings), class_="gr-number gr-half"),
                h("span", concern.meaning, class_="gr-grow"),
            ),
            h("ul", *(_alike(text, names) for text, names in concern.alike), class_="gr-body gr-alike"),
            class_="gr-entry",
            open="open" if concern.gradings <= 8 else None,
        )
        for concern in concerns(insights.look)
    ]
    yield _section("Look at these", count(len(insights.look), "submission"), *found)


def _alike(text: str, names: Sequence[str]) -> Element:
    """Return what several submissions have in common, and whose they are."""
    people = [h("li", h("bdi", name)) for name in names]
    return h("li", h("p", text, class_="gr-cases"), h("ul", *people, class_="gr-people"))


def _mistakes(insights: Insights) -> Iterator[Element]:
    nameless, more = unexplained(insights), insights.mistakes[MISTAKES:]
    if insights.mistakes or nameless:
        yield _section(
            "What most got wrong",
            "share of those graded",
            _listed(insights.mistakes[:MISTAKES]) if insights.mistakes else None,
            _folded(f"{count(len(more), 'more mistake')}", _listed(more)) if more else None,
            h("p", nameless, class_="gr-cases") if nameless else None,
        )


def _listed(mistakes: Sequence[Mistake]) -> Element:
    return h("ol", *(_mistake(mistake) for mistake in mistakes), class_="gr-mistakes")


def _mistake(mistake: Mistake) -> Element:
    width = f"{max(0.0, min(mistake.share, 1.0)) * 100:.1f}"
    bar = h(
        "svg",
        h("rect", width=100, height=4, class_="gr-rest"),
        h("rect", width=width, height=4, class_="gr-part"),
        class_="gr-share",
        viewBox="0 0 100 4",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    return h(
        "li",
        h("div", h("strong", percent(mistake.share)), bar),
        h(
            "p",
            h("strong", line(mistake.question)),
            h("span", f" ({mistake.count})  ", class_="gr-quiet"),
            line(mistake.sentence) or line(mistake.id),
        ),
    )


def _questions(questions: Sequence[QuestionFigures]) -> Iterator[Element]:
    if not any(question.graded for question in questions):
        return
    shown = columns(questions)
    head = h("tr", *(h("th", title, scope="col") for title in ("question", *(title for title, _ in shown))))
    rows = [
        h(
            "tr",
            h("th", h("bdi", line(question.id)), scope="row"),
            *(h("td", cells[place], class_=_STYLES.get(style_of(title, question))) for title, cells in shown),
        )
        for place, question in enumerate(questions)
    ]
    meanings = "; ".join(MEANING[title] for title, _ in shown if title in MEANING)
    label = "Questions in figures"
    yield _section(
        "Questions",
        "how they went, for all who were graded; the figure: who has all of it right",
        outcomes(questions),
        _folded(label, _table(label, head, rows), h("p", f"{meanings}.", class_="gr-cases")),
    )


def _checks(insights: Insights) -> Iterator[Element]:
    for title, checks, words in (
        ("Nobody passes", insights.nobody_passes, "too hard, not asked for, or wrong"),
        ("Everybody passes", insights.everybody_passes, "nobody is told apart by them"),
    ):
        if checks:
            said = f"{count(len(checks), 'check')}: {words}"
            listed = h("ul", *(_check(check) for check in checks), class_="gr-checks")
            yield _section(title, said, listed if len(checks) <= 8 else _folded("Show them", listed))


def _check(check: CheckFigures) -> Element:
    hidden = ", hidden" if check.visibility == "hidden" else ""
    tried = h("span", f"  ({check.ran} tried{hidden})", class_="gr-quiet")
    return h("li", h("strong", line(check.question)), f"  {line(check.title)}", tried)


def _slowest(slowest: Sequence[Slow]) -> Iterator[Element]:
    if slowest:
        titles = ("submission", "on the clock", "in the student's code")
        rows = [
            h(
                "tr",
                h("th", h("bdi", who(slow)), scope="row"),
                h("td", f"{slow.seconds:.1f} s"),
                h("td", f"{slow.student_seconds:.1f} s"),
            )
            for slow in slowest
        ]
        head = h("tr", *(h("th", title, scope="col") for title in titles))
        yield _section("Slowest", "", _table("Slowest", head, rows))


def _table(label: str, head: Element, rows: Sequence[Element]) -> Element:
    """Return a table that scrolls by itself where the page is narrower."""
    table = h("table", h("thead", head), h("tbody", *rows), class_="gr-table")
    return h("div", table, class_="gr-wide", tabindex="0", role="region", aria_label=label)
