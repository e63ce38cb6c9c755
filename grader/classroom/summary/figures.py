"""The figures about a class: plain data, and the formulas of those that need more than counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.classroom.summary.attention import Reason

__all__ = [
    "CheckFigures",
    "Insights",
    "Look",
    "Mistake",
    "QuestionFigures",
    "Slow",
    "Totals",
    "corrected_correlation",
    "totals_of",
    "upper_minus_lower",
]

BINS = 10  # of the histogram: tenths are what people think in
EXTREME = 0.27  # Kelley (1939): groups of this share tell apart best, where totals are normal
LEAST = 10  # gradings: with fewer, such a figure is chance (the standard error of a correlation is above 0.3)
CLOSE = 5e-4  # points: sums of tenths and thirds differ by less

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Totals:
    """How the totals of those graded are distributed, in points.

    Quartiles lie between neighbours as numpy's do. ``histogram`` counts shares of the most points, in ``BINS`` steps:
    the first is from 0 to below a tenth, the last from nine tenths to all. ``full`` have every point, ``zero`` none.
    """

    mean: float
    deviation: float
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    most: float
    full: int
    zero: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class QuestionFigures:
    """How the class did on a question. Shares are from 0 to 1, and None where nobody was graded.

    ``not_begun`` left the stub as it was. ``hidden_only`` pass every check that students see and none that is hidden.
    ``unexplained`` are wrong in a way that no misconception names. ``discrimination`` is the correlation of the
    question's points with those of all other questions; ``upper_lower`` the mean share of the points that the best
    27 % have, less that of the weakest. Both are None where they are chance, or not defined.
    """

    id: str
    title: str
    points: float
    graded: int
    statuses: Mapping[str, int]
    pass_rate: float | None
    mean_share: float | None
    not_begun: float | None
    discrimination: float | None
    upper_lower: float | None
    hidden_only: int
    unexplained: int


@dataclass(frozen=True)
class Mistake:
    """A misconception: by how many it was made, their share of those graded, and the sentence about it."""

    question: str
    id: str
    sentence: str
    count: int
    share: float


@dataclass(frozen=True)
class CheckFigures:
    """A check that all who came to it pass, or nobody."""

    question: str
    id: str
    title: str
    visibility: str
    ran: int
    passed: int


@dataclass(frozen=True)
class Look:
    """A grading that a person should look at."""

    key: str
    names: tuple[str, ...]
    score: float | None
    max_score: float | None
    origin: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Slow:
    """A grading that took long: by the clock on the wall, and of that in the student's code."""

    key: str
    names: tuple[str, ...]
    seconds: float
    student_seconds: float


@dataclass(frozen=True)
class Insights:
    """All there is to say about a class. ``totals`` is None where nobody was graded."""

    submissions: int
    graded: int
    refused: int
    faults: int
    waiting: int
    late: int
    max_score: float
    totals: Totals | None
    questions: tuple[QuestionFigures, ...]
    mistakes: tuple[Mistake, ...]
    nobody_passes: tuple[CheckFigures, ...]
    everybody_passes: tuple[CheckFigures, ...]
    look: tuple[Look, ...]
    slowest: tuple[Slow, ...]


def totals_of(scores: Sequence[float], most: Sequence[float]) -> Totals | None:
    """Return how scores are distributed, each of so many points at most; None of none."""
    if not scores:
        return None
    points, possible = np.asarray(scores, dtype=np.float64), np.asarray(most, dtype=np.float64)
    full = points >= possible - CLOSE
    shares = np.divide(points, possible, out=np.zeros_like(points), where=possible > 0)
    bins = np.clip(np.floor((shares + 1e-9) * BINS), 0, BINS - 1).astype(int)
    lower, middle, upper = (float(value) for value in np.percentile(points, [25, 50, 75]))
    return Totals(
        mean=float(points.mean()),
        deviation=float(points.std()),
        least=float(points.min()),
        lower_quartile=lower,
        median=middle,
        upper_quartile=upper,
        most=float(points.max()),
        full=int((full & (possible > 0)).sum()),
        zero=int((points <= CLOSE).sum()),
        histogram=tuple(int(count) for count in np.bincount(bins, minlength=BINS)),
    )


def corrected_correlation(question: Floats, totals: Floats) -> float | None:
    """Return Pearson's correlation of a question's points with the points of all the others together."""
    rest = totals - question
    if len(question) < LEAST or np.ptp(question) < CLOSE or np.ptp(rest) < CLOSE:
        return None
    return float(np.clip(np.corrcoef(question, rest)[0, 1], -1.0, 1.0))


def upper_minus_lower(shares: Floats, totals: Floats) -> float | None:
    """Return how much more of a question's points the best 27 % by total have than the weakest 27 %.

    Who ties at the border of a group is in it in part, all of them alike: no order decides.
    """
    if len(shares) < LEAST or np.ptp(totals) < CLOSE:
        return None
    return float(_best(totals) @ shares - _best(-totals) @ shares)


def _best(totals: Floats) -> Floats:
    """Return each one's part in the mean of the best 27 %."""
    size = EXTREME * len(totals)
    border = np.sort(totals)[::-1][int(np.ceil(size)) - 1]
    above, tied = totals > border + CLOSE, np.abs(totals - border) <= CLOSE
    parts: Floats = (above + tied * (size - above.sum()) / tied.sum()) / size
    return parts
