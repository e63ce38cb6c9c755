from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.reach import reached_by
from grader.checking.assignment import load_assignment
from grader.checking.question import Question

CONFIG = """
title = "T"
points = 0
questions = []

[files]
"layers.py" = []
"net.py" = []

[given]
"glue.py" = []
"absent.py" = []
"""
LAYERS = """
import numpy as np

def one(x):
    return np.exp(x)

def two(x):
    return one(one(x))

def three(x):
    return three(x) + exp(x)
"""
GLUE = """
from package.layers import two as again

def both(x):
    return again(x)

def idle():
    return three
"""
NET = """
import layers as l
from .glue import both

class Net:
    def loss(self, x):
        return both(x)

class Other:
    def loss(self, x):
        return [l.three(part) for part in x]
"""
FILES = {"assignment.toml": CONFIG, "layers.py": LAYERS, "glue.py": GLUE, "net.py": NET}


@pytest.mark.parametrize(
    ("question", "reached"),
    [
        (Question("one", "layers.py", 1), {"layers.one"}),
        (Question("two", "layers.py", 1), {"layers.two", "layers.one"}),
        (Question("three", "layers.py", 1), {"layers.three"}),
        (Question("Net", "net.py", 1), {"net.Net", "glue.both", "layers.two", "layers.one"}),
        (Question("Other", "net.py", 1), {"net.Other", "layers.three"}),
        (Question("OtherAgain", "net.py", 1, called="Other"), {"net.Other", "layers.three"}),
        (
            Question("one", "layers.py", 1, also={"both": ("glue.py", "out")}),
            {"layers.one", "glue.both", "layers.two"},
        ),
        (Question("one", "layers.py", 1, depends=["three"]), {"layers.one"}),
    ],
    ids=lambda value: value.name if isinstance(value, Question) else "",
)
def test_what_a_question_runs_is_read_from_the_sources(tmp_path: Path, question: Question, reached: set[str]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    found = reached_by(load_assignment(tmp_path), [question])
    assert {name: {".".join(place) for place in places} for name, places in found.items()} == {question.name: reached}
