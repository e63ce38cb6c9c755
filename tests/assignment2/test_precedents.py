"""Every answer of the catalogue is judged the same after all the others as alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.authoring.catalogue import load_catalogue, make_submission
from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.memory import Memory
from grader.checking.options import Options
from grader.checking.report import Report
from grader.checking.submission import Submission, open_submission
from grader.sandbox.launch import Launcher

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
SEED = 20_261_121
TIMES = ("seconds", "student_seconds")


def told(report: Report) -> str:
    """Return all that a report says, but for times; what is no number is a word, so that it is equal to itself."""

    def timeless(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: timeless(item) for key, item in value.items() if key not in TIMES}
        return [timeless(item) for item in value] if isinstance(value, (list, tuple)) else value

    return json.dumps(timeless(report.to_dict()), sort_keys=True, default=str)


@pytest.mark.parametrize("name", ["batchnorm_forward", "dropout_forward", "TwoLayerNet"])
def test_who_was_judged_before_makes_no_difference(name: str, cache: Path, launcher: Launcher, tmp_path: Path) -> None:
    memory, checks = Memory(), ASSIGNMENT.checks()
    (question,) = ASSIGNMENT.questions([name], checks)

    def graded(submission: Submission, before: Memory | None) -> Report:
        options = Options([name], SEED, "cpu", cache=cache, checks=checks, memory=before, launcher=launcher)
        return run(ASSIGNMENT, submission, options)

    for variant in load_catalogue(ASSIGNMENT, name).variants:
        folder = make_submission(ASSIGNMENT, question, variant, tmp_path / variant.id)
        submission = open_submission(folder, ASSIGNMENT)
        assert told(graded(submission, memory)) == told(graded(submission, None)), variant.id
    cases = sum(len(check.cases) for check in question.checks)
    assert memory.precedents.found > 2 * cases  # of which many are no exception
