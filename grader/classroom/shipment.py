"""All that a class is graded by, as plain values: what a machine needs that shares no file with this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.checking.assignment import Assignment, load_assignment
from grader.checking.hintfile import Recorded, known_misconceptions, write_hints
from grader.classroom.intake.parcel import Parcel
from grader.classroom.terms import Terms, code_identity, files_of

__all__ = ["Shipment", "pack"]


@dataclass(frozen=True)
class Shipment:
    """The assignment's files, and what else :class:`Terms` say.

    Args:
        name: the assignment's folder; inputs are drawn from it, too, so it has the same name everywhere.
        files: the assignment: checks, solution and data, but no misconceptions.
        hints: what is recorded of them, by question; None for a published assignment, which has them in its files.
        seed: what inputs are drawn from.
        tier: how student code is kept apart.
        preload: what student code is going to import.
        grader: the code that is to grade, see :func:`code_identity`.
    """

    name: str
    files: Parcel
    hints: dict[str, bytes] | None
    seed: int
    tier: str
    preload: tuple[str, ...]
    grader: str

    def unpack(self, home: Path) -> Terms:
        """Write the files below a folder, and return the terms.

        Raises:
            InputError: the folder has no room.
        """
        folder = home / self.name
        self.files.unpack(folder)
        return Terms(folder, self.seed, self.tier, None, self.preload, self.hints)


def pack(terms: Terms) -> Shipment:
    """Return the shipment for terms.

    Raises:
        AssignmentError: the assignment's own files are wrong.
    """
    assignment = load_assignment(terms.folder)
    folder = assignment.folder
    return Shipment(
        folder.name,
        Parcel({path.relative_to(folder).as_posix(): path.read_bytes() for path in files_of(folder)}),
        None if assignment.published else _hints(assignment, terms.cache),
        terms.seed,
        terms.tier,
        terms.preload,
        code_identity(),
    )


def _hints(assignment: Assignment, cache: Path | None) -> dict[str, bytes]:
    """Return the records that hold here: whether they do depends on the misconceptions, which stay here."""
    seed = assignment.seed
    return {
        question: write_hints(Recorded("", seed, tuple(known_misconceptions(assignment, question, seed, cache))))
        for question in assignment.order
    }
