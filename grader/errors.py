"""Every error of the grader, with the exit code that the command line gives it.

::

    GraderError                     3
    ├── InputError                  2   the user can mend it: a name, a path, an option
    │   ├── UnknownNameError        2   no such assignment, question, …; says what was meant
    │   ├── SubmissionError         2   the folder that should be graded cannot be
    │   └── AssignmentError         2   the assignment's own files are wrong; for its author
    ├── FaultError                  3   a bug of the grader or of a check; never costs a point
    ├── UndecidableError            —   something is missing to judge this check: it is skipped
    └── AnswerError                 —   what a student's code did; becomes the status of a check
        ├── WrongAnswerError            an answer that is not right
        ├── NotWrittenError             the stub still stands
        ├── StudentRaisedError          the student's code raised, or could not be imported
        ├── StudentTimeoutError         it used more time than it may
        └── StudentCrashedError         its process ended

Messages end in what to do next, where there is something to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "AnswerError",
    "AssignmentError",
    "FaultError",
    "GraderError",
    "InputError",
    "NotWrittenError",
    "StudentCrashedError",
    "StudentRaisedError",
    "StudentTimeoutError",
    "SubmissionError",
    "UndecidableError",
    "UnknownNameError",
    "WrongAnswerError",
]


class GraderError(Exception):
    """The root of all errors here."""

    exit_code = 3


class InputError(GraderError):
    """Something the user gave cannot be used; the message says what and how to mend it."""

    exit_code = 2


class UnknownNameError(InputError):
    """A name that is not known, with the closest known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str], advice: str = "") -> None:
        names = list(known)
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        if close:
            hint = f"did you mean {' or '.join(close)}?"
        elif names:
            shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
            hint = f"known: {shown}"
        else:
            hint = ""
        super().__init__(f"there is no {kind} '{name}'" + "".join(f"; {part}" for part in (hint, advice) if part))


class SubmissionError(InputError):
    """The folder that should be graded is missing, empty, an archive, or somewhere else."""


class AssignmentError(InputError):
    """A file of the assignment itself is wrong; the message names file and line for its author."""


class FaultError(GraderError):
    """A bug of the grader or of a check. It never costs a student a point."""


class UndecidableError(GraderError):
    """A check cannot be judged here, because something (torch, CUDA …) is missing."""


class AnswerError(GraderError):
    """What a student's code did instead of answering rightly.

    ``details`` holds plain data for the report (case, worst element, frames).
    """

    status = "error"

    def __init__(self, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})


class WrongAnswerError(AnswerError):
    """An answer came back and it is not right.

    ``expected`` names the arrays that were looked at together, ``wrong`` holds those that are wrong, by name: by them
    a mistake is recognised. They stay out of reports.
    """

    status = "failed"

    def __init__(
        self,
        message: str,
        details: Mapping[str, Any] | None = None,
        wrong: Mapping[str, Any] | None = None,
        expected: Iterable[str] = (),
    ) -> None:
        super().__init__(message, details)
        self.wrong: dict[str, Any] = dict(wrong or {})
        self.expected = tuple(expected)


class NotWrittenError(AnswerError):
    """The student has not started here: the stub still raises NotImplementedError."""

    status = "todo"


class StudentRaisedError(AnswerError):
    """The student's code raised an exception or could not be imported."""

    status = "error"


class StudentTimeoutError(AnswerError):
    """The student's code used more time than it may; its process is gone."""

    status = "timeout"


class StudentCrashedError(AnswerError):
    """The process of the student's code ended in the middle of a call."""

    status = "crashed"
