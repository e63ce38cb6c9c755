"""What one run leaves for the next: less work, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking import answers as recorded
from grader.checking import random as drawing
from grader.checking.memory import Memory

from .conftest import Small, plain

CHECK = """
from grader import Question, expect
from grader.checking.reference import reference

question = Question("f", file="layers.py", points=2, returns="out")

@reference
def double(x):
    return 2 * x

@question.check(points=2, size=[2, 5])
def doubles(student, rng, size):
    '''doubles'''
    x = rng.normal(size=size)
    want = double(x)
    got = student.f(x)
    x[...] = 0  # what is kept is not this array
    expect.close(got, want, "out")
"""
RIGHT, WRONG = "def f(x): return x + x", "def f(x): return x + x + (abs(x) > 1)"


def test_reports_are_the_same_with_and_without(small: Small) -> None:
    small.write({"f": CHECK})
    memory = Memory()
    for source in (RIGHT, WRONG, RIGHT, WRONG):
        for seed in (1, 2):
            alone, after = small.run(source, seed=seed), small.run(source, seed=seed, memory=memory)
            assert plain(alone) == plain(after)
            assert after.complete == (source == RIGHT)


def test_nothing_is_read_worked_out_or_drawn_twice(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write({"f": CHECK})
    memory = Memory()
    assert small.run(RIGHT, memory=memory, cache=tmp_path / "cache").complete
    monkeypatch.setattr(recorded, "read_answers", lambda path: pytest.fail("a file is read"))
    monkeypatch.setattr(drawing.Random, "_unit", lambda *args: pytest.fail("numbers are drawn"))
    assert small.run(RIGHT, memory=memory, cache=tmp_path / "cache").complete
