"""Functions that are there and do nothing earn nothing."""

from __future__ import annotations

from pathlib import Path

from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.submission import open_submission

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
FUNCTION = """
def {name}(x, *args):
    return {value}
"""
CLASS = """
class {name}:
    def __init__(self, *args, **kwargs):
        self.params = {{}}

    def loss(self, X, y=None):
        return np.zeros((len(X), 10)) if y is None else (0.0, {{}})
"""


def test_functions_that_return_zeros_earn_nothing(tmp_path: Path, cache: Path) -> None:
    files = {entry.name: "import numpy as np\n" for entry in ASSIGNMENT.files}
    for question in ASSIGNMENT.questions():
        if question.returns is None:
            files[question.file] += CLASS.format(name=question.name)
        else:
            values = ["0.0" if ":number" in result else "np.zeros_like(x)" for result in question.returns.split()]
            files[question.file] += FUNCTION.format(name=question.name, value=", ".join(values))
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = run(ASSIGNMENT, open_submission(tmp_path, ASSIGNMENT), Options(cache=cache))
    earned = [f"{question.id}.{check.id}" for question in report.questions for check in question.checks if check.score]
    assert earned == []
    assert report.score == 0
