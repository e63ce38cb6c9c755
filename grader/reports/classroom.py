"""The faces of a class's figures: text for whoever grades, who first needs to know where to look, and plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from grader.classroom.summary.attention import KINDS
from grader.classroom.summary.figures import BINS, CheckFigures, Insights, Look, Mistake, QuestionFigures, Slow, Totals
from grader.reports.console import Indented
from grader.reports.findings import Scene, line, listed, number
from grader.reports.terminal import heading
from grader.sandbox.text import one_line

__all__ = ["SCHEMA", "ClassScene", "data", "render"]

SCHEMA = "grader.class/1"
_QUIET = "dim"
_BARS = " ▁▂▃▄▅▆▇█"
_EACH, _ALIKE = 4, 3  # different cases of one reason, and submissions of one case: the gradebook has the others
_MISTAKES = 8  # more than one can speak about in a lecture
_CHECKS = 6
_LONGEST = 80  # characters of a name: people choose them
_NAMES = 25  # the longest name of a question that no column should shorten
_LOW, _WEAK = 0.5, 0.2  # what is set off: passed by less than half; below 0.2, an item tells little (Ebel 1965)


@dataclass(frozen=True)
class ClassScene:
    """What the faces say that the figures do not know; ``gradebook`` is where it is, ``seconds`` how long it took."""

    assignment: str
    title: str = ""
    seed: int | None = None
    gradebook: str = "gradebook.csv"
    seconds: float | None = None


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
    parts: list[RenderableType] = [heading(scene.assignment, Scene(scene.title)), *_counts(insights)]
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
    return Group(*parts, Text(), *_closing(scene))


def _counts(insights: Insights) -> Iterator[RenderableType]:
    states = [f"{insights.graded} graded"]
    states += [f"{insights.refused} could not be graded"] if insights.refused else []
    states += [f"{insights.faults} with a fault of the grader's own"] if insights.faults else []
    text = f"{_count(insights.submissions, 'submission')}: {listed(states)}."
    text += f" {insights.late} late." if insights.late else ""
    text += f" {_count(insights.missing, 'person', 'people')} handed in nothing." if insights.missing else ""
    yield Indented(Text(text, "bold"), "")


def _totals(totals: Totals, most: float, width: int) -> Iterator[RenderableType]:
    middle = f"the middle half from {number(totals.lower_quartile)} to {number(totals.upper_quartile)}"
    text = f"Of {number(most)} points: median {number(totals.median)}, mean {number(totals.mean)}, {middle};"
    yield Indented(Text(f"{text} {totals.full or 'nobody'} with all, {totals.zero or 'nobody'} with none."), "")
    yield Text()
    counts = [str(count or "·") for count in totals.histogram]
    cell = max(4, max(map(len, counts)) + 1)
    if 2 + BINS * cell > width:
        cell, counts = 2, []
    highest = max(totals.histogram)
    bars = [_BARS[-(-8 * count // highest)] for count in totals.histogram]  # rounded up: one of many shows
    yield Text("  " + "".join(" " + bar * (cell - 1) for bar in bars), "cyan", no_wrap=True)
    if counts:
        yield Text("  " + "".join(count.rjust(cell) for count in counts), no_wrap=True)
    left, right = " 0 %", "100 %"
    yield Text(f"  {left}{right.rjust(BINS * cell - len(left))}", _QUIET, no_wrap=True)


def _look(look: Sequence[Look], scene: ClassScene) -> Iterator[RenderableType]:
    if not look:
        return
    yield _head("Look at these", _count(len(look), "submission"))
    shortened = False
    for kind, meaning in KINDS.items():
        alike: dict[str, list[str]] = {}
        for one in look:
            for reason in one.reasons:
                if reason.kind == kind:
                    alike.setdefault(line(reason.text) or f"see {one_line(one.origin, 200)}", []).append(_who(one))
        if not alike:
            continue
        count = sum(map(len, alike.values()))
        yield Indented(Text(meaning, "yellow"), "       ", Text(f"{count:5}  ", "bold"))
        first = sorted(alike.items(), key=lambda item: -len(item[1]))[:_EACH]
        for text, who in first:
            shortened |= len(who) > _ALIKE + 1
            yield Indented(Text(listed(who, _ALIKE)), "         ", "       ")
            yield Indented(Text(text, _QUIET), "         ")
        if len(alike) > _EACH:
            shortened = True
            yield Text(f"       and {count - sum(len(who) for _, who in first)} more")
    if shortened:
        yield Indented(Text(f"All of them are in {line(scene.gradebook)}, column 'look at'.", _QUIET), "  ")


def _mistakes(insights: Insights) -> Iterator[RenderableType]:
    unexplained = [question for question in insights.questions if question.unexplained]
    if not insights.mistakes and not unexplained:
        return
    yield _head("What most got wrong", "share of those graded")
    for mistake in insights.mistakes[:_MISTAKES]:
        yield _mistake(mistake)
    if len(insights.mistakes) > _MISTAKES:
        yield Indented(Text(f"and {len(insights.mistakes) - _MISTAKES} rarer mistakes", _QUIET), "         ")
    if unexplained:
        unexplained.sort(key=lambda question: -question.unexplained)
        named = [f"{line(question.id)} ({question.unexplained})" for question in unexplained]
        text = f"Wrong in a way that has no name yet: {listed(named, 4)}."
        yield Indented(Text(text), "  ")


def _mistake(mistake: Mistake) -> Indented:
    text = Text.assemble((line(mistake.question), "bold"), (f" ({mistake.count})  ", _QUIET))
    text.append(line(mistake.sentence) or line(mistake.id))
    return Indented(text, "         ", Text(f"{_percent(mistake.share):>7}  ", "bold"))


def _questions(questions: Sequence[QuestionFigures], width: int) -> Iterator[RenderableType]:
    if not any(question.graded for question in questions):
        return
    columns = [
        ("right", [_percent(question.pass_rate) for question in questions]),
        ("mean", [_percent(question.mean_share) for question in questions]),
        ("points", [number(question.points) for question in questions]),
        ("blank", [_percent(question.not_begun) for question in questions]),
        ("separates", [_signed(question.upper_lower) for question in questions]),
        ("no name", [str(question.unexplained or "·") for question in questions]),
        ("hidden only", [str(question.hidden_only or "·") for question in questions]),
        ("item r", [_signed(question.discrimination) for question in questions]),
    ]
    columns = [(title, cells) for title, cells in columns if set(cells) != {"·"}]
    names = _width(["Questions", *(question.id for question in questions)], 32)
    widths = [max(map(len, [title, *cells])) + 2 for title, cells in columns]
    while len(columns) > 1 and names + 2 + sum(widths) > width:
        if names > _NAMES:
            names -= 1
            continue
        columns.pop()
        widths.pop()
    titles = "".join(title.rjust(wide) for (title, _), wide in zip(columns, widths, strict=True))
    yield Text.assemble("  ", (_cell("Questions", names), "bold"), (titles, _QUIET), no_wrap=True, overflow="ellipsis")
    for place, question in enumerate(questions):
        row = Text.assemble("  ", _cell(question.id, names), no_wrap=True, overflow="ellipsis")
        for (title, cells), wide in zip(columns, widths, strict=True):
            row.append(cells[place].rjust(wide), _style(title, question))
        yield row
    shown = [title for title, _ in columns]
    yield Indented(Text("; ".join(_MEANING[title] for title in shown if title in _MEANING) + ".", _QUIET), "  ")


_MEANING = {
    "right": "right: every check passed",
    "mean": "mean: share of the points earned",
    "blank": "blank: the stub as it was",
    "separates": "separates: how much more of the points the best 27 % have than the weakest 27 %",
    "no name": "no name: wrong in a way that no known mistake explains",
    "hidden only": "hidden only: right on what students see, wrong on all that is hidden",
    "item r": "item r: correlation with all other points",
}


def _style(title: str, question: QuestionFigures) -> str:
    low = question.pass_rate is not None and question.pass_rate < _LOW
    weak = question.upper_lower is not None and question.upper_lower < _WEAK and question.pass_rate not in (0.0, 1.0)
    return "red" if title == "right" and low else "yellow" if title == "separates" and weak else ""


def _checks(insights: Insights) -> Iterator[RenderableType]:
    nobody, everybody = insights.nobody_passes, insights.everybody_passes
    if nobody:
        yield _head("Nobody passes", f"{_count(len(nobody), 'check')}: too hard, not asked for, or wrong")
        for check in nobody[:_CHECKS]:
            yield _check(check)
        if len(nobody) > _CHECKS:
            yield Text(f"  and {len(nobody) - _CHECKS} more", _QUIET)
    if everybody:
        yield _head("Everybody passes", f"{_count(len(everybody), 'check')}: nobody is told apart by them")
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
    names = _width([_who(slow) for slow in insights.slowest], min(32, width - 26))
    for slow in insights.slowest:
        times = f"{slow.seconds:8.1f} s{slow.student_seconds:8.1f} s"
        yield Text.assemble("  ", _cell(_who(slow), names), times, no_wrap=True, overflow="ellipsis")


def _head(title: str, said: str) -> Indented:
    return Indented(Text.assemble((title, "bold"), (f"  {said}", _QUIET)), "  ", "")


def _closing(scene: ClassScene) -> Iterator[RenderableType]:
    parts = [f"{scene.seconds:.1f} s"] if scene.seconds is not None else []
    parts += [f"seed {scene.seed}"] if scene.seed is not None else []
    parts += [f"every grade: {line(scene.gradebook)}"] if scene.gradebook else []
    yield Indented(Text(", ".join(parts), _QUIET), "")


def _who(one: Look | Slow) -> str:
    names, key = one_line(", ".join(one.names), _LONGEST), one_line(one.key, _LONGEST)
    return f"{key} ({names})" if names and names != key else key


def _width(texts: Iterable[str], most: int) -> int:
    return min(max((cell_len(line(text)) for text in texts), default=0), max(most, 8))


def _cell(text: str, width: int) -> str:
    cell = Text(line(text))
    cell.truncate(width, overflow="ellipsis", pad=True)
    return cell.plain


def _percent(share: float | None) -> str:
    """Return a share in per cent; only all is 100 %, and only nobody is 0 %."""
    if share is None:
        return "·"
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{share:.0%}".replace("%", " %")


def _signed(value: float | None) -> str:
    return "·" if value is None else f"{value:.2f}".replace("-0.00", "0.00")


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
