"""One SQLite file that one process at a time may use, and that survives whatever ends the process.

The log is a write-ahead log, and a commit is handed to the operating system before it returns (``synchronous`` is
NORMAL): what ends the process, a kill -9 too, loses nothing that was stored. A power failure may take the last few
commits along, never the file.

SQLite's own lock, held from opening to closing, keeps others out. The operating system takes it back from a process
that is gone, and a log under that lock needs no memory shared between processes, which network file systems lack.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = ["Database"]

APPLICATION = 0x67726472  # "grdr", in the file's header: whose database it is
_PATIENCE = 0.5  # seconds for two that start at once to find out which is first


class Database:
    """An open file, locked.

    Args:
        path: the file; it is made if it is not there.
        version: of the schema; files of earlier ones are read, of later ones refused.
        schema: statements that make the tables of a new file.

    Raises:
        InputError: another process has it, a newer grader made it, or it is something else. It is as it was then.
    """

    def __init__(self, path: Path, version: int, schema: str) -> None:
        self.path = path
        with self.told():
            self.connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            with self.told():
                self._prepare(version, schema)
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """Let others in. All that was stored is in the one file then."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Store all that is done in the block when it ends, or nothing of it."""
        with self.told():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # where no room is left, SQLite has ended it
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say in one line what is wrong with the file.

        Raises:
            InputError: instead of what SQLite raises.
        """
        try:
            yield
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says can be damaged, too
            if isinstance(error, sqlite3.ProgrammingError):  # a mistake in how it is called
                raise
            kind = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_")
            raise InputError(_line(self.path, kind, error)) from error

    def _prepare(self, version: int, schema: str) -> None:
        run = self.connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")  # from the first look at the file on
        application, stored = run("PRAGMA application_id").fetchone()[0], run("PRAGMA user_version").fetchone()[0]
        new = application == 0 and not run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not new and application != APPLICATION:
            raise InputError(f"{self.path} is another program's database: give another folder with --out")
        if stored > version:
            raise InputError(
                f"{self.path} was written by a newer grader: update this one, or give another folder with --out"
            )
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        if new:
            with self.transaction():
                for statement in schema.split(";"):
                    run(statement)
                run(f"PRAGMA application_id = {APPLICATION}")
                run(f"PRAGMA user_version = {version}")


def _line(path: Path, kind: str, error: Exception) -> str:
    goes_on = "nothing that was stored is lost, and the same command goes on from there"
    match kind.partition("_")[0]:
        case "BUSY" | "LOCKED":
            return (
                f"{path.parent} is in use by another grading run: wait for its end, or give another folder with --out"
            )
        case "FULL":
            return f"{path} cannot grow, since the disk is full: make room; {goes_on}"
        case "IOERR" if _is_read_only(path):
            return f"{path} cannot be written, since its file system is read-only: mend that; {goes_on}"
        case "IOERR":
            return f"{path} could not be read or written ({error}): is the disk full, or a quota? Mend it; {goes_on}"
        case "NOTADB":
            return f"{path} is no database: move it away, or give another folder with --out"
        case "CANTOPEN" | "READONLY" | "PERM":
            return f"{path} cannot be written ({error}): give another folder with --out"
    what = one_line(str(error), 200)
    return f"{path} is damaged ({what}): bring back a copy of it, or grade into another folder with --out"


def _is_read_only(path: Path) -> bool:
    """Whether a path's file system is read-only; there SQLite finds only that its journal cannot be made."""
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except (AttributeError, OSError):  # not on Windows
        return False
