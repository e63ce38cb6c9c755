"""What is taken of a submission: members of a folder or an archive become a parcel, and notes on what was left out.

What is only odd is left out with a note. A Python file that cannot be taken makes the whole submission an error, since
what is graded would not be what was handed in.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, cast

from grader.classroom.intake.archives import archive_members
from grader.classroom.intake.limits import Intake, Meter, megabytes
from grader.classroom.intake.members import CHUNK, DAMAGED, Member
from grader.classroom.intake.names import archive_stem, folded, is_noise, is_python, safe_parts, shown
from grader.classroom.intake.parcel import Parcel
from grader.errors import SubmissionError

__all__ = ["take"]

_NOTES = 20
_ARCHIVE_DEPTH = 2  # an archive that is all of a submission lies in its folder, or in one folder more
_IN_MEMORY = 8 * 2**20
_DATA_SHARE = 0.75

Parts = tuple[str, ...]


def take(members: Iterable[Member], limits: Intake) -> Parcel:
    """Read what can be taken of a submission. If it has no Python file, archives in it are unpacked.

    Raises:
        SubmissionError: nothing can be taken, or a Python file cannot, or there is too much of it all.
    """
    taking = _Taking(limits)
    taking.take(members, (), limits.nesting)
    return taking.parcel()


class _Taking:
    """One submission while it is read."""

    def __init__(self, limits: Intake) -> None:
        self._limits = limits
        self._meter = Meter(limits)
        self._entries = 0
        self._files: dict[str, bytes] = {}
        self._folders: set[str] = set()
        self._code = False
        self._bytes = self._data_bytes = self._data_files = 0
        self._notes: list[str] = []
        self._unsaid = 0
        self._noise: set[str] = set()

    def take(self, members: Iterable[Member], folder: Parts, nesting: int) -> None:
        """Take members into a folder of the parcel."""
        with ExitStack() as stack:
            archives: list[tuple[Parts, IO[bytes]]] = []
            for member in members:
                parts = self._place(member)
                if parts is None:
                    continue
                parts = (*folder, *parts)
                if member.kind == "file" and archive_stem(parts[-1]) and len(parts) - len(folder) <= _ARCHIVE_DEPTH:
                    if not self._code:
                        archives.append((parts, stack.enter_context(self._archive(member, parts))))
                    else:
                        self._leave("/".join(parts), "it is an archive beside Python files")
                else:
                    self._add(parts, member)
            if self._code:
                for parts, _ in archives:
                    self._leave("/".join(parts), "it is an archive beside Python files")
                return
            for parts, file in archives:
                name = "/".join(parts)
                if not nesting:
                    raise SubmissionError(f"{shown(name)} is an archive in archives in archives: hand in a plain one")
                into = parts[:-1] if len(archives) == 1 else parts
                self.take(archive_members(file, name, self._meter), into, nesting - 1)

    def parcel(self) -> Parcel:
        """Return what was taken.

        Raises:
            SubmissionError: it is nothing.
        """
        if self._noise:
            self._note(f"left out, as no part of the work: {', '.join(sorted(map(shown, self._noise)))}")
        names: dict[str, str] = {}
        for name in self._files:
            other = names.setdefault(folded(name), name)
            if other != name:
                self._note(f"{shown(other)} and {shown(name)} are one name on some systems; both were taken")
        if not self._files:
            why = (
                f"nothing in it can be taken: {self._notes[0]}" if self._notes else "it is empty: nothing was handed in"
            )
            raise SubmissionError(why)
        if self._unsaid:
            self._notes.append(f"{self._unsaid} more notes like these")
        return Parcel(self._files, tuple(self._notes))

    def _place(self, member: Member) -> Parts | None:
        """Return where a member goes, None if it is left out, or is a folder."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise SubmissionError("it has too many files: hand in the code without data and environments")
        try:
            parts = safe_parts(member.name)
        except ValueError as error:
            if member.kind != "folder":
                self._leave(member.name, str(error))
            return None
        python = is_python(parts[-1])
        for part in parts:
            if is_noise(part) or (part.lower() == "datasets" and not python and member.kind != "folder"):
                self._noise.add(part if part[:2] != "._" else "._*")
                return None
        return None if member.kind == "folder" else parts

    def _add(self, parts: Parts, member: Member) -> None:
        name = "/".join(parts)
        python = is_python(name)
        problem = self._problem(name, parts, member, python)
        if problem and (not python or member.kind in ("a link", "a device or a pipe")):
            self._leave(name, problem)
            return
        if problem:
            raise SubmissionError(f"{shown(name)} cannot be taken: {problem}")
        data, problem = self._read(member, python)
        if data is None:
            if python:
                raise SubmissionError(f"{shown(name)} cannot be taken: {problem}")
            self._leave(name, problem)
            return
        before = self._files.pop(name, None)
        if before is not None:
            self._bytes -= len(before)
            self._data_bytes -= 0 if python else len(before)
            if before != data:
                self._note(f"{shown(name)} is there more than once: the last one was taken")
        self._files[name] = data
        self._folders.update("/".join(parts[:end]) for end in range(1, len(parts)))
        self._bytes += len(data)
        if python:
            self._code = True
        else:
            self._data_bytes += len(data)
            self._data_files += before is None

    def _problem(self, name: str, parts: Parts, member: Member, python: bool) -> str:
        """Return why a member cannot be taken, as far as that is known without reading it; nothing if it can."""
        limits = self._limits
        if member.kind != "file":
            return f"it is {member.kind}"
        if len(parts) > limits.depth:
            return f"it lies more than {limits.depth} folders deep"
        if len(name.encode()) > limits.path_bytes:
            return f"its path is longer than {limits.path_bytes} bytes"
        if name in self._folders or any("/".join(parts[:end]) in self._files for end in range(1, len(parts))):
            return "its name is that of a file and of a folder"
        if len(self._files) >= limits.files or (not python and self._data_files >= limits.files * _DATA_SHARE):
            return f"there are more than {limits.files:,} files"
        if not python and member.size > limits.file_bytes:
            return f"it has more than {megabytes(limits.file_bytes)}"
        return ""

    def _read(self, member: Member, python: bool) -> tuple[bytes | None, str]:
        """Return a member's content, or None and why it cannot be read."""
        limits = self._limits
        room, most, what = limits.all_bytes - self._bytes, limits.all_bytes, "the files"
        data_bytes = int(limits.all_bytes * _DATA_SHARE)
        if not python and data_bytes - self._data_bytes < room:
            room, most, what = data_bytes - self._data_bytes, data_bytes, "the files that are no Python"
        data = bytearray()
        try:
            with member.open() as file:
                while chunk := file.read(CHUNK):
                    self._meter.spend(len(chunk))
                    data += chunk
                    if len(data) > limits.file_bytes:
                        return None, f"it has more than {megabytes(limits.file_bytes)}"
                    if len(data) > room:
                        return None, f"{what} have more than {megabytes(most)} together"
        except DAMAGED as error:
            return None, _reason(error, member)
        return bytes(data), ""

    def _archive(self, member: Member, parts: Parts) -> IO[bytes]:
        """Return an archive that can be read in any order, for as long as one likes."""
        name, limit = shown("/".join(parts)), self._limits.archive_bytes
        with ExitStack() as stack:
            try:
                if member.stays:
                    return member.open()
                copy = cast(IO[bytes], stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)))
                with member.open() as file:
                    while chunk := file.read(CHUNK):
                        self._meter.spend(len(chunk))
                        copy.write(chunk)
                        if copy.tell() > limit:
                            raise SubmissionError(f"{name} has more than {megabytes(limit)}: hand in the code alone")
            except DAMAGED as error:
                raise SubmissionError(f"{name} cannot be taken: {_reason(error, member)}") from error
            copy.seek(0)
            stack.pop_all()
        return copy

    def _leave(self, name: str, why: str) -> None:
        self._note(f"{shown(name)} was left out: {why}")

    def _note(self, text: str) -> None:
        if len(self._notes) < _NOTES:
            self._notes.append(text)
        else:
            self._unsaid += 1


def _reason(error: Exception, member: Member) -> str:
    if member.stays and isinstance(error, OSError):
        return f"it cannot be read ({error.strerror})" if error.strerror else str(error)
    return "it is damaged"
