"""The solution's careless twin: a submission that does what the solution does, and gets every number wrong.

Checks often ask torch for more when an answer is wrong, e.g. for another accepted form. The twin makes them ask while
an assignment is published, so that this is recorded, too, and a check that breaks on wrong answers is noticed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from grader.checking.assignment import Assignment
from grader.checking.question import Question

__all__ = ["make_twin"]

_LEFT_OUT = shutil.ignore_patterns("checks", "misconceptions", "__pycache__", ".*", "*.ipynb")

SPOILED = """

def _spoiled(function):
    import functools

    import numpy

    def spoil(value):
        dtype = getattr(value, "dtype", None)
        if isinstance(value, (float, numpy.floating)) or getattr(dtype, "kind", "") == "f":
            return value * 1.25 + 0.5
        if getattr(dtype, "is_floating_point", False):  # a tensor's
            return value * 1.25 + 0.5
        return [spoil(item) for item in value] if isinstance(value, list) else value

    def spoil_all(value):
        if isinstance(value, dict):
            return {key: spoil(item) if numpy.ndim(item) else item for key, item in value.items()}
        return spoil(value)

    @functools.wraps(function)
    def careless(*args, **kwargs):
        value = function(*args, **kwargs)
        return tuple(map(spoil_all, value)) if isinstance(value, tuple) else spoil_all(value)

    return careless


def _spoil_methods(owner):
    for name, method in list(vars(owner).items()):
        if callable(method) and not name.startswith("_"):
            setattr(owner, name, _spoiled(method))
    return owner

"""


def make_twin(assignment: Assignment, questions: Sequence[Question], folder: Path) -> Path:
    """Write the solution's careless twin to a new folder and return that.

    Args:
        assignment: the author's.
        questions: its questions, whose functions get their numbers wrong.
        folder: where the twin should be.
    """
    shutil.copytree(assignment.folder, folder, ignore=_LEFT_OUT)
    for file in {question.file for question in questions}:
        lines = [
            f"{name} = (_spoil_methods if isinstance({name}, type) else _spoiled)({name})"
            for name in (question.symbol for question in questions if question.file == file)
        ]
        path = folder / file
        text = path.read_text(encoding="utf-8-sig")
        path.write_text(text + SPOILED + "\n".join(lines) + "\n", encoding="utf-8")
    return folder
