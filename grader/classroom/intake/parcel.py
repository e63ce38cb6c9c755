"""A parcel: one submission's files as plain values, which may go to another process or machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.intake.names import safe_parts, shown
from grader.errors import InputError, SubmissionError

__all__ = ["Parcel"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Parcel:
    """The files of one submission.

    ``files`` maps relative paths with ``/`` to contents; ``notes`` say, one line each, what was not taken and why.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of names and contents, whatever their order: equal if and only if the files are."""
        digest = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            path = name.encode()
            digest.update(b"%d:%d:" % (len(path), len(data)) + path)
            digest.update(data)
        return digest.hexdigest()

    def unpack(self, folder: Path) -> None:
        """Write the files into a new or empty temporary folder, readable for everybody, whatever the umask is.

        Raises:
            InputError: the folder is not empty, or cannot be written.
            SubmissionError: a name is not safe, or two names are one on this machine.
        """
        places = {}
        for name in self.files:
            try:
                places[name] = safe_parts(name)
            except ValueError as error:
                raise SubmissionError(f"{shown(name)} cannot be unpacked: {error}") from error
        try:
            folder.mkdir(exist_ok=True)
            if any(folder.iterdir()):
                raise InputError(f"{folder} is not empty: give a new folder")
            folder.chmod(0o755)
            for name, parts in places.items():
                self._write(name, folder, parts)
        except OSError as error:
            raise InputError(
                f"the folder for temporary files cannot be written ({error.strerror}): make room there, or set"
                " TMPDIR to another one"
            ) from error

    def _write(self, name: str, folder: Path, parts: tuple[str, ...]) -> None:
        try:
            for part in parts[:-1]:
                folder /= part
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
                    folder.chmod(0o755)
            with os.fdopen(os.open(folder / parts[-1], _NEW, 0o644), "wb") as file:
                file.write(self.files[name])
            (folder / parts[-1]).chmod(0o644)
        except (FileExistsError, NotADirectoryError) as error:
            raise SubmissionError(
                f"{shown(name)} has the same name here as another file: rename one of them"
            ) from error
