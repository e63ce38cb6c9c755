"""Hostile submissions, graded whole in every tier, each followed by an honest one from the same server.

No attack may earn a point that the same code without it does not, change a file, learn a secret, touch what comes
after it, or keep a report from being made. What a tier does not claim to stop (see ``docs/isolation.md``) may succeed
there, and is seen to: so it is known that the attack is one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.choice import attempt
from grader.sandbox.isolation import TIERS
from grader.sandbox.server import WarmServer

from .course import Course
from .families import FAMILIES
from .subject import ARRAYS
from .trial import expect_nothing_gained, nothing_left, plain

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tiers are Linux's")

SIZE = 8
GROUPS = {
    f"{family.__name__.rpartition('.')[2]}{start // SIZE + 1}": family.ATTACKS[start : start + SIZE]
    for family in FAMILIES
    for start in range(0, len(family.ATTACKS), SIZE)
}
"""A few attacks of a family, after which comes an honest submission."""


@pytest.fixture(scope="module")
def server(secret: str) -> Iterator[WarmServer]:
    with WarmServer() as launcher:
        yield launcher


@pytest.fixture(scope="module")
def refused(server: WarmServer) -> dict[str, str]:
    """Return for each tier why this machine cannot give it, nothing where it can."""
    return {tier: attempt(server.at(tier)).why for tier in TIERS}


@pytest.fixture(scope="module")
def usual(server: WarmServer, refused: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the honest submission's report in each tier, before any attack."""
    course = Course(tmp_path_factory.mktemp("usual"))
    folder = course.hand_in("honest", ARRAYS.honest)
    return {tier: plain(course.grade(folder, server.at(tier))) for tier in TIERS if not refused[tier]}


@pytest.fixture(scope="module")
def without(server: WarmServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Return the points of the attackers' own code, without any attack."""
    course = Course(tmp_path_factory.mktemp("without"))
    report = course.grade(course.hand_in("base", {**ARRAYS.honest, "layers.py": ARRAYS.base}), server)
    return {question.id: question.score for question in report.questions}


def test_there_is_something_to_win(without: dict[str, float], usual: dict[str, Any]) -> None:
    assert without == {"scale_forward": 4.0, "scale_backward": 0.0, "running_sum": 0.0, "step": 2.0}
    for report in usual.values():
        assert report["score"] == report["max_score"] == 10.0
        assert not report["notes"]


@pytest.mark.parametrize(("group", "tier"), [(name, tier) for name in GROUPS for tier in TIERS])
def test_attacks_gain_nothing(
    group: str,
    tier: str,
    tmp_path: Path,
    temporary: Callable[[Course], None],
    server: WarmServer,
    refused: dict[str, str],
    usual: dict[str, Any],
    without: dict[str, float],
    secret: str,
) -> None:
    if refused[tier]:
        pytest.skip(f"{tier}: {refused[tier]}")
    course = Course(tmp_path / "course")
    course.grade(course.hand_in("first", ARRAYS.honest), server.at(tier))  # whose answers they may wish to have given
    for number, attack in enumerate(GROUPS[group]):
        temporary(course)
        try:
            expect_nothing_gained(attack, tier, course, server, without, secret)
        except BaseException as error:
            error.add_note(f"in the attack {attack.name}: it {attack.what}")
            raise
        if not attack.is_claimed(tier):  # it may have changed what it likes of this course
            course = Course(tmp_path / f"course{number}")
    temporary(course)
    honest = course.hand_in("honest", ARRAYS.honest)
    with nothing_left(server, course):
        assert plain(course.grade(honest, server.at(tier))) == usual[tier], "the next one felt it"


def test_there_are_many_attacks() -> None:
    names = [attack.name for family in FAMILIES for attack in family.ATTACKS]
    assert len(names) == len(set(names)) >= 200
