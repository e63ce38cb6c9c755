"""A small published assignment, and a shell of IPython's in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

CONFIG = """
title = "Two small functions"
points = 5
questions = ["double", "triple"]

[files]
"layers.py" = []
"""

CHECK = '''"""{name}: {factor} times a vector."""

from grader import Question, expect

question = Question("{name}", file="layers.py", points={points}, returns="out")


@question.check(size=[1, 4])
def multiplies(student, rng, size):
    """gives {factor} times x"""
    x = rng.normal(size=size)
    expect.close(student.{name}(x), {factor} * x, "out")
'''

RIGHT = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 3 * x\n"
STUBS = "def double(x):\n    raise NotImplementedError\n\n\ndef triple(x):\n    raise NotImplementedError\n"
HALF = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 2 * x\n"

_SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance()
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    with capture_output() as captured:
        result = shell.run_cell(json.loads(line))
    shown = [output.data.get("text/plain", "") for output in captured.outputs]
    text = "\\n".join([captured.stdout, captured.stderr, *shown])
    print(json.dumps([result.success, text]), file=answers, flush=True)
"""


class Cell(NamedTuple):
    ok: bool
    shown: str


class Shell:
    """IPython, waiting for cells."""

    def __init__(self, cache: Path) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "GRADER_DEBUG"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SHELL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "GRADER_CACHE": str(cache), "IPYTHONDIR": str(cache / "ipython")},
            text=True,
        )

    def cell(self, code: str) -> Cell:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(code), file=self._process.stdin, flush=True)
        return Cell(*json.loads(self._process.stdout.readline()))

    def value(self, code: str) -> object:
        """What an expression is, by way of JSON."""
        cell = self.cell(f"import json as _json; print('=' + _json.dumps({code}))")
        assert cell.ok, cell.shown
        return json.loads(cell.shown.partition("=")[2].split("\n")[0])

    def close(self) -> None:
        with self._process:  # which closes the pipes, and waits
            pass


def make_course(folder: Path) -> Path:
    """Make an assignment in which nothing is written yet."""
    (folder / "checks").mkdir(parents=True)
    (folder / "assignment.toml").write_text(CONFIG)
    for name, factor, points in (("double", 2, 2), ("triple", 3, 3)):
        (folder / "checks" / f"{name}.py").write_text(CHECK.format(name=name, factor=factor, points=points))
    (folder / "layers.py").write_text(STUBS)
    return folder


@pytest.fixture(scope="module")
def ipython(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One shell for all tests of a module: each goes to a folder of its own."""
    shell = Shell(tmp_path_factory.mktemp("cache"))
    assert shell.cell("%load_ext grader").ok
    yield shell
    shell.close()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "small")


@pytest.fixture
def shell(ipython: Shell, course: Path) -> Shell:
    """The shell, in the course's folder, with no variables of the user's."""
    ipython.cell("%reset -f")
    ipython.cell(f"%cd -q {course}")
    return ipython
