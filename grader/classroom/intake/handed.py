"""What was handed in: by whom, when, and where it lies. It is read when it is its turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from grader.classroom.intake.limits import USUAL, Intake
from grader.classroom.intake.members import Member
from grader.classroom.intake.parcel import Parcel
from grader.classroom.intake.taking import take
from grader.classroom.intake.trees import Tree
from grader.errors import SubmissionError

__all__ = ["Handed", "Part", "Person"]


@dataclass(frozen=True)
class Person:
    """A student, as far as the download tells.

    ``key`` is the name by which a class knows the student (login, email address), ``number`` the id in the system that
    the download came from: Canvas's user id, Moodle's participant number, Gradescope's student id.
    """

    key: str
    name: str = ""
    email: str = ""
    number: str = ""


@dataclass(frozen=True)
class Part:
    """A folder or file of a download that is part of a submission; a file under the name ``place``."""

    tree: Tree
    name: str
    place: str = ""


@dataclass(frozen=True)
class Handed:
    """What one student or one group handed in.

    ``key`` is unique in the class, the same in the next download, and one printable line; it is no path. ``origin`` is
    the place within the download. ``late`` and ``submitted`` (ISO 8601) are there where the download tells them;
    ``late`` is None elsewhere. ``problem`` says, if it is not empty, why this cannot be graded at all.
    """

    key: str
    people: tuple[Person, ...]
    origin: str
    late: bool | None = None
    submitted: str = ""
    problem: str = ""
    parts: tuple[Part, ...] = field(default=(), repr=False, compare=False)
    notes: tuple[str, ...] = field(default=(), repr=False)

    def read(self, limits: Intake = USUAL) -> Parcel:
        """Return its files, read now; the download has to be open.

        Raises:
            SubmissionError: they cannot be graded; the message says why in one line.
        """
        if self.problem:
            raise SubmissionError(self.problem)
        parcel = take(self._members(limits), limits)
        return replace(parcel, notes=(*self.notes, *parcel.notes))

    def _members(self, limits: Intake) -> Iterator[Member]:
        for part in self.parts:
            for member in part.tree.members(part.name, limits):
                yield replace(member, name=part.place) if part.place else member
