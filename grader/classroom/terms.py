"""What all submissions of a class are graded by, and what a change of makes them be graded anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grader
from grader.checking.assignment import Assignment
from grader.classroom.record.attempt import Basis

__all__ = ["Terms", "basis_of"]

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
    """

    folder: Path
    seed: int
    tier: str
    cache: Path | None = None
    preload: tuple[str, ...] = ()


def basis_of(assignment: Assignment, seed: int) -> Basis:
    """Return what grades depend on besides the submission: the assignment, the seed, and the grader's own code."""
    code = _digest(Path(grader.__file__).parent)
    return Basis(assignment.name, _digest(assignment.folder), seed, f"{grader.__version__} {code}")


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(root):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in _NO_MATTER:
                yield from _files(path)
        elif path.suffix not in (".pyc", ".ipynb", ".md"):
            yield path
