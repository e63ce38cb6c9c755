"""Outcomes of an audit's jobs as plain data and back. What an audit does not ask about a result is left out."""

from __future__ import annotations

from typing import Any

from grader.authoring.jobs import Job, Judged, Outcome
from grader.checking.evidence import Evidence, Place, Wrong
from grader.checking.report import STATUSES, CheckResult, QuestionResult

__all__ = ["from_plain", "to_plain"]


def to_plain(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data, without its job."""
    return {
        "results": [
            [result.id, result.score, result.status, [_plain_check(check) for check in result.checks]]
            for result in outcome.results
        ],
        "seen": _plain_seen(outcome.seen),
        "again": None if outcome.again is None else _plain_seen(outcome.again),
        "mutants": [
            [one.id, one.line, one.description, one.question, one.check and _plain_check(one.check)]
            for one in outcome.mutants
        ],
        "total": outcome.total,
        "calls": [[*place, count] for place, count in sorted(outcome.calls.items())],
    }


def from_plain(plain: Any, job: Job) -> Outcome:
    """Return the outcome of a job from plain data.

    Raises:
        ValueError: it is something else.
    """
    try:
        return Outcome(
            job,
            results=tuple(
                QuestionResult(str(name), "", float(score), 0.0, _status(status), 0.0, tuple(map(_check, checks)))
                for name, score, status, checks in plain["results"]
            ),
            seen=_seen(plain["seen"]),
            again=None if plain["again"] is None else _seen(plain["again"]),
            mutants=tuple(
                Judged(str(name), int(line), str(words), str(question), None if check is None else _check(check))
                for name, line, words, question, check in plain["mutants"]
            ),
            total=int(plain["total"]),
            calls={(str(name), str(check)): int(count) for name, check, count in plain["calls"]},
        )
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no outcome: {error}") from error


def _plain_check(check: CheckResult) -> list[Any]:
    return [check.id, check.score, check.status, check.message, bool(check.details.get("robust"))]


def _check(plain: Any) -> CheckResult:
    name, score, status, message, robust = plain
    details = {"robust": True} if robust else {}
    return CheckResult(str(name), "", "", 0.0, float(score), _status(status), str(message), details=details)


def _status(plain: Any) -> str:
    if plain not in (*STATUSES, "partial"):
        raise ValueError(f"no status: {plain!r}")
    return str(plain)


def _plain_seen(seen: Evidence) -> list[Any]:
    return [[*place, wrong and wrong.to_plain()] for place, wrong in sorted(seen.items(), key=lambda item: item[0])]


def _seen(plain: Any) -> dict[Place, Wrong | None]:
    return {
        (str(check), str(label)): None if wrong is None else Wrong.from_plain(wrong) for check, label, wrong in plain
    }
