"""Files that a command writes: known to be writable before the work begins, and complete or untouched after it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

import click

from grader.errors import InputError

__all__ = ["Target"]


class Target:
    """Where a report goes: a file, or ``-`` for standard output.

    Raises:
        InputError: it cannot be written; found by trying, before anything is lost.
    """

    def __init__(self, option: str, place: str) -> None:
        self.option = option
        self.place = place
        self.standard = place == "-"
        if self.standard:
            return
        self._path = Path(os.path.realpath(place))  # a link stays a link
        self._direct = self._path.exists() and not self._path.is_file()  # a pipe, /dev/null: nothing to replace
        folder = self._path.parent
        if self._path.is_dir():
            raise self._error("is a folder: give a file in it")
        if not folder.is_dir():
            raise self._error(f"cannot be written: there is no folder {folder}; make it first")
        if self._path.exists() and not os.access(self._path, os.W_OK):
            raise self._error("cannot be written: it is read-only")
        if not self._direct:
            try:
                probe = self._temporary("")
            except OSError as error:
                raise self._error(f"cannot be written: {error.strerror}") from error
            probe.unlink()

    def write(self, text: str) -> None:
        """Write a text, all of it or nothing.

        Raises:
            InputError: it could not be written after all.
        """
        if self.standard:
            click.echo(text, nl=False)
            return
        try:
            if self._direct:
                self._path.write_text(text, encoding="utf-8", newline="\n")
                return
            temporary = self._temporary(text)
            try:
                if self._path.exists():
                    shutil.copymode(self._path, temporary)
                os.replace(temporary, self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    temporary.unlink()
                raise
        except OSError as error:
            raise self._error(f"could not be written: {error.strerror}") from error

    def same(self, other: Target) -> bool:
        """Whether two would be written to the same place."""
        if self.standard or other.standard:
            return self.standard and other.standard
        return self._path == other._path and not self._direct

    def _temporary(self, text: str) -> Path:
        """Return a new file beside the target, with the permissions that new files have here."""
        path = self._path.with_name(f".{self._path.name[:80]}.{secrets.token_hex(4)}")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except BaseException:
            path.unlink()
            raise
        return path

    def _error(self, what: str) -> InputError:
        return InputError(f"{self.option} {self.place} {what}")
