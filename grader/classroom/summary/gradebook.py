"""The gradebook: a CSV file with a row for every person and a column for every question.

The file is for spreadsheets. It begins with a byte order mark, without which Excel takes UTF-8 for something else and
garbles names; Python reads it as ``utf-8-sig``, and pandas as it is. No text in it is a formula, see ``cell``.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from grader.classroom.record.attempt import Attempt
from grader.classroom.summary.attention import KINDS, reasons
from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = ["FILE", "LAST", "PERSON", "WAITING", "cell", "rows", "write"]

FILE = "gradebook.csv"
PERSON = ("key", "name", "email", "number", "submission")
LAST = (
    "total", "max", "status", "look at", "late", "submitted", "attempt", "graded", "misconceptions", "report",
    "feedback",
)  # fmt: skip
WAITING = "not graded yet"
_LONGEST = 1000  # characters of a cell: spreadsheets cut at 32,767, people far earlier
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")

Row = dict[str, str]


def write(path: Path, table: Iterable[Row], points: Iterable[str]) -> None:
    """Write rows to a file, which is there as it was or complete.

    Raises:
        InputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            with open(temporary, "x", encoding="utf-8-sig", newline="") as file:
                out = csv.DictWriter(file, header(points), lineterminator="\r\n")
                out.writeheader()
                out.writerows(table)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        advice = "see whether another program has it open, or the disk is full, and give the same command again"
        raise InputError(f"{path} could not be written ({error.strerror}): {advice}") from error


def header(points: Iterable[str]) -> list[str]:
    """Return the names of the columns: a question's is its id."""
    return [*PERSON, *(_column(name) for name in points), *LAST]


def rows(
    attempts: Iterable[Attempt],
    points: Mapping[str, float],
    waiting: Mapping[str, Iterable[Mapping[str, str]]] = MappingProxyType({}),
    place: Callable[[Attempt], str] = lambda attempt: "",
    feedback: Callable[[Attempt], str] = lambda attempt: "",
) -> Iterator[Row]:
    """Make the rows, one for each person: the members of a group each have the group's.

    Where a person has to decide, there is no total: an empty cell is no zero.

    Args:
        attempts: the last one of each student or group.
        points: what each question is worth, in the assignment's order.
        waiting: whose submissions are not graded yet, by key. Their rows are at the end.
        place: where an attempt's report is, as the row should say it.
        feedback: where is what the student may read.
    """
    seen: dict[str, str] = {}
    for attempt in attempts:
        graded = _graded(attempt, points) | {"report": cell(place(attempt)), "feedback": cell(feedback(attempt))}
        yield from _each(attempt.key, attempt.people, graded, seen)
    for key, people in waiting.items():
        yield from _each(key, people, {"max": _number(sum(points.values())), "status": WAITING, "look at": ""}, seen)


def _each(key: str, people: Iterable[Mapping[str, str]], graded: Row, seen: dict[str, str]) -> Iterator[Row]:
    """Make the rows of those whose a submission is; ``seen`` are the submissions of all people so far."""
    for person in tuple(people) or ({"key": key},):
        row = _person(person) | {"submission": cell(key)} | graded
        other = seen.setdefault(person.get("key") or key, key)
        if other != key:
            row["look at"] = "; ".join(filter(None, [row["look at"], cell(f"is in submission {other}, too")]))
        yield row


def _graded(attempt: Attempt, points: Mapping[str, float]) -> Row:
    result, why = attempt.result, reasons(attempt)
    questions = result.questions if result is not None else ()
    named = {
        f"{question.id}: {check.misconception}": None
        for question in questions
        for check in question.checks
        if check.misconception
    }
    status = attempt.state if attempt.state == "refused" else "needs a look" if why else attempt.state
    scores = {_column(question.id): _number(question.score) for question in questions if question.id in points}
    return scores | {
        "total": _number(attempt.score) if attempt.state != "refused" else "",
        "max": _number(sum(points.values()) if attempt.max_score is None else attempt.max_score),
        "status": status,
        "look at": cell("; ".join(f"{KINDS[reason.kind]}: {reason.text}".removesuffix(": ") for reason in why)),
        "late": {None: "", True: "yes", False: "no"}[attempt.late],
        "submitted": cell(attempt.submitted or ""),
        "attempt": str(attempt.number),
        "graded": cell(attempt.graded_at),
        "misconceptions": cell("; ".join(named)),
    }


def _person(person: Mapping[str, str]) -> Row:
    return {name: cell(person.get(name) or "") for name in PERSON if name != "submission"}


def cell(text: str) -> str:
    """Return text as one harmless line that no spreadsheet takes for a formula.

    A ' goes before whatever a formula can begin with; after a semicolon, too, which is the comma of half of Europe.
    """
    return _FORMULA.sub(r"\1\2'", one_line(text, _LONGEST))


def _column(question: str) -> str:
    return f"{question} (question)" if question in (*PERSON, *LAST) else cell(question)


def _number(points: float | None) -> str:
    """Return points with a decimal point and no more decimals than they need."""
    return "" if points is None else f"{points:.4f}".rstrip("0").rstrip(".")
