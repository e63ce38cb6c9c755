"""Hostile submissions that attack by way of torch, graded whole in every tier."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.choice import attempt
from grader.sandbox.isolation import TIERS
from grader.sandbox.server import WarmServer

from .attack import Attack
from .course import Course
from .families.tensors import ATTACKS
from .subject import TENSORS
from .trial import expect_nothing_gained, nothing_left, plain

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tiers are Linux's")


@pytest.fixture(scope="module")
def server(secret: str) -> Iterator[WarmServer]:
    pytest.importorskip("torch")
    with WarmServer(["torch"]) as launcher:
        yield launcher


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest, server: WarmServer) -> str:
    if why := attempt(server.at(request.param)).why:
        pytest.skip(f"{request.param}: {why}")
    return str(request.param)


@pytest.fixture(scope="module")
def usual(server: WarmServer, tier: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the honest submission's report, before any attack."""
    course = Course(tmp_path_factory.mktemp("usual"), TENSORS)
    return plain(course.grade(course.hand_in("honest", TENSORS.honest), server.at(tier)))


@pytest.fixture(scope="module")
def without(server: WarmServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Return the points of the attackers' own code, without any attack."""
    course = Course(tmp_path_factory.mktemp("without"), TENSORS)
    report = course.grade(course.hand_in("base", {"nets.py": TENSORS.base}), server)
    return {question.id: question.score for question in report.questions}


def test_there_is_something_to_win(without: dict[str, float], usual: dict[str, Any]) -> None:
    assert without == {"double": 2.0, "probabilities": 0.0}
    assert usual["score"] == usual["max_score"] == 4.0


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gains_nothing(
    attack: Attack,
    tier: str,
    tmp_path: Path,
    temporary: Callable[[Course], None],
    server: WarmServer,
    usual: dict[str, Any],
    without: dict[str, float],
    secret: str,
) -> None:
    course = Course(tmp_path / "course", TENSORS)
    temporary(course)
    expect_nothing_gained(attack, tier, course, server, without, secret)
    honest = course.hand_in("honest", TENSORS.honest)
    with nothing_left(server, course):
        assert plain(course.grade(honest, server.at(tier))) == usual, "the next one felt it"
