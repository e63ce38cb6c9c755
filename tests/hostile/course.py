"""A course of one small assignment, in which submissions are graded.

It lies as real ones do: solutions and checks in ``solutions/``, submissions beside them. Everything that a submission
must not learn holds a canary, which no attack can know beforehand.
"""

from __future__ import annotations

import secrets
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import run
from grader.checking.memory import Memory
from grader.checking.options import Options
from grader.checking.report import Report
from grader.checking.submission import open_submission
from grader.sandbox.launch import Launcher

from .attack import Attack
from .subject import ARRAYS, IMPORTS, Subject

__all__ = ["Course", "canary"]


def canary(name: str) -> str:
    """Return a text that nobody can know who has not read it."""
    return f"canary-{name}-{secrets.token_hex(8)}"


class Course:
    """The course, in a folder of its own."""

    def __init__(self, folder: Path, subject: Subject = ARRAYS) -> None:
        self.folder, self.subject = folder, subject
        self.secrets = {name: canary(name) for name in ("solution", "hidden", "expected", "grades")}
        home = folder / "solutions" / "tiny"
        mark = f'SECRET = "{self.secrets["solution"]}"\n'
        files = {"assignment.toml": subject.config, **{name: mark + text for name, text in subject.honest.items()}}
        for name, source in subject.checks.items():
            text = textwrap.dedent(source).format(**self.secrets)
            files[f"checks/{name}.py"] = f'"""{name}."""\n\n{IMPORTS}{text}'
        self._write(home, files)
        self._write(folder, {"grades.csv": self.secrets["grades"]})
        self.temporary = folder.parent / f"{folder.name}-temporary"
        self.temporary.mkdir()
        self.assignment = load_assignment(home)
        self.checks = self.assignment.checks()
        self.memory = Memory()  # of one submission for the next, as in a class

    def _write(self, folder: Path, files: Mapping[str, str | bytes | PurePosixPath]) -> Path:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, PurePosixPath):
                path.symlink_to(text)
            else:
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        return folder

    def hand_in(self, name: str, files: Mapping[str, str | bytes | PurePosixPath]) -> Path:
        """Put a submission beside the others."""
        return self._write(self.folder / "submissions" / name, files)

    def grade(self, folder: Path, launcher: Launcher, attack: Attack | None = None) -> Report:
        """Grade a submission, as one of a class; in an attack's way, if it is one."""
        assignment: Assignment = self.assignment
        limits, questions = replace(assignment.limits, slack=60.0), self.subject.questions
        if attack is not None:
            calls = attack.calls
            limits = replace(limits, slack=attack.slack, call_seconds=calls, question_seconds=2 * calls)
            questions = attack.questions
        assignment = replace(assignment, limits=limits)
        options = Options(questions=questions, launcher=launcher, device="cpu", checks=self.checks, memory=self.memory)
        return run(assignment, open_submission(folder, assignment), options)
