"""The words about a class that both of its faces say, and in what order. No layout in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.classroom.summary.attention import KINDS
from grader.classroom.summary.figures import Insights, Look, QuestionFigures, Slow, Totals
from grader.reports.findings import line, number
from grader.sandbox.text import listed, one_line

__all__ = [
    "MEANING",
    "MISTAKES",
    "ClassScene",
    "Concern",
    "columns",
    "concerns",
    "count",
    "counts",
    "foot",
    "percent",
    "spread",
    "style_of",
    "unexplained",
    "who",
]

MISTAKES = 8  # more than one can speak about in a lecture
_LONGEST = 80  # characters of a name: people choose them
_LOW, _WEAK = 0.5, 0.2  # what is set off: passed by less than half; below 0.2, an item tells little (Ebel 1965)


@dataclass(frozen=True)
class ClassScene:
    """What the faces say that the figures do not know; ``gradebook`` is where it is, ``seconds`` how long it took."""

    assignment: str
    title: str = ""
    seed: int | None = None
    gradebook: str = "gradebook.csv"
    seconds: float | None = None


@dataclass(frozen=True)
class Concern:
    """A reason to look at submissions, of a kind that ``meaning`` explains, and whose they are."""

    meaning: str
    alike: Sequence[tuple[str, Sequence[str]]]

    @property
    def gradings(self) -> int:
        """How many there are."""
        return sum(len(names) for _, names in self.alike)


def counts(insights: Insights) -> str:
    """Return how many there are of each kind."""
    states = [f"{insights.graded} graded"]
    states += [f"{insights.refused} could not be graded"] if insights.refused else []
    states += [f"{insights.faults} with a fault of the grader's own"] if insights.faults else []
    states += [f"{insights.waiting} not graded yet: the same command goes on"] if insights.waiting else []
    text = f"{count(insights.submissions, 'submission')}: {listed(states)}."
    return text + (f" {insights.late} late." if insights.late else "")


def spread(totals: Totals, most: float) -> str:
    """Return how totals are distributed."""
    middle = f"the middle half from {number(totals.lower_quartile)} to {number(totals.upper_quartile)}"
    text = f"Of {number(most)} points: median {number(totals.median)}, mean {number(totals.mean)}, {middle};"
    return f"{text} {totals.full or 'nobody'} with all, {totals.zero or 'nobody'} with none."


def concerns(look: Sequence[Look]) -> Iterator[Concern]:
    """Yield why somebody should look, the weightiest first, and what most have in common at the top of each."""
    for kind, meaning in KINDS.items():
        alike: dict[str, list[str]] = {}
        for one in look:
            for reason in one.reasons:
                if reason.kind == kind:
                    alike.setdefault(line(reason.text) or f"see {one_line(one.origin, 200)}", []).append(who(one))
        if alike:
            yield Concern(meaning, sorted(alike.items(), key=lambda item: -len(item[1])))


def unexplained(insights: Insights) -> str:
    """Return which questions were wrong in a way that has no name; nothing, if none was."""
    found = sorted((q for q in insights.questions if q.unexplained), key=lambda question: -question.unexplained)
    named = [f"{line(question.id)} ({question.unexplained})" for question in found]
    return f"Wrong in a way that has no name yet: {listed(named, 4)}." if named else ""


MEANING = {
    "right": "right: every check passed",
    "mean": "mean: share of the points earned",
    "blank": "blank: the stub as it was",
    "separates": "separates: how much more of the points the best 27 % have than the weakest 27 %",
    "no name": "no name: wrong in a way that no known mistake explains",
    "hidden only": "hidden only: right on what students see, wrong on all that is hidden",
    "item r": "item r: correlation with all other points",
}


def columns(questions: Sequence[QuestionFigures]) -> list[tuple[str, list[str]]]:
    """Return the columns of the table of questions, the weightiest first, without those that say nothing."""
    found = [
        ("right", [percent(question.pass_rate) for question in questions]),
        ("mean", [percent(question.mean_share) for question in questions]),
        ("points", [number(question.points) for question in questions]),
        ("blank", [percent(question.not_begun) for question in questions]),
        ("separates", [_signed(question.upper_lower) for question in questions]),
        ("no name", [str(question.unexplained or "·") for question in questions]),
        ("hidden only", [str(question.hidden_only or "·") for question in questions]),
        ("item r", [_signed(question.discrimination) for question in questions]),
    ]
    return [(title, cells) for title, cells in found if set(cells) != {"·"}]


def style_of(title: str, question: QuestionFigures) -> str:
    """Return ``low`` or ``weak`` for a cell that stands out, else nothing."""
    low = question.pass_rate is not None and question.pass_rate < _LOW
    weak = question.upper_lower is not None and question.upper_lower < _WEAK and question.pass_rate not in (0.0, 1.0)
    return "low" if title == "right" and low else "weak" if title == "separates" and weak else ""


def foot(scene: ClassScene) -> str:
    """Return how long it took, and where all grades are."""
    parts = [f"{scene.seconds:.1f} s"] if scene.seconds is not None else []
    parts += [f"seed {scene.seed}"] if scene.seed is not None else []
    parts += [f"every grade: {line(scene.gradebook)}"] if scene.gradebook else []
    return ", ".join(parts)


def who(one: Look | Slow) -> str:
    """Return whose a submission is."""
    names, key = one_line(", ".join(one.names), _LONGEST), one_line(one.key, _LONGEST)
    return f"{key} ({names})" if names and names != key else key


def percent(share: float | None) -> str:
    """Return a share in per cent; only all is 100 %, and only nobody is 0 %."""
    if share is None:
        return "·"
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{share:.0%}".replace("%", " %")


def count(count: int, one: str, many: str = "") -> str:
    """Return ``1 person`` or ``2 people``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def _signed(value: float | None) -> str:
    return "·" if value is None else f"{value:.2f}".replace("-0.00", "0.00")
