"""What a class's grading tells: one pass over the last attempts, with a few numbers kept of each."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.classroom.record.attempt import Attempt
from grader.classroom.summary.attention import only_hidden_wrong, ran, reasons
from grader.classroom.summary.figures import (
    LEAST,
    CheckFigures,
    Floats,
    Insights,
    Look,
    Mistake,
    QuestionFigures,
    Slow,
    corrected_correlation,
    totals_of,
    upper_minus_lower,
)

__all__ = ["Tally", "insights"]

SLOWEST = 5  # a few examples show whether it is one student or a slow check


def insights(attempts: Iterable[Attempt], points: Mapping[str, float], waiting: int = 0) -> Insights:
    """Return what the last attempts of a class tell.

    Args:
        attempts: one of each student or group.
        points: what each question is worth, in the assignment's order.
        waiting: how many submissions are not graded yet.
    """
    tally = Tally(points)
    for attempt in attempts:
        tally.add(attempt)
    return tally.insights(waiting)


class Tally:
    """Counts attempts one by one. Only numbers are kept: one for each student and question, and the commonest things.

    Figures are of those graded; others are counted, and listed for a person to look at.
    """

    def __init__(self, points: Mapping[str, float]) -> None:
        self._points = points
        self._states: Counter[str] = Counter()
        self._late = 0
        self._scores, self._most = array("d"), array("d")
        self._questions = {name: _Question() for name in points}
        self._mistakes: dict[tuple[str, str], _Mistake] = {}
        self._checks: dict[tuple[str, str], _Check] = {}
        self._look: list[Look] = []
        self._slowest: list[tuple[float, int, Slow]] = []

    def add(self, attempt: Attempt) -> None:
        """Count one attempt.

        Raises:
            ValueError: its report is none.
        """
        self._states[attempt.state] += 1
        self._late += attempt.late is True
        names = tuple(person["name"] for person in attempt.people if person.get("name"))
        if why := reasons(attempt):
            look = Look(attempt.key, names, attempt.score, attempt.max_score, attempt.origin, why)
            self._look.append(look)
        slow = Slow(attempt.key, names, attempt.seconds, attempt.student_seconds)
        heapq.heappush(self._slowest, (attempt.seconds, -self._states.total(), slow))
        if len(self._slowest) > SLOWEST:
            heapq.heappop(self._slowest)
        if attempt.state == "graded" and attempt.result is not None:
            self._scores.append(attempt.score or 0.0)
            self._most.append(attempt.max_score or 0.0)
            self._enter(attempt.result)

    def _enter(self, report: Report) -> None:
        found = {question.id: question for question in report.questions}
        for name, tally in self._questions.items():
            tally.add(found.get(name))
        for question in report.questions:
            for key, check in {(question.id, c.misconception): c for c in question.checks if c.misconception}.items():
                self._mistakes.setdefault((key[0], str(key[1])), _Mistake()).add(check)
            for check in filter(ran, question.checks):
                self._checks.setdefault((question.id, check.id), _Check(check.title, check.visibility)).add(check)

    def insights(self, waiting: int = 0) -> Insights:
        """Return what was counted; ``waiting`` are the submissions that are not graded yet."""
        graded = len(self._scores)
        totals = np.array(self._scores, dtype=np.float64)
        order = {name: place for place, name in enumerate(self._points)}
        mistakes = [
            Mistake(question, label, mistake.sentence, mistake.count, mistake.count / graded)
            for (question, label), mistake in self._mistakes.items()
        ]
        telling = [
            CheckFigures(question, label, check.title, check.visibility, check.ran, check.passed)
            for (question, label), check in self._checks.items()
            if check.ran >= LEAST and check.passed in (0, check.ran)
        ]
        telling.sort(key=lambda check: order.get(check.question, len(order)))
        return Insights(
            submissions=self._states.total() + waiting,
            graded=self._states["graded"],
            refused=self._states["refused"],
            faults=self._states["fault"],
            waiting=waiting,
            late=self._late,
            max_score=round(sum(self._points.values()), 4),
            totals=totals_of(self._scores, self._most),
            questions=tuple(tally.figures(name, self._points[name], totals) for name, tally in self._questions.items()),
            mistakes=tuple(sorted(mistakes, key=lambda one: (-one.count, order.get(one.question, len(order)), one.id))),
            nobody_passes=tuple(check for check in telling if not check.passed),
            everybody_passes=tuple(check for check in telling if check.passed),
            look=tuple(self._look),
            slowest=tuple(slow for *_, slow in sorted(self._slowest, reverse=True)),
        )


@dataclass
class _Mistake:
    sentence: str = ""
    count: int = 0

    def add(self, check: CheckResult) -> None:
        self.count += 1
        self.sentence = self.sentence or check.hint or ""


@dataclass
class _Check:
    title: str
    visibility: str
    ran: int = 0
    passed: int = 0

    def add(self, check: CheckResult) -> None:
        self.ran += 1
        self.passed += check.status == "passed"


@dataclass
class _Question:
    """What is counted of one question. ``scores`` has an entry for everybody graded, NaN where it was not asked."""

    title: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    scores: array[float] = field(default_factory=lambda: array("d"))
    most: array[float] = field(default_factory=lambda: array("d"))
    hidden_only: int = 0
    unexplained: int = 0

    def add(self, result: QuestionResult | None) -> None:
        self.scores.append(result.score if result is not None else float("nan"))
        self.most.append(result.max_score if result is not None else float("nan"))
        if result is None:
            return
        self.title = self.title or result.title
        self.statuses[result.status] += 1
        self.hidden_only += only_hidden_wrong(result)
        wrong = any(check.status == "failed" for check in result.checks)
        self.unexplained += wrong and not any(check.misconception for check in result.checks)

    def figures(self, name: str, points: float, totals: Floats) -> QuestionFigures:
        scores, most = np.array(self.scores, dtype=np.float64), np.array(self.most, dtype=np.float64)
        asked = ~np.isnan(scores)
        scores, most, totals = scores[asked], most[asked], totals[asked]
        shares = np.divide(scores, most, out=np.zeros_like(scores), where=most > 0)
        count = len(scores)
        return QuestionFigures(
            id=name,
            title=self.title,
            points=points,
            graded=count,
            statuses=dict(sorted(self.statuses.items())),
            pass_rate=self.statuses["passed"] / count if count else None,
            mean_share=float(shares.mean()) if count else None,
            not_begun=self.statuses["todo"] / count if count else None,
            discrimination=corrected_correlation(scores, totals),
            upper_lower=upper_minus_lower(shares, totals),
            hidden_only=self.hidden_only,
            unexplained=self.unexplained,
        )
