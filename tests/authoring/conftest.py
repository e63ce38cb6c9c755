"""A small assignment in a folder of its own, which tests change before they publish it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.publish import PublishResult, publish
from grader.checking.assignment import Assignment, load_assignment

CONFIG = """\
title = "Tiny" # for tests
points = 5
seed = 3
questions = ["affine_forward", "swish"]

[files]
"layers.py" = ["package/layers.py"]

[given]
"helpers.py" = []
"""

LAYERS = '''\
"""Layers."""

import numpy as np

from helpers import sigmoid


def affine_forward(x, w, b):
    """Return x w + b for every row of x, and a cache."""
    ### BEGIN SOLUTION
    rows = x.reshape(x.shape[0], -1)  # (N, D)
    out = rows @ w + b
    return out, (x, w)
    ### END SOLUTION


def swish(x):
    """Return x times its sigmoid."""
    ### BEGIN SOLUTION
    share = np.asarray(sigmoid(x))
    return x * share
    ### END SOLUTION
'''

HELPERS = '''\
"""Given code."""

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))
'''

AFFINE = '''\
"""affine_forward: rows times a matrix."""

import numpy as np

from grader import Question, expect
from grader.reference import affine

from ._inputs import affine_inputs

question = Question("affine_forward", file="layers.py", points=3, returns="out cache:kept")

question.forward(affine, affine_inputs, points=3, rows=[1, 4])


# Nobody thinks of this one.
@question.check(points=2, hidden=True)
def takes_images(student, rng):
    """flattens images"""
    x, w = np.ones((3, 2, 2, 2)), np.full((8, 5), 0.125)
    out, _ = student.affine_forward(x, w, np.zeros(5))
    expect.close(out, np.ones((3, 5)), "out")
'''

SWISH = '''\
"""swish: a smooth rectifier."""

from grader import Question
from grader.reference import reference, torch

question = Question("swish", file="layers.py", points=2, returns="out")


@reference
def swish(x):
    return x * torch.sigmoid(x)


def inputs(rng, rows):
    return (rng.normal(size=(rows, 3)),)


question.forward(swish, inputs, rows=[2, 5])
'''

INPUTS = '''\
"""Shared inputs."""


def affine_inputs(rng, rows):
    """Return x, w, b."""
    return rng.normal(size=(rows, 6)), rng.normal(size=(6, 2)), rng.normal(size=2)
'''

SWISH_MISCONCEPTIONS = '''\
"""Wrong and other right answers to swish."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("swish")

catalogue.wrong("larger-of-two", "It is a product.", edit=("return x * share", "return np.maximum(x, share * 17)"))
'''

FILES = {
    "assignment.toml": CONFIG,
    "README.md": "# Tiny\n\nWrite two layers.\n",
    "layers.py": LAYERS,
    "helpers.py": HELPERS,
    "checks/affine_forward.py": AFFINE,
    "checks/swish.py": SWISH,
    "checks/_inputs.py": INPUTS,
    "misconceptions/swish.py": SWISH_MISCONCEPTIONS,
}


class Author:
    """Somebody who writes the small assignment, changes it, and publishes it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "solutions" / "tiny"
        self.target = home / "assignments" / "tiny"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, (name, old)
        self.write(name, text.replace(old, new))

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.folder / name).read_text() + textwrap.dedent(text))

    def assignment(self) -> Assignment:
        return load_assignment(self.folder)

    def publish(self, *, check: bool = False, on_progress: Callable[[str], None] | None = None) -> PublishResult:
        return publish(self.assignment(), check=check, on_progress=on_progress)

    def published(self, name: str) -> str:
        return (self.target / name).read_text()


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    """Return all that is in a folder, caches apart."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
