"""The verdict on one check: what its failures, case by case, come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.checking.evidence import wrong_of
from grader.checking.pictures import Remark
from grader.checking.question import Case, Check
from grader.checking.report import WRONG, CheckResult
from grader.errors import AnswerError

__all__ = ["failure_of", "remarked", "result_of"]


def result_of(
    check: Check, points: float, status: str, message: str, details: Mapping[str, Any] | None = None
) -> CheckResult:
    """Return the result of a check that ended with a status: full points if it passed, none if it did not.

    A fault of the grader takes the check out of what can be earned.
    """
    return CheckResult(
        id=check.id,
        title=check.title,
        visibility="hidden" if check.hidden else "public",
        points=0.0 if status == "fault" else round(points, 9),
        score=round(points, 9) if status == "passed" else 0.0,
        status=status,
        message=message,
        details={**(details or {}), **({"robust": True} if check.robust else {})},
    )


def remarked(result: CheckResult, remark: Any) -> CheckResult:
    """Return the result of a check that passed with what it returned: a sentence, or that and pictures, or nothing."""
    if isinstance(remark, Remark):
        return replace(result, message=remark.text, details={**result.details, "pictures": list(remark.pictures)})
    return replace(result, message=remark) if isinstance(remark, str) else result


def failure_of(check: Check, points: float, failures: Sequence[tuple[Case, AnswerError]], tried: int) -> CheckResult:
    """Return the result of a check that failed: the first failure, and which cases fail."""
    case, error = failures[0]
    details: dict[str, Any] = dict(error.details)
    if error.status in WRONG:
        details["fingerprint"] = wrong_of(error).to_plain()
    message = error.message
    if case:
        details["case"] = {name: _plain(value) for name, value in case.items()}
        message += f" ({', '.join(f'{name}={value}' for name, value in case.items())})"
    pattern = _which(check.cases[:tried], [case for case, _ in failures])
    if pattern:
        details["failing"] = pattern
        message += f"; {pattern}"
    return result_of(check, points, error.status, message, details)


def _which(tried: Sequence[Case], failing: Sequence[Case]) -> str:
    """Say which of the cases fail, where one parameter tells, and no other tells as much."""
    if len(tried) < 2 or len(failing) == len(tried):
        return ""
    telling = []
    for name in tried[0]:
        bad = [case[name] for case in failing]
        values = [value for index, value in enumerate(bad) if value not in bad[:index]]
        if len(values) < _distinct(case[name] for case in tried) and all(
            case in failing for case in tried if case[name] in values
        ):
            telling.append(f"it fails just where {name} is {' or '.join(map(str, values))}")
    if len(telling) == 1:
        return telling[0]
    return f"it fails in {len(failing)} of {len(tried)} cases"


def _distinct(values: Iterable[Any]) -> int:
    seen: list[Any] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return len(seen)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
