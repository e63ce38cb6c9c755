"""The faces of a class's figures: text for whoever grades, who first needs to know where to look, and plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from grader.classroom.summary.figures import BINS, CheckFigures, Insights, Look, Mistake, QuestionFigures, Totals
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
from grader.reports.console import Indented
from grader.reports.findings import Scene, line
from grader.reports.terminal import heading
from grader.sandbox.text import listed

__all__ = ["SCHEMA", "ClassScene", "data", "render"]

SCHEMA = "grader.class/1"
_QUIET = "dim"
_BARS = " ▁▂▃▄▅▆▇█"
_EACH, _ALIKE = 4, 3  # different cases of one reason, and submissions of one case: the gradebook has the others
_CHECKS = 6
_NAMES = 25  # the longest name of a question that no column should shorten
_STYLES = {"low": "red", "weak": "yellow"}


def data(insights: Insights, scene: ClassScene) -> dict[str, Any]:
    """Return the figures as plain data, with the stable keys of the schema."""
    return {
        "schema": SCHEMA,
        "assignment": scene.assignment,
        "title": scene.title,
        "seed": scene.seed,
        "gradebook": scene.gradebook,
        **asdict(insights),
    }


def render(insights: Insights, scene: ClassScene, width: int = 80) -> Group:
    """Return the whole text."""
    parts: list[RenderableType] = [heading(scene.assignment, Scene(scene.title))]
    parts.append(Indented(Text(counts(insights), "bold"), ""))
    if insights.totals is not None:
        parts += _totals(insights.totals, insights.max_score, width)
    for section in (
        _look(insights.look, scene),
        _mistakes(insights),
        _questions(insights.questions, width),
        _checks(insights),
        _slowest(insights, width),
    ):
        drawn = list(section)
        parts += [Text(), *drawn] if drawn else []
    return Group(*parts, Text(), Indented(Text(foot(scene), _QUIET), ""))


def _totals(totals: Totals, most: float, width: int) -> Iterator[RenderableType]:
    yield Indented(Text(spread(totals, most)), "")
    yield Text()
    numbers = [str(count or "·") for count in totals.histogram]
    cell = max(4, max(map(len, numbers)) + 1)
    if 2 + BINS * cell > width:
        cell, numbers = 2, []
    highest = max(totals.histogram)
    bars = [_BARS[-(-8 * count // highest)] for count in totals.histogram]  # rounded up: one of many shows
    yield Text("  " + "".join(" " + bar * (cell - 1) for bar in bars), "cyan", no_wrap=True)
    if numbers:
        yield Text("  " + "".join(number.rjust(cell) for number in numbers), no_wrap=True)
    left, right = " 0 %", "100 %"
    yield Text(f"  {left}{right.rjust(BINS * cell - len(left))}", _QUIET, no_wrap=True)


def _look(look: Sequence[Look], scene: ClassScene) -> Iterator[RenderableType]:
    if not look:
        return
    yield _head("Look at these", count(len(look), "submission"))
    shortened = False
    for concern in concerns(look):
        yield Indented(Text(concern.meaning, "yellow"), "       ", Text(f"{concern.gradings:5}  ", "bold"))
        first = concern.alike[:_EACH]
        for text, names in first:
            shortened |= len(names) > _ALIKE + 1
            yield Indented(Text(listed(names, _ALIKE)), "         ", "       ")
            yield Indented(Text(text, _QUIET), "         ")
        if len(concern.alike) > _EACH:
            shortened = True
            yield Text(f"       and {concern.gradings - sum(len(names) for _, names in first)} more")
    if shortened:
        yield Indented(Text(f"All of them are in {line(scene.gradebook)}, column 'look at'.", _QUIET), "  ")


def _mistakes(insights: Insights) -> Iterator[RenderableType]:
    nameless = unexplained(insights)
    if not insights.mistakes and not nameless:
        return
    yield _head("What most got wrong", "share of those graded")
    for mistake in insights.mistakes[:MISTAKES]:
        yield _mistake(mistake)
    if len(insights.mistakes) > MISTAKES:
        yield Indented(Text(f"and {count(len(insights.mistakes) - MISTAKES, 'more mistake')}", _QUIET), "         ")
    if nameless:
        yield Indented(Text(nameless), "  ")


def _mistake(mistake: Mistake) -> Indented:
    text = Text.assemble((line(mistake.question), "bold"), (f" ({mistake.count})  ", _QUIET))
    text.append(line(mistake.sentence) or line(mistake.id))
    return Indented(text, "         ", Text(f"{percent(mistake.share):>7}  ", "bold"))


def _questions(questions: Sequence[QuestionFigures], width: int) -> Iterator[RenderableType]:
    if not any(question.graded for question in questions):
        return
    shown = columns(questions)
    names = _width(["Questions", *(question.id for question in questions)], 32)
    widths = [max(map(len, [title, *cells])) + 2 for title, cells in shown]
    while len(shown) > 1 and names + 2 + sum(widths) > width:
        if names > _NAMES:
            names -= 1
            continue
        shown.pop()
        widths.pop()
    titles = "".join(title.rjust(wide) for (title, _), wide in zip(shown, widths, strict=True))
    yield Text.assemble("  ", (_cell("Questions", names), "bold"), (titles, _QUIET), no_wrap=True, overflow="ellipsis")
    for place, question in enumerate(questions):
        row = Text.assemble("  ", _cell(question.id, names), no_wrap=True, overflow="ellipsis")
        for (title, cells), wide in zip(shown, widths, strict=True):
            row.append(cells[place].rjust(wide), _STYLES.get(style_of(title, question), ""))
        yield row
    meanings = "; ".join(MEANING[title] for title, _ in shown if title in MEANING)
    yield Indented(Text(f"{meanings}.", _QUIET), "  ")


def _checks(insights: Insights) -> Iterator[RenderableType]:
    nobody, everybody = insights.nobody_passes, insights.everybody_passes
    if nobody:
        yield _head("Nobody passes", f"{count(len(nobody), 'check')}: too hard, not asked for, or wrong")
        for check in nobody[:_CHECKS]:
            yield _check(check)
        if len(nobody) > _CHECKS:
            yield Text(f"  and {len(nobody) - _CHECKS} more", _QUIET)
    if everybody:
        yield _head("Everybody passes", f"{count(len(everybody), 'check')}: nobody is told apart by them")
        names = [f"{line(check.question)}.{line(check.id)}" for check in everybody]
        yield Indented(Text(listed(names, _CHECKS)), "  ")


def _check(check: CheckFigures) -> Indented:
    hidden = ", hidden" if check.visibility == "hidden" else ""
    text = Text.assemble(line(check.question), f"  {line(check.title)}", (f"  ({check.ran} tried{hidden})", _QUIET))
    return Indented(text, "    ", "  ")


def _slowest(insights: Insights, width: int) -> Iterator[RenderableType]:
    if not insights.slowest:
        return
    yield _head("Slowest", "on the clock, and of that in the student's code")
    names = _width([who(slow) for slow in insights.slowest], min(32, width - 26))
    for slow in insights.slowest:
        times = f"{slow.seconds:8.1f} s{slow.student_seconds:8.1f} s"
        yield Text.assemble("  ", _cell(who(slow), names), times, no_wrap=True, overflow="ellipsis")


def _head(title: str, said: str) -> Indented:
    return Indented(Text.assemble((title, "bold"), (f"  {said}", _QUIET)), "  ", "")


def _width(texts: Iterable[str], most: int) -> int:
    return min(max((cell_len(line(text)) for text in texts), default=0), max(most, 8))


def _cell(text: str, width: int) -> str:
    cell = Text(line(text))
    cell.truncate(width, overflow="ellipsis", pad=True)
    return cell.plain
