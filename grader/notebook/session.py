"""A session: the assignment around the working directory, checked again and again by one process."""

from __future__ import annotations

import atexit
import functools
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.checking.assignment import CONFIG, list_assignments
from grader.checking.options import Observer
from grader.checking.places import cache_folder, file_of, shown
from grader.checking.progress import states
from grader.checking.question import Question
from grader.checking.stopping import Stop
from grader.checking.submission import Submission, open_submission
from grader.checking.workshop import Workshop
from grader.errors import InputError
from grader.notebook.listing import Listing, Row
from grader.notebook.result import Result
from grader.reports.findings import Scene

__all__ = ["ALL", "Session", "assignment_folder", "this_session"]

ALL = "all"
"""What is said instead of names to check all there are."""


class Session:
    """Checks the student's files of the assignment that the working directory is in. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workshop: Workshop | None = None
        self._folder: Path | None = None
        self._statuses: dict[str, str] = {}  # how questions went in this session

    def check(self, names: Sequence[str], observer: Observer, namespace: Mapping[str, Any]) -> Result:
        """Check questions, as ``grader run -q`` would, and return how they went.

        Args:
            names: the questions' names, or :data:`ALL`.
            observer: is told of the progress.
            namespace: the user's variables: a function defined there is not what is checked.

        Raises:
            InputError: there is no assignment here, no such question, or no file to check.
        """
        with self._lock:
            workshop, submission = self._open()
            wanted = [] if list(names) == [ALL] else list(names)
            questions = workshop.questions(wanted)
            stop = Stop()
            with stop.by_interrupt():
                report = workshop.run(submission, wanted, observer, through=stop.through)
            self._statuses |= {question.id: question.status for question in report.questions}
        notes = [*report.notes, *_defined_here(questions, namespace)]
        here = Path.cwd()
        files = {question.name: file_of(submission, question.file) for question in questions}
        places = {name: shown(path, here) for name, path in files.items() if path is not None}
        scene = Scene(workshop.assignment.title, f"%check {' '.join(names)}", places, only="%check {}")
        return Result(replace(report, notes=tuple(notes)), scene)

    def listing(self) -> Listing:
        """Return what can be checked, and how far one is.

        Raises:
            InputError: there is no assignment here, or no file to check.
        """
        with self._lock:
            workshop, submission = self._open()
            rows = []
            for question in workshop.questions():
                status = self._statuses.get(question.name)
                if status is None:
                    status = states(file_of(submission, question.file), [question.symbol])[question.symbol]
                rows.append(Row(question.name, question.points, status, question.file, question.title))
        return Listing(workshop.assignment.name, workshop.assignment.title, tuple(rows))

    def names(self) -> list[str]:
        """Return the names of all questions, nothing where there is no assignment."""
        with self._lock:
            try:
                workshop, _ = self._open()
            except InputError:
                return []
            return list(workshop.assignment.order)

    def close(self) -> None:
        """End what was kept ready. Safe to call again."""
        workshop, self._workshop = self._workshop, None
        if workshop is not None:
            workshop.close()

    def _open(self) -> tuple[Workshop, Submission]:
        try:
            folder = assignment_folder(Path.cwd())
        except OSError as error:
            raise InputError(f"the working directory is gone ({error.strerror}): %cd to the assignment") from error
        if self._workshop is None or folder != self._folder:
            self.close()
            self._workshop, self._folder, self._statuses = Workshop(folder, cache_folder()), folder, {}
        else:
            self._workshop.refresh()
        return self._workshop, open_submission(folder, self._workshop.assignment)


@functools.lru_cache(maxsize=1)
def _session_of(process: int) -> Session:
    session = Session()
    atexit.register(session.close)
    return session


def this_session() -> Session:
    """Return this process's session, which ends with it; a forked process has one of its own."""
    return _session_of(os.getpid())


def assignment_folder(start: Path) -> Path:
    """Return the folder of the assignment that a folder is, or is in.

    Raises:
        InputError: it is in none.
    """
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder.resolve()
    known = [shown(folders[-1], start) for folders in list_assignments(start).values()]
    advice = f"%cd {known[0]}" if known else "%cd to the folder that holds its assignment.toml"
    raise InputError(f"no assignment here ({start}), nor above it: {advice}")


def _defined_here(questions: Sequence[Question], namespace: Mapping[str, Any]) -> list[str]:
    """Return a note for each question whose function the user has defined in the notebook itself."""
    notes = []
    for question in questions:
        found = namespace.get(question.symbol)
        if callable(found) and getattr(found, "__module__", None) == "__main__":
            checked = f"what was checked is the one saved in {question.file}"
            notes.append(f"{question.symbol} is defined in this notebook, too; {checked}")
    return notes
