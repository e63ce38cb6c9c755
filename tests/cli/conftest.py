"""A small course in a temporary folder, and the command line run in it, here or as a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.cli import main

CONFIG = """
title = "Two small functions"
points = 5
robustness = 0.2
questions = [{questions}]

[limits]
call_seconds = 60

[files]
"layers.py" = ["course/layers.py"]
"""

CHECK = '''"""{name}: {factor} times a vector."""

import numpy as np

from grader import Question, expect

question = Question("{name}", file="layers.py", points={points}, returns="out")


@question.check(points=3, size=[1, 4])
def multiplies(student, rng, size):
    """gives {factor} times x"""
    x = rng.normal(size=size)
    expect.close(student.{name}(x), {factor} * x, "out")


@question.check(robust=True)
def leaves_x(student, rng):
    """leaves x as it was"""
    student.{name}(np.ones(3))
    expect.unchanged(student)


@question.check(hidden=True)
def multiplies_more(student, rng):
    """gives {factor} times a matrix"""
    x = rng.normal(size=(2, 3))
    expect.close(student.{name}(x), {factor} * x, "out")
'''

RIGHT = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 3 * x\n"
STUBS = "def double(x):\n    raise NotImplementedError\n\n\ndef triple(x):\n    raise NotImplementedError\n"
HALF = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 2 * x\n"


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class Course:
    """A course's folder: ``solutions/small`` with two questions, ``assignments/small`` with a student's code."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.source = home / "solutions" / "small"
        self.work = home / "assignments" / "small"
        self._capture = capture
        (self.source / "checks").mkdir(parents=True)
        self.work.mkdir(parents=True)
        self.add_question("double", 2, points=2)
        self.add_question("triple", 3, points=3)
        (self.source / "layers.py").write_text(RIGHT)

    def add_question(self, name: str, factor: int, points: int) -> None:
        (self.source / "checks" / f"{name}.py").write_text(CHECK.format(name=name, factor=factor, points=points))
        names = sorted(path.stem for path in (self.source / "checks").glob("*.py"))
        config = CONFIG.format(questions=", ".join(f'"{name}"' for name in names))
        (self.source / "assignment.toml").write_text(config)

    def student(self, text: str, folder: Path | None = None) -> None:
        folder = folder or self.work
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "layers.py").write_text(text)

    def grader(self, *arguments: str | Path) -> Outcome:
        """Run the command line in this process."""
        self._capture.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self._capture.readouterr()
        return Outcome(code, out, err)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "GRADER_DEBUG", "COLUMNS")}
        return {**kept, "TERM": "xterm-256color", "COLUMNS": "80", **more}

    def process(self, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        """Run the command line as a process of its own."""
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        given = {"cwd": self.home, "env": self.environment(), "capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, **{**given, **options})  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Course:
    home = tmp_path / "course"
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("GRADER_DEBUG", raising=False)
    made = Course(home, capsys)
    monkeypatch.chdir(home)
    return made
