"""Reads a report back from the plain data that ``Report.to_dict`` makes, also when they were JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from grader.checking.report import SCHEMA, STATUSES, CheckResult, QuestionResult, Report

__all__ = ["report_of"]

T = TypeVar("T")


def report_of(data: Any) -> Report:
    """Return the report that plain data describe. Keys that are not known are passed over, as the schema promises.

    Raises:
        ValueError: it describes none.
    """
    table = _checked(data, dict)
    if table.get("schema") != SCHEMA:
        raise ValueError(f"{table.get('schema')!r} is not {SCHEMA}")
    try:
        return Report(
            assignment=_checked(table["assignment"], str),
            submission=_checked(table["submission"], str),
            seconds=_number(table["seconds"]),
            seed=_checked(table["seed"], int),
            isolation=_checked(table["isolation"], dict),
            environment=_checked(table["environment"], dict),
            questions=tuple(_question(item) for item in _items(table["questions"])),
            hidden_points=_number(table["hidden_points"]),
            interrupted=_checked(table["interrupted"], bool),
            notes=tuple(_checked(note, str) for note in _items(table["notes"])),
            student_seconds=_number(table["student_seconds"]),
        )
    except KeyError as error:
        raise ValueError(f"a report has no {error}") from error
    except OverflowError as error:
        raise ValueError(f"a report has a number that is none: {error}") from error


def _question(data: Any) -> QuestionResult:
    table = _checked(data, dict)
    return QuestionResult(
        id=_checked(table["id"], str),
        title=_checked(table["title"], str),
        score=_number(table["score"]),
        max_score=_number(table["max_score"]),
        status=_word(table["status"], (*STATUSES, "partial")),
        seconds=_number(table["seconds"]),
        checks=tuple(_check(item) for item in _items(table["checks"])),
    )


def _check(data: Any) -> CheckResult:
    table = _checked(data, dict)
    return CheckResult(
        id=_checked(table["id"], str),
        title=_checked(table["title"], str),
        visibility=_word(table["visibility"], ("public", "hidden")),
        points=_number(table["points"]),
        score=_number(table["score"]),
        status=_word(table["status"], STATUSES),
        message=_checked(table["message"], str),
        hint=_text_or_none(table["hint"]),
        misconception=_text_or_none(table["misconception"]),
        cases=_checked(table["cases"], int),
        failed_cases=_checked(table["failed_cases"], int),
        seconds=_number(table["seconds"]),
        details=_checked(table["details"], dict),
    )


def _checked(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) else _checked(value, list)  # JSON makes lists of tuples


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _checked(value, str)


def _number(value: Any) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return value
    return float(_checked(value, int))


def _word(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{str(value)[:40]!r} is none of {', '.join(known)}")
    return str(value)
