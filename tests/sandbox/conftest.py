"""Submissions of a few lines, run by real workers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from grader.errors import AnswerError
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

LIMITS = Limits(call_seconds=20.0, question_seconds=200.0, memory_bytes=3 * 2**30)
SHORT = Limits(call_seconds=0.3, question_seconds=100.0, memory_bytes=3 * 2**30, patience=1.0, slack=20.0)
"""Little processor time, but much on the wall: the machine may be busy."""

Files = str | bytes | Mapping[str, str | bytes]


class Submit(Protocol):
    def __call__(self, files: Files, limits: Limits = LIMITS, **returns: str | None) -> Student: ...


class Callees(dict[str, Callee]):
    """Every function gives back one array, unless something else is said; ``fc_net__f`` is f of fc_net.py."""

    def get(self, name: str, default: object = None) -> Callee:
        file, _, function = name.rpartition("__")
        return super().get(name) or Callee(function, f"submission.{file or 'layers'}", parse_results("out"))


def layout_of(folder: Path) -> Layout:
    names = [path.stem for path in folder.glob("*.py") if path.stem in ("layers", "optim", "fc_net")]
    return Layout(
        modules={f"submission.{name}": str(folder / f"{name}.py") for name in names},
        aliases={name: f"submission.{name}" for name in names},
        packages={"submission": [str(folder)]},
        missing={"solver": "solver.py is not in the submission"},
        search=[str(folder)],
    )


@pytest.fixture
def layout(tmp_path: Path) -> Callable[[Files], Layout]:
    """Write files, and tell where they are."""

    def write(files: Files) -> Layout:
        for name, text in ({"layers.py": files} if isinstance(files, (str, bytes)) else files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return layout_of(tmp_path.resolve())

    return write


@pytest.fixture
def submit(layout: Callable[[Files], Layout]) -> Iterator[Submit]:
    """Write files, of which layers.py is the one that is asked, and be their student."""
    students: list[Student] = []

    def make(files: Files, limits: Limits = LIMITS, **returns: str | None) -> Student:
        place = layout(files)
        callees = Callees()
        for name, results in returns.items():
            module = callees.get(name).module
            callees[name] = Callee(
                name.rpartition("__")[2], module, None if results is None else parse_results(results)
            )
        students.append(Student(lambda: WorkerProcess(place, limits), callees, limits))
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
    assert 10 < len(message) < 700
    return message
