"""What all submissions of a class are graded by, and what a change of makes them be graded anew."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import grader
from grader.checking.assignment import Assignment
from grader.checking.hintfile import SUFFIX, twin_of
from grader.classroom.record.attempt import Basis

__all__ = ["Terms", "basis_of", "code_identity", "files_of"]

_NO_MATTER = {"__pycache__", "misconceptions", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Terms:
    """The terms of one run, as plain values that go to other processes.

    Args:
        folder: the assignment's.
        seed: what inputs are drawn from.
        tier: how student code is kept apart: a tier, or ``auto`` for the best but ``process``.
        cache: the folder for caches, None for none.
        preload: what student code is going to import, see ``WarmServer``.
        hints: what is recorded of each question's misconceptions, where that does not lie beside the assignment.
    """

    folder: Path
    seed: int
    tier: str
    cache: Path | None = None
    preload: tuple[str, ...] = ()
    hints: Mapping[str, bytes] | None = None


def basis_of(assignment: Assignment, seed: int) -> Basis:
    """Return what a grading depends on besides the submission: the assignment, the seed, and the grader's own code.

    Misconceptions and what is published of them are the assignment's, too: with others, other mistakes are named. What
    is only in somebody's cache does not count, as others who grade the class do not have it.
    """
    folder = assignment.folder
    named = {*(folder / "misconceptions").glob("*.py"), *twin_of(assignment).glob(f"*{SUFFIX}")}
    digest = _digest(folder, sorted({*files_of(folder), *named}))
    return Basis(assignment.name, digest, seed, code_identity())


def code_identity() -> str:
    """Return what tells this grader's code from any other: its version, and a digest of its files."""
    folder = Path(grader.__file__).parent
    return f"{grader.__version__} {_digest(folder, files_of(folder))}"


def _digest(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        name, data = Path(os.path.relpath(path, root)).as_posix(), path.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files that matter in a folder of an assignment or of the grader, in a fixed order."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in _NO_MATTER:
                yield from files_of(path)
        elif path.suffix not in (".pyc", ".ipynb", ".md"):
            yield path
