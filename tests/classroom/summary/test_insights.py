from __future__ import annotations

import json
import random
import tracemalloc
from dataclasses import asdict
from statistics import correlation, fmean, median

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.checking.report import QuestionResult
from grader.classroom.record.attempt import Attempt
from grader.classroom.summary.figures import Insights, corrected_correlation, totals_of, upper_minus_lower
from grader.classroom.summary.insights import insights

from ..made import POINTS, attempt, check, classroom, question, report

ONE = {"adam": 4.0}


def one(points: float, *more: QuestionResult, name: str = "adam") -> QuestionResult:
    """A question of four points, of which some were earned."""
    return question(name, *(check(f"c{place}", "passed" if place < points else "failed") for place in range(4)))


def of(*given: QuestionResult | Attempt, points: dict[str, float] = ONE, waiting: int = 0) -> Insights:
    attempts = [
        attempt(f"s{place:03}", report(item)) if isinstance(item, QuestionResult) else item
        for place, item in enumerate(given)
    ]
    return insights(attempts, points, waiting)


def test_a_class_of_nobody() -> None:
    found = of(waiting=3)
    assert (found.submissions, found.graded, found.waiting, found.totals) == (3, 0, 3, None)
    (figures,) = found.questions
    assert (figures.pass_rate, figures.mean_share, figures.not_begun, figures.discrimination) == (None,) * 4
    assert found.look == found.slowest == found.mistakes == ()


def test_counts() -> None:
    refused = attempt("r", None, state="refused", problem="no zip")
    fault = attempt("f", None, state="fault", problem="KeyError", late=True)
    found = of(one(4), one(2), refused, fault, attempt("l", report(one(0)), late=None), waiting=2)
    assert (found.submissions, found.graded, found.refused, found.faults, found.waiting, found.late) == (
        7,
        3,
        1,
        1,
        2,
        1,
    )
    assert [(look.key, [reason.kind for reason in look.reasons]) for look in found.look] == [
        ("r", ["refused"]), ("f", ["fault"]), ("l", ["zero"]),
    ]  # fmt: skip
    assert found.look[0].names == ("R",)


def test_totals() -> None:
    totals = of(*(one(points) for points in (0, 1, 2, 3, 4, 4, 4))).totals
    assert totals is not None
    assert (totals.mean, totals.median, totals.full, totals.zero) == (pytest.approx(18 / 7), 3, 3, 1)
    assert (totals.least, totals.lower_quartile, totals.upper_quartile, totals.most) == (0, 1.5, 4, 4)
    assert totals.histogram == (1, 0, 1, 0, 0, 1, 0, 1, 0, 3)


@example([(3, 15), (6, 15), (12, 15)])  # 0.3 / 1.5 is less than a fifth
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=1, max_size=60))
def test_totals_of_any_class(pairs: list[tuple[int, int]]) -> None:
    scores, most = [min(a, b) / 10 for a, b in pairs], [b / 10 for _, b in pairs]
    totals = totals_of(scores, most)
    assert totals is not None
    assert totals.median == pytest.approx(median(scores))
    assert totals.mean == pytest.approx(fmean(scores))
    assert sum(totals.histogram) == len(scores)
    wanted = [0] * 10
    for a, b in pairs:
        wanted[min(min(a, b) * 10 // b, 9)] += 1
    assert list(totals.histogram) == wanted
    assert (totals.full, totals.zero) == (sum(a >= b for a, b in pairs), scores.count(0.0))


def test_questions() -> None:
    todo = question("adam", check("a", "todo", 3.0), check("b", "skipped"))
    found = of(one(4), one(4), one(1), todo, one(0))
    (figures,) = found.questions
    assert (figures.id, figures.title, figures.points, figures.graded) == ("adam", "about adam", 4.0, 5)
    assert figures.statuses == {"failed": 1, "partial": 1, "passed": 2, "todo": 1}
    assert (figures.pass_rate, figures.mean_share, figures.not_begun) == (0.4, pytest.approx(9 / 20), 0.2)


def test_a_question_that_some_were_not_asked_counts_the_others() -> None:
    found = of(one(4), one(2), one(3, name="gone"), points={"adam": 4.0, "new": 1.0})
    adam, new = found.questions
    assert (adam.graded, adam.mean_share, new.graded, new.mean_share) == (2, 0.75, 0, None)
    assert found.max_score == 5


def test_unexplained_and_hidden_only_are_counted_once_for_each_student() -> None:
    named = {"misconception": "m", "hint": "Because."}
    found = of(
        question("adam", check("a", "failed"), check("b", "failed")),
        question("adam", check("a", "failed", visibility="hidden"), check("b", "failed", **named)),
        question("adam", check("a", "failed", **named), check("b", "error")),
        question("adam", check("a"), check("b", "failed", visibility="hidden", **named)),
    )
    assert (found.questions[0].unexplained, found.questions[0].hidden_only) == (1, 1)


def test_mistakes_are_counted_once_for_each_student_and_sorted() -> None:
    a, b = ({"misconception": label, "hint": f"{label} is wrong."} for label in "ab")
    refused = attempt("r", None, state="refused")
    found = of(
        question("adam", check("x", "failed", **a), check("y", "failed", **a), check("z", "failed", **b)),
        question("adam", check("x", "failed", **b)),
        question("relu", check("x", "failed", **a)),
        one(4),
        refused,
        points={"relu": 1.0, "adam": 3.0},
    )
    assert [(m.question, m.id, m.sentence, m.count, m.share) for m in found.mistakes] == [
        ("adam", "b", "b is wrong.", 2, 0.5),
        ("relu", "a", "a is wrong.", 1, 0.25),
        ("adam", "a", "a is wrong.", 1, 0.25),
    ]


def test_checks_that_all_or_none_pass() -> None:
    def made(place: int) -> QuestionResult:
        some = check("some", "passed" if place else "failed")
        left = check("left", "todo" if place < 3 else "passed")
        return question("adam", check("all"), check("none", "error", visibility="hidden"), some, left)

    found = of(*(made(place) for place in range(10)))
    assert [(one.id, one.ran, one.passed) for one in found.everybody_passes] == [("all", 10, 10)]
    assert [(one.id, one.visibility, one.ran) for one in found.nobody_passes] == [("none", "hidden", 10)]
    few = of(*(made(place) for place in range(9)))
    assert few.everybody_passes == few.nobody_passes == ()


def test_the_slowest_come_first() -> None:
    seconds = [3.0, 1.0, 9.0, 2.0, 5.0, 5.0, 4.0]
    found = insights([attempt(f"s{place}", seconds=value) for place, value in enumerate(seconds)], ONE)
    assert [(slow.key, slow.seconds) for slow in found.slowest] == [
        ("s2", 9),
        ("s4", 5),
        ("s5", 5),
        ("s6", 4),
        ("s0", 3),
    ]


# What separates strong from weak


def test_discrimination_is_the_correlation_with_the_other_questions() -> None:
    luck = random.Random(3)
    table = [(luck.randrange(5), luck.randrange(5), luck.randrange(5)) for _ in range(30)]
    names = ("adam", "relu", "conv")
    attempts = [
        attempt(f"s{place}", report(*(one(p, name=n) for n, p in zip(names, row, strict=True))))
        for place, row in enumerate(table)
    ]
    found = insights(attempts, dict.fromkeys(names, 4.0))
    for place, figures in enumerate(found.questions):
        own = [float(row[place]) for row in table]
        rest = [float(sum(row) - row[place]) for row in table]
        assert figures.discrimination == pytest.approx(correlation(own, rest))


def test_upper_minus_lower_by_hand() -> None:
    totals = np.arange(100.0)
    shares = (totals >= 90).astype(float)
    assert upper_minus_lower(shares, totals) == pytest.approx(10 / 27)
    assert upper_minus_lower((totals >= 50).astype(float), totals) == pytest.approx(1.0)
    assert upper_minus_lower((totals < 50).astype(float), totals) == pytest.approx(-1.0)
    assert upper_minus_lower(np.ones(100), totals) == pytest.approx(0.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=10, max_size=50), st.randoms())
def test_no_order_decides_and_groups_weigh_what_they_should(pairs: list[tuple[int, int]], luck: random.Random) -> None:
    def index(given: list[tuple[int, int]]) -> float | None:
        own = np.array([a / 4 for a, _ in given])
        return upper_minus_lower(own, np.array([float(a + b) for a, b in given]))

    other = list(pairs)
    luck.shuffle(other)
    found, again = index(pairs), index(other)
    if len({a + b for a, b in pairs}) == 1:
        assert found is again is None
    else:
        assert found == pytest.approx(again)
        assert found is not None
        assert -1 - 1e-9 <= found <= 1 + 1e-9


def test_both_are_none_where_they_are_chance_or_undefined() -> None:
    rising = np.arange(12.0)
    assert corrected_correlation(rising, rising * 2) == pytest.approx(1.0)
    assert corrected_correlation(rising, rising) is None  # there is no other question
    assert corrected_correlation(np.ones(12), rising) is None
    assert upper_minus_lower(rising, np.ones(12)) is None
    assert corrected_correlation(rising[:9], rising[:9] * 2) is None
    assert upper_minus_lower(rising[:9], rising[:9]) is None


# A whole class


def test_a_class_as_it_is() -> None:
    found = insights(classroom(300), POINTS, waiting=4)
    assert found.submissions == 304
    assert found.graded + found.refused + found.faults == 300
    kinds = {reason.kind for look in found.look for reason in look.reasons}
    assert {"refused", "fault", "hidden", "nothing_ran", "died"} <= kinds
    assert [figures.id for figures in found.questions] == list(POINTS)
    assert all(figures.discrimination is not None and figures.discrimination > 0.2 for figures in found.questions)
    easy, hard = (
        next(f for f in found.questions if f.id == name) for name in ("relu_forward", "spatial_groupnorm_forward")
    )
    assert easy.pass_rate is not None
    assert hard.pass_rate is not None
    assert easy.pass_rate > hard.pass_rate
    assert found.mistakes[0].share == found.mistakes[0].count / found.graded
    text = json.dumps(asdict(found), allow_nan=False)
    assert json.loads(text)["graded"] == found.graded


def test_only_numbers_are_kept() -> None:
    made = report(question("adam", check("a", "passed", 4.0, message="m" * 20_000)))
    tracemalloc.start()
    found = insights((attempt(f"s{place}", made) for place in range(500)), ONE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.graded == 500
    assert peak < 500_000
