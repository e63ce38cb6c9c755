"""What student code draws depends on the case alone, by real workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.errors import StudentCrashedError
from grader.sandbox.launch import Launcher
from grader.sandbox.student import Student

from .conftest import student_of

SOURCE = """
import os, random
import numpy as np

LOADED = random.random(), float(np.random.rand())

def draw(x): return random.random(), float(np.random.rand())
def loaded(x): return LOADED
def of_their_own(x):
    np.random.seed(1)
    return float(np.random.rand())
def dies(x): os._exit(1)
def drawn_by_torch(x):
    import torch
    return float(torch.rand(())), float(torch.nn.Linear(2, 2).weight.sum())
def replaces(x):
    np.random.seed = random.seed = None
    return 1
def replaces_torch(x):
    import sys, types
    sys.modules["torch"] = types.ModuleType("torch")
    return 1
"""
X = np.ones(1)
NAMES = ("draw", "loaded", "of_their_own", "dies", "drawn_by_torch", "replaces", "replaces_torch")


@pytest.fixture
def student(tmp_path: Path, launcher: Launcher) -> Student:
    return student_of(tmp_path, SOURCE, launcher=launcher, **dict.fromkeys(NAMES, "out:any"))


def drawn(student: Student, seed: int, name: str = "draw") -> object:
    student.line.begin_case(seed)
    return getattr(student, name)(X)


def test_the_same_case_draws_the_same_in_any_worker(tmp_path: Path, student: Student, launcher: Launcher) -> None:
    (tmp_path / "other").mkdir()
    other = student_of(tmp_path / "other", SOURCE, launcher=launcher, draw="out:any")
    first = drawn(student, 2**32 - 1)
    assert drawn(other, 2**32 - 1) == first
    assert drawn(student, 7) != first
    assert student.draw(X) != drawn(student, 7), "a second call goes on"
    assert drawn(student, 2**32 - 1) == first


def test_a_worker_that_takes_anothers_place_draws_the_same(student: Student) -> None:
    first = drawn(student, 3)
    student.line.begin_case(3)
    with pytest.raises(StudentCrashedError):
        student.dies(X)
    assert student.draw(X) == first
    with student.second() as other:
        assert other.draw(X) == first


def test_what_a_file_draws_when_it_is_loaded_depends_on_no_case(student: Student) -> None:
    first = drawn(student, 3, "loaded")
    student.close()
    assert drawn(student, 4, "loaded") == first


def test_seeds_of_their_own_count(student: Student) -> None:
    first = drawn(student, 3, "of_their_own")
    assert drawn(student, 4, "of_their_own") == first


def test_torch_draws_from_it_too(student: Student) -> None:
    pytest.importorskip("torch")
    student.line.prepare("torch")
    first = drawn(student, 3, "drawn_by_torch")
    assert drawn(student, 4, "drawn_by_torch") != first
    assert drawn(student, 3, "drawn_by_torch") == first


@pytest.mark.parametrize("name", ["replaces", "replaces_torch"])
def test_replacing_what_seeds_changes_nothing(student: Student, name: str) -> None:
    first = drawn(student, 3)
    drawn(student, 3, name)
    assert drawn(student, 3) == first
