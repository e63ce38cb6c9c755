"""The members of a folder that somebody else may have filled, and may still be changing. No link is followed."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from grader.classroom.intake.limits import Intake
from grader.classroom.intake.members import Member
from grader.classroom.intake.names import archive_stem, is_noise, shown
from grader.errors import InputError, SubmissionError

__all__ = ["Folder", "kind_of"]

Parts = tuple[str, ...]


class Folder:
    """A folder that is open: paths in it are walked name by name, so that none of them can lead elsewhere.

    Raises:
        InputError: this system cannot do so.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        if os.open not in os.supports_dir_fd or os.scandir not in os.supports_fd:
            raise InputError("folders can only be read safely on Linux and macOS: give a zip of them")
        self._handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)

    def close(self) -> None:
        """Close it."""
        os.close(self._handle)

    def members(self, below: Parts, limits: Intake) -> Iterator[Member]:
        """Yield what lies below a place: files, archives last, and all else that is neither file nor folder.

        Of a folder that is never a student's work, such as ``.git``, there is the name alone.

        Raises:
            SubmissionError: there is too much of it, it is too deep, or a folder cannot be read.
        """
        waiting: list[tuple[Parts, Member]] = []
        folders, count = [below], 0
        while folders:
            folder = folders.pop()
            for name, status in self._list(folder, len(below), limits.entries - count):
                count += 1
                parts = (*folder, name)
                kind, within = kind_of(status.st_mode), parts[len(below) :]
                member = self.member(parts, "/".join(within), kind, status.st_size)
                if kind == "file" and archive_stem(name) is not None:
                    waiting.append((parts, member))
                    continue
                if kind == "folder" and not is_noise(name):
                    if len(within) > limits.depth:
                        raise SubmissionError(
                            f"it has more than {limits.depth} folders in each other: hand in the code alone"
                        )
                    folders.append(parts)
                yield member
        for _, member in sorted(waiting, key=lambda item: item[0]):
            yield member

    def member(self, parts: Parts, name: str, kind: str, size: int) -> Member:
        """Return what lies at a place as a member of that name."""
        return Member(name, kind, size, lambda: self._open(parts), stays=True)

    def children(self) -> Iterator[tuple[str, str]]:
        """Yield the names in the folder itself, and what they are.

        Raises:
            OSError: it cannot be read.
        """
        with os.scandir(self._handle) as entries:
            for entry in entries:
                yield entry.name, kind_of(entry.stat(follow_symlinks=False).st_mode)

    def _list(self, parts: Parts, above: int, limit: int) -> list[tuple[str, os.stat_result]]:
        try:
            handle = self._enter(parts)
            try:
                with os.scandir(handle) as scanned:
                    entries = list(islice(scanned, limit + 1))
                if len(entries) > limit:
                    raise SubmissionError("it has too many files: hand in the code without data and environments")
                found = []
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                        found.append((entry.name, entry.stat(follow_symlinks=False)))
                return sorted(found, key=lambda item: item[0])
            finally:
                os.close(handle)
        except OSError as error:
            name = shown("/".join(parts[above:])) if len(parts) > above else "its folder"
            raise SubmissionError(f"{name} cannot be read ({error.strerror}): change its permissions") from error

    def _enter(self, parts: Parts) -> int:
        handle = os.dup(self._handle)
        for part in parts:
            try:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            finally:
                os.close(handle)
            handle = inner
        return handle

    def _open(self, parts: Parts) -> IO[bytes]:
        folder = self._enter(parts[:-1])
        try:  # without waiting: it may have become a pipe by now
            handle = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError("it is no file any more")
        file: IO[bytes] = _Steady(handle)
        return file


class _Steady(io.FileIO):
    """A file that is an error to read to its end if it changed since it was opened."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        self._before = self._state()

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        if size and not data and self._state() != self._before:
            raise OSError("it changed while it was read")
        return data

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self.fileno())
        return status.st_size, status.st_mtime_ns


def kind_of(mode: int) -> str:
    """Return what a file's mode says that it is, in the words of members."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
