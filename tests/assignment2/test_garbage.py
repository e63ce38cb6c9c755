"""Whatever functions and networks answer, no check may fail for it itself: a fault is never the student's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.checking.assignment import load_assignment
from grader.checking.engine import Options, run
from grader.checking.submission import open_submission

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")

GARBAGE = [
    "None",
    "()",
    "0",
    "np.inf",
    "'text'",
    "object()",
    "[[1.0, 2.0]]",
    "np.zeros(())",
    "np.zeros(0)",
    "np.zeros((0, 3))",
    "np.full((3, 4), np.nan)",
    "np.ones((1,) * 8)",
    "np.ones(3, bool)",
    "np.ones((2, 2), complex)",
    "np.array([None, 1])",
    "args[-1]",
    "args[0]",
    "args",
    "(args[0], args)",
    "(args[0],) * 3",
    "(np.zeros_like(args[0]), args)",
    "(np.full(np.shape(args[0]), np.nan), None)",
    "(np.ones((2, 3)),) * 3",
    "(0.5, {'W1': None, 'b1': 3})",
    "(np.float32(0.5), {name: np.zeros(()) for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')})",
    "(0.5, {name: np.full((50,), np.inf) for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')})",
    "(1, 2, 3, 4, 5)",
    "{}",
    "{'W1': np.ones(3)}",
    "1 / 0",
]

FUNCTION = """

def {name}(*args, **kwargs):
    return {garbage}
"""
CLASS = """

class {name}:
    def __init__(self, *args, **kwargs):
        self.params = ({garbage}) if {broken} else {{"W1": np.ones((3, 2)), "b1": np.zeros(2)}}

    def loss(self, *args, **kwargs):
        return {garbage}
"""


@pytest.mark.parametrize("broken", [False, True], ids=["loss", "params"])
@pytest.mark.parametrize("garbage", GARBAGE)
def test_no_fault(garbage: str, broken: bool, tmp_path: Path, cache: Path) -> None:
    questions = [question for question in ASSIGNMENT.questions() if not broken or question.returns is None]
    for entry in ASSIGNMENT.files:
        shutil.copyfile(ASSIGNMENT.folder / entry.name, tmp_path / entry.name)
    for question in questions:
        text = (CLASS if question.returns is None else FUNCTION).format(
            name=question.name, garbage=garbage, broken=broken
        )
        with (tmp_path / question.file).open("a") as file:
            file.write(text)
    report = run(
        ASSIGNMENT,
        open_submission(tmp_path, ASSIGNMENT),
        Options([question.name for question in questions], cache=cache),
    )
    for result in report.questions:
        for check in result.checks:
            assert check.status != "fault", f"{result.id}.{check.id}: {check.details}"
        assert result.status != "passed", result.id
