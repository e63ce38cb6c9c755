"""The store of a class's grading: one SQLite file, every attempt in it a transaction of its own."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.classroom.record.attempt import Attempt, Basis, plain_people
from grader.classroom.record.database import Database
from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = ["FILE", "Attempt", "Basis", "Results"]

FILE = "results.sqlite"
VERSION = 1
_LEVEL = 1  # of zlib: a quarter of the time of the usual one, for a fifth more bytes
_SCHEMA = """
CREATE TABLE bases (
    id INTEGER PRIMARY KEY, assignment TEXT NOT NULL, digest TEXT NOT NULL, seed TEXT NOT NULL, grader TEXT NOT NULL
);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, number INTEGER NOT NULL, basis INTEGER NOT NULL REFERENCES bases (id),
    people TEXT NOT NULL, origin TEXT NOT NULL, late INTEGER, submitted TEXT, digest TEXT NOT NULL, state TEXT NOT NULL,
    problem TEXT NOT NULL, score REAL, max_score REAL, seconds REAL NOT NULL, student_seconds REAL NOT NULL,
    graded_at TEXT NOT NULL, report BLOB, UNIQUE (key, number)
);
"""
_BEGUN = "CREATE TABLE IF NOT EXISTS begun (basis INTEGER NOT NULL)"  # since when all are to be graded anew
_FIELDS = (
    "key", "people", "origin", "late", "submitted", "digest", "state", "problem", "score", "max_score", "seconds",
    "student_seconds", "graded_at", "report", "number",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM attempts AS one"
_LAST = "number = (SELECT max(number) FROM attempts WHERE key = one.key)"


class Results:
    """The stored attempts of a class, to be opened with ``open`` in a ``with`` block.

    ``basis`` is what this run grades by. Every method may raise an ``InputError`` about the file: no room is left, it
    is damaged, it cannot be written.
    """

    def __init__(self, database: Database, basis: Basis, *, reseed: bool = False) -> None:
        self._database = database
        self._connection = database.connection
        self._told = database.told
        self.path = database.path
        self._since = 0  # the row of a basis: attempts on earlier ones hold no more
        with self._told():
            self.basis, self._row = self._chosen(basis, reseed)

    @classmethod
    def open(cls, folder: Path, basis: Basis, *, reseed: bool = False) -> Results:
        """Return the results in a folder, which is made if it is not there. Only one process can have them open.

        Args:
            folder: where the file is, and whatever else is made of the results.
            basis: what to grade by. Its seed is used where there are no results yet.
            reseed: use its seed in any case. Else the seed of the run before stays, and with it the grades.

        Raises:
            InputError: another run uses the folder, or it holds results of another assignment, of a newer grader, or a
                file that is no such database. Nothing was changed then.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {error.strerror}; give another folder with --out") from error
        database = Database(folder / FILE, VERSION, _SCHEMA)
        try:
            return cls(database, basis, reseed=reseed)
        except BaseException:
            database.close()
            raise

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others in. What was stored is in one file then."""
        self._database.close()

    def begin_anew(self) -> None:
        """Let no attempt hold that is there now. Where that was begun before and not ended, those since then hold."""
        with self._told():
            self._connection.execute(_BEGUN)
            query = "SELECT basis FROM begun WHERE basis = ?"
            if self._connection.execute(query, (self._row,)).fetchone() is None:
                self._row = self._stored(self.basis)  # the same once more: what is graded from now on has that one
                with self._database.transaction() as connection:
                    connection.execute("DELETE FROM begun")
                    connection.execute("INSERT INTO begun (basis) VALUES (?)", (self._row,))
            self._since = self._row

    def end_anew(self) -> None:
        """Say that all are graded anew."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM begun")

    def is_current(self, key: str, digest: str, tiers: Collection[str]) -> bool:
        """Whether the last attempt of a key was with this submission, on this run's basis, and in one of these tiers.

        Attempts that ended in a fault of the grader's are never current: the next run tries again.
        """
        query = f"SELECT digest, basis, state FROM attempts AS one WHERE key = ? AND {_LAST}"
        with self._told():
            row = self._connection.execute(query, (_text(key),)).fetchone()
            if row is None or row[0] != digest or row[2] == "fault" or row[1] < self._since:
                return False
            if self._basis_of(row[1]) != self.basis:
                return False
        (last,) = self._read(f"{_SELECT} WHERE key = ? AND {_LAST}", _text(key))
        return last.result is None or last.result.isolation.get("tier") in tiers

    def add(self, attempt: Attempt) -> int:
        """Store an attempt. When this returns, it is stored; earlier ones are kept. Returns its number."""
        values = _row(attempt)
        with self._database.transaction():
            query = "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE key = ?"
            values["number"] = self._connection.execute(query, (values["key"],)).fetchone()[0]
            names = ", ".join(_FIELDS)
            marks = ", ".join(f":{name}" for name in _FIELDS)
            self._connection.execute(f"INSERT INTO attempts (basis, {names}) VALUES ({self._row}, {marks})", values)
        return int(values["number"])

    def describe(self, attempt: Attempt) -> None:
        """Store anew whose the last attempt of its key is, where it came from and when: lists of people get mended.

        Nothing else of the given attempt is looked at.
        """
        told = "people = :people, origin = :origin, late = :late, submitted = :submitted"
        values = {name: value for name, value in _row(attempt).items() if f":{name}" in told or name == "key"}
        with self._database.transaction():
            self._connection.execute(f"UPDATE attempts AS one SET {told} WHERE key = :key AND {_LAST}", values)

    def everybody(self) -> list[str]:
        """Return the keys of which there is an attempt, in order."""
        with self._told():
            return [key for (key,) in self._connection.execute("SELECT DISTINCT key FROM attempts ORDER BY key")]

    def latest(self) -> Iterator[Attempt]:
        """The last attempt of every key, in the order of keys. One at a time is in memory."""
        return self._read(f"{_SELECT} WHERE {_LAST} ORDER BY key")

    def attempts(self, key: str) -> Iterator[Attempt]:
        """All attempts of a key, the first one first."""
        return self._read(f"{_SELECT} WHERE key = ? ORDER BY number", _text(key))

    def _read(self, query: str, *values: str) -> Iterator[Attempt]:
        with self._told():
            for row in self._connection.execute(query, values):
                try:
                    attempt = _attempt(row)
                except (ValueError, TypeError, RecursionError, zlib.error) as error:
                    raise self._damage(f"attempt {row[-1]} of {row[0]} cannot be read: {error}") from error
                yield attempt

    def _chosen(self, basis: Basis, reseed: bool) -> tuple[Basis, int]:
        """Return what to grade by and its row, which is new if it is another than the run's before."""
        last = self._connection.execute("SELECT max(id) FROM bases").fetchone()[0]
        before = None if last is None else self._basis_of(last)
        if before is not None and before.assignment != basis.assignment:
            raise InputError(
                f"{self.path.parent} holds results of {before.assignment}, not of {basis.assignment}:"
                " give another folder with --out"
            )
        chosen = basis if before is None or reseed else replace(basis, seed=before.seed)
        if chosen == before:
            return chosen, last
        return chosen, self._stored(chosen)

    def _stored(self, basis: Basis) -> int:
        """Store a basis, and return its row."""
        values = (basis.assignment, basis.digest, str(basis.seed), basis.grader)
        with self._database.transaction() as connection:
            insert = "INSERT INTO bases (assignment, digest, seed, grader) VALUES (?, ?, ?, ?)"
            return int(connection.execute(insert, values).lastrowid or 0)

    def _basis_of(self, row: int) -> Basis:
        found = self._connection.execute("SELECT assignment, digest, seed, grader FROM bases WHERE id = ?", (row,))
        try:
            assignment, digest, seed, grader = found.fetchone()
            return Basis(assignment, digest, int(seed), grader)
        except (ValueError, TypeError) as error:
            raise self._damage(f"basis {row} cannot be read: {error}") from error

    def _damage(self, what: str) -> InputError:
        advice = "bring back a copy of it, or grade into another folder with --out"
        return InputError(f"{self.path} is damaged ({one_line(what, 200)}): {advice}")


def _row(attempt: Attempt) -> dict[str, Any]:
    """Return what the columns of an attempt hold."""
    report = None
    if attempt.report is not None:
        report = zlib.compress(json.dumps(attempt.report, separators=(",", ":"), default=_plain).encode(), _LEVEL)
    values = {name: getattr(attempt, name) for name in _FIELDS}
    texts = {name: _text(value) for name, value in values.items() if isinstance(value, str)}
    return values | texts | {"people": json.dumps(plain_people(attempt.people)), "report": report}


def _attempt(row: tuple[Any, ...]) -> Attempt:
    """Read what ``_row`` makes.

    Raises:
        ValueError, TypeError, RecursionError, zlib.error: it is something else.
    """
    values = dict(zip(_FIELDS, row, strict=True))
    values["people"] = plain_people(json.loads(values["people"]))
    values["late"] = None if values["late"] is None else bool(values["late"])
    if values["report"] is not None:
        values["report"] = json.loads(zlib.decompress(values["report"]))
    attempt = Attempt(**values)
    attempt.result  # noqa: B018  what is no report is found here, and known from now on
    return attempt


def _text(text: str) -> str:
    """Return a text that UTF-8 can hold: names of files may have halves of characters."""
    return text.encode("utf-8", "backslashreplace").decode()


def _plain(value: Any) -> Any:
    """Return as plain data what JSON does not know: numbers and arrays of numpy's, and other mappings."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else str(value)
