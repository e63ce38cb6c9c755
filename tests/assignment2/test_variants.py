"""Every wrong answer of the catalogue loses points on its own question, every other right one gets them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.catalogue import Variant, load_catalogue, make_submission
from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import Options, run
from grader.checking.submission import open_submission

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
VARIANTS = [variant for name in ASSIGNMENT.order for variant in load_catalogue(ASSIGNMENT, name).variants]


def outcome(assignment: Assignment, variant: Variant, folder: Path, cache: Path):
    (question,) = assignment.questions([variant.question])
    make_submission(assignment, question, variant, folder)
    report = run(assignment, open_submission(folder, assignment), Options([variant.question], cache=cache))
    return report.questions[0]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant.question}-{variant.id}")
def test_verdict(variant: Variant, tmp_path: Path, cache: Path) -> None:
    result = outcome(ASSIGNMENT, variant, tmp_path / "submission", cache)
    told = "\n".join(f"{check.id}: {check.status} {check.message}" for check in result.checks)
    assert result.status != "fault", told
    if variant.right:
        assert result.score == result.max_score, told
    else:
        assert result.score < result.max_score, told
        assert {"failed", "error"} & {check.status for check in result.checks}, told


@pytest.mark.parametrize("name", ASSIGNMENT.order)
def test_catalogue_has_enough(name: str) -> None:
    variants = load_catalogue(ASSIGNMENT, name).variants
    assert sum(not variant.right for variant in variants) >= 3
    assert sum(variant.right for variant in variants) >= 2
