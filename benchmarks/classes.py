"""Makes assignments and classes of submissions to measure with, and grades them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.authoring import scaffold
from grader.checking.assignment import Assignment, load_assignment

__all__ = [
    "PUBLISHED",
    "ROOT",
    "SOLUTION",
    "TWELVE",
    "copies",
    "done",
    "grading",
    "log_of",
    "needs_no_torch",
    "one_question",
    "part",
    "solution_files",
    "write",
]

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = ROOT / "solutions" / "assignment2"
PUBLISHED = ROOT / "assignments" / "assignment2"

TWELVE = (
    "affine_forward",
    "affine_backward",
    "relu_forward",
    "relu_backward",
    "softmax_loss",
    "batchnorm_forward",
    "batchnorm_backward",
    "layernorm_forward",
    "layernorm_backward",
    "sgd_momentum",
    "rmsprop",
    "adam",
)
"""Questions about numpy alone, in two files, none of which takes a student's code long."""

_LIST = re.compile(r"^questions = \[.*?^\]", re.DOTALL | re.MULTILINE)
_LIMITS = re.compile(r"^\[limits\].*?(?=^\[|\Z)", re.DOTALL | re.MULTILINE)
_STANDING = re.compile(rb"^(\d+) of \d+:", re.MULTILINE)
_PRUNED = shutil.ignore_patterns("__pycache__", "*.ipynb")


def needs_no_torch() -> list[str]:
    """Return the questions of assignment2 that are about numpy alone."""
    return [question.name for question in load_assignment(SOLUTION).questions() if "torch" not in question.needs]


def part(names: Sequence[str], folder: Path, limits: Mapping[str, float] | None = None) -> Assignment:
    """Write assignment2 with some of its questions to a new folder, perhaps with other limits.

    What is recorded of mistakes is there, too, at the place and for the name that it has in a course: they are named.
    """
    shutil.copytree(PUBLISHED / "recorded", folder / "assignments" / SOLUTION.name / "recorded")
    folder = shutil.copytree(SOLUTION, folder / "solutions" / SOLUTION.name, ignore=_PRUNED)
    path = folder / "assignment.toml"
    text = path.read_text(encoding="utf-8")
    text, count = _LIST.subn(f"questions = {list(names)!r}", text)
    assert count == 1, "assignment.toml lists its questions in another way now"
    if limits is not None:
        table = "".join(f"{name} = {value}\n" for name, value in limits.items())
        text, count = _LIMITS.subn(f"[limits]\n{table}\n", text)
        assert count == 1, "assignment.toml has its limits in another place now"
    path.write_text(text, encoding="utf-8")
    return load_assignment(folder)


def one_question(folder: Path) -> Assignment:
    """Write the smallest assignment there is to a folder: what ``grader new`` makes."""
    return load_assignment(scaffold.create("smallest", folder))


def solution_files(assignment: Assignment) -> dict[str, bytes]:
    """Return what somebody hands in who has everything right."""
    return {entry.name: (assignment.folder / entry.name).read_bytes() for entry in assignment.files}


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def copies(assignment: Assignment, count: int, folder: Path) -> Path:
    """Write a class in which everybody has handed in the solution."""
    files = solution_files(assignment)
    for number in range(count):
        write(folder / f"student{number:05d}", files)
    return folder


def log_of(out: Path) -> Path:
    """Return the file for what ``grader grade`` says while it grades into a folder."""
    return out.with_name(f"{out.name}.log")


def done(out: Path) -> int:
    """Return how many submissions ``grader grade`` has said that it has graded; it does at every tenth."""
    log = log_of(out)
    said = _STANDING.findall(log.read_bytes()) if log.exists() else []
    return int(said[-1]) if said else 0


@contextmanager
def grading(
    assignment: Assignment, submissions: Path, out: Path, scratch: Path, *more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start ``grader grade``, with an empty folder for its temporary files; it is ended with the block.

    What it says goes to ``log_of(out)``.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "grader", "grade", str(assignment.folder), str(submissions), "--out", str(out)]
    with log_of(out).open("ab") as log:
        process = subprocess.Popen(
            [*command, *more],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(scratch), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
