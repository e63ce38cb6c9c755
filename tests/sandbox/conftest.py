"""Submissions of a few lines, run by real workers."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from grader.errors import AnswerError
from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

LIMITS = Limits(call_seconds=20.0, question_seconds=500.0, memory_bytes=3 * 2**30)
SHORT = Limits(call_seconds=0.4, question_seconds=100.0, memory_bytes=3 * 2**30, slack=30.0)
"""Little processor time, but much on the wall: the machine may be busy."""

COLD = ColdStart()

Files = str | bytes | Mapping[str, str | bytes]


class Submit(Protocol):
    def __call__(self, files: Files, limits: Limits = LIMITS, **returns: str | None) -> Student: ...


class Callees(dict[str, Callee]):
    """Every function gives back one array, unless something else is said; ``fc_net__f`` is f of fc_net.py."""

    def get(self, name: str, default: object = None) -> Callee:
        file, _, function = name.rpartition("__")
        return super().get(name) or Callee(function, f"submission.{file or 'layers'}", parse_results("out"))


def write(folder: Path, files: Files) -> Layout:
    """Write files, and tell where they are."""
    for name, text in ({"layers.py": files} if isinstance(files, (str, bytes)) else files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    folder = folder.resolve()
    names = [path.stem for path in folder.glob("*.py") if path.stem in ("layers", "fc_net") or path.stem[:2] == "q_"]
    return Layout(
        modules={f"submission.{name}": str(folder / f"{name}.py") for name in names},
        aliases={name: f"submission.{name}" for name in names},
        packages={"submission": [str(folder)]},
        missing={"solver": "solver.py is not in the submission"},
        search=[str(folder)],
    )


def student_of(
    folder: Path, files: Files, limits: Limits = LIMITS, launcher: Launcher = COLD, **returns: str | None
) -> Student:
    """Return the student of some files, of which layers.py is the one that is asked."""
    layout = write(folder, files)
    callees = Callees()
    for name, results in returns.items():
        callee = callees.get(name)
        callees[name] = Callee(callee.name, callee.module, None if results is None else parse_results(results))
    return Student(lambda: WorkerProcess(layout, limits, launcher), callees, limits)


@pytest.fixture(scope="session", params=["cold", "warm"])
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    """Where workers come from: whatever holds for them holds for both."""
    if request.param == "cold":
        yield COLD
        return
    if sys.platform != "linux":
        pytest.skip("a warm server needs Linux")
    os.environ["GRADER_TEST_SECRET"] = "the right answer"
    with WarmServer() as server:
        del os.environ["GRADER_TEST_SECRET"]
        yield server


@pytest.fixture
def submit(tmp_path: Path, launcher: Launcher) -> Iterator[Submit]:
    students: list[Student] = []

    def make(files: Files, limits: Limits = LIMITS, **returns: str | None) -> Student:
        students.append(student_of(tmp_path, files, limits, launcher, **returns))
        return students[-1]

    yield make
    for student in students:
        student.close()


def said(kind: type[AnswerError], ask: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Return the sentence that a call fails with: one line, of a readable length, and of this kind."""
    with pytest.raises(AnswerError) as caught:
        ask(*args, **kwargs)
    assert type(caught.value) is kind, caught.value.message
    message = caught.value.message
    assert message.isprintable(), ascii(message)
    assert 10 < len(message) < 800
    return message
