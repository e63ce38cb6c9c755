"""All that the outcome of an audit's job depends on, in one digest: nothing may be missing, and more is no harm."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import grader
from grader.authoring.usage import siblings
from grader.checking.assignment import Assignment
from grader.checking.question import Question
from grader.sandbox.launch import environment

__all__ = ["Inputs", "look"]

FORMAT = "grader.outcomes/1"
_OWN = Path(grader.__file__).parent
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "GRADER_DATA")
_OTHERWISE = re.compile(rb"\b(importlib|__import__|__path__|run_path|run_module)\b")
_State = tuple[int, int, int, int]
States = Mapping[Path, _State]
"""Files, each with its permissions, its size, when it was changed, and which it is on its disk."""


def look(assignment: Assignment) -> States:
    """Return the states of all files that an audit of an assignment reads, to be taken before it reads any."""
    return {path: state for folder in (_OWN, assignment.folder) for path, state in _files(folder, ())}


class Inputs:
    """What an audit of an assignment depends on: the grader itself, the system, and the assignment's folder.

    Of the folder all files count for all jobs, but for two kinds. Of ``misconceptions/`` only the answer counts that a
    job is about, and of the checks of questions only those that a job runs, or that these import.

    Args:
        assignment: the instructor's.
        questions: all that it has.
        states: those of its files, as ``look`` returned them.
    """

    def __init__(self, assignment: Assignment, questions: Sequence[Question], states: States) -> None:
        self._assignment = assignment
        self._states = states
        self._questions = {question.name: question for question in questions}
        checks = assignment.folder / "checks"
        answers = assignment.folder / "misconceptions"
        own = {checks / f"{name}.py": name for name in assignment.order}
        whole = hashlib.sha256(json.dumps([FORMAT, assignment.name, str(assignment.folder), *_system()]).encode())
        self._checks: dict[str, str] = {}  # of each question, a digest of its file
        self._imports: dict[str, set[str]] = {}
        shared: set[str] = set()  # questions whose checks any other may import, by way of a helper
        for path, state in states.items():
            if path.is_relative_to(answers):
                continue
            data = _content(path)
            imported = _imported(data, path, assignment.order) if path.parent == checks else set()
            if path in own:
                self._checks[own[path]] = hashlib.sha256(data).hexdigest()
                self._imports[own[path]] = imported
            else:
                shared |= imported
                whole.update(f"{path}\0{state[0]}\0{len(data)}\0".encode() + data)
        self._shared = sorted(shared)
        self._whole = whole.hexdigest()

    def key(self, questions: Iterable[str], *what: str) -> str:
        """Return a digest of what the outcome of ``what`` depends on, where these questions are run."""
        checks = [(name, self._checks.get(name, "")) for name in sorted(self._reached(questions))]
        return hashlib.sha256(json.dumps([self._whole, checks, list(questions), list(what)]).encode()).hexdigest()[:32]

    def unchanged(self) -> bool:
        """Whether no file has been touched since: what was found belongs to what was read."""
        return look(self._assignment) == self._states

    def _reached(self, questions: Iterable[str]) -> set[str]:
        """Return these questions, those that they depend on, and those whose checks theirs import."""
        found: set[str] = set()
        pending = [*questions, *self._shared]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._imports.get(name, ())
                pending += self._questions[name].depends if name in self._questions else ()
        return found


def _files(folder: Path, above: tuple[str, ...]) -> Iterator[tuple[Path, _State]]:
    """Yield the files in a folder with their states. What cannot be read, nobody reads."""
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder that it is in
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path), (*above, real))
            elif entry.is_file():
                found = entry.stat()
                yield Path(entry.path), (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ino)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b"cannot be read"


def _imported(data: bytes, path: Path, questions: Sequence[str]) -> set[str]:
    """Return the questions whose checks a file of the checks folder imports; all, where that cannot be seen."""
    if _OTHERWISE.search(data):
        return set(questions)
    try:
        found = siblings(data.decode("utf-8-sig"), str(path)) if path.suffix == ".py" else {}
    except UnicodeDecodeError:
        return set(questions)
    return {module.partition(".")[0] for module in found} & set(questions)


def _system() -> list[object]:
    """Return what the outcome depends on beside files: the system, Python, what is installed, the environment."""
    installed = sorted(
        name
        for folder in {folder or "." for folder in sys.path}
        if os.path.isdir(folder)
        for name in os.listdir(folder)
        if name.endswith((".dist-info", ".egg-info", ".egg-link"))
    )
    surroundings = environment("") | {name: os.environ[name] for name in _THREADS if name in os.environ}
    return [sys.version, sys.prefix, platform.platform(), platform.machine(), installed, sorted(surroundings.items())]
