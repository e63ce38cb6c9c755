"""A wrong answer of the catalogue loses points on its own question, another right one gets them all.

Here one of each for each question; ``grader audit assignment2``, which the gate runs, proves it of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from grader.authoring.catalogue import Variant, load_catalogue, make_submission
from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner
from grader.checking.options import Options
from grader.checking.report import CheckResult
from grader.checking.submission import open_submission
from grader.sandbox.launch import Launcher

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
RIGHT, WRONG = (
    [next(one for one in load_catalogue(ASSIGNMENT, name).variants if one.right == right) for name in ASSIGNMENT.order]
    for right in (True, False)
)


def name(variant: Variant) -> str:
    return f"{variant.question}-{variant.id}"


@pytest.fixture
def runner(variant: Variant, tmp_path: Path, cache: Path, launcher: Launcher) -> Iterator[Runner]:
    (question,) = ASSIGNMENT.questions([variant.question])
    folder = make_submission(ASSIGNMENT, question, variant, tmp_path / "submission")
    runner = Runner(
        ASSIGNMENT, open_submission(folder, ASSIGNMENT), Options([variant.question], cache=cache, launcher=launcher)
    )
    yield runner
    runner.student.close()


def told(checks: Iterable[CheckResult]) -> str:
    return "\n".join(f"{check.id}: {check.status} {check.message}" for check in checks)


@pytest.mark.parametrize("variant", RIGHT, ids=name)
def test_right_answers_get_every_point(variant: Variant, runner: Runner) -> None:
    (result,) = runner.run().questions
    assert result.score == result.max_score, told(result.checks)


@pytest.mark.parametrize("variant", WRONG, ids=name)
def test_wrong_answers_lose_points(variant: Variant, runner: Runner) -> None:
    """The first check that refuses the answer is enough to see: others may take long."""
    (question,) = runner.questions
    seen = []
    for check in question.checks:
        seen.append(runner.check(question, check, 1.0))
        assert seen[-1].status in ("passed", "failed", "error", "todo"), told(seen)
        if seen[-1].status != "passed":
            return
    pytest.fail(told(seen))


@pytest.mark.parametrize("name", ASSIGNMENT.order)
def test_catalogue_has_enough(name: str) -> None:
    variants = load_catalogue(ASSIGNMENT, name).variants
    assert sum(not variant.right for variant in variants) >= 3
    assert sum(variant.right for variant in variants) >= 2
