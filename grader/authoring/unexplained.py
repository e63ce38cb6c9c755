"""Wrong answers that no misconception explains, gathered from graded submissions: what to add to the catalogue next.

Results are what ``grader run --json`` writes, one report a file. Two answers are one if their fingerprints match: the
same check, the same case, and the same wrong values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.checking.evidence import Wrong
from grader.checking.report import SCHEMA, WRONG
from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = ["Answer", "Group", "group_unexplained", "read_results", "render"]

MAX_MESSAGE = 240


@dataclass(frozen=True)
class Answer:
    """A wrong answer of one submission to one check, which nothing explains."""

    submission: str
    question: str
    check: str
    seed: int
    case: str
    wrong: Wrong
    message: str


@dataclass(frozen=True)
class Group:
    """The same wrong answer of several submissions: to these checks of a question, with one of their messages."""

    question: str
    checks: tuple[str, ...]
    message: str
    submissions: tuple[str, ...]


def read_results(places: Iterable[Path]) -> list[Mapping[str, Any]]:
    """Return the reports in files, and in all ``.json`` files of folders that hold one.

    Raises:
        InputError: a place is not there, a file is no report, or there is none at all.
    """
    reports = []
    for place in places:
        inside = sorted(place.rglob("*.json")) if place.is_dir() else [place]
        for path in inside:
            report = _read(path)
            if report is not None:
                reports.append(report)
            elif not place.is_dir():
                raise InputError(f"{path} is no report: give what grader run --json writes")
    if not reports:
        raise InputError("there is no report in what was given: give files that grader run --json writes, or a folder")
    return reports


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) and report.get("schema") == SCHEMA else None


def group_unexplained(reports: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Return the wrong answers without a misconception, the same ones together, those of most submissions first.

    A mistake that shows in several checks is one group, if the same submissions make it in all of them.

    Args:
        reports: as read from JSON. What is no finding in them is passed over.
    """
    alike: dict[tuple[str, str, int, str], list[list[Answer]]] = {}
    for report in reports:
        for answer in _answers(report):
            groups = alike.setdefault((answer.question, answer.check, answer.seed, answer.case), [])
            for group in groups:
                if answer.wrong.explains(group[0].wrong) and group[0].wrong.explains(answer.wrong):
                    group.append(answer)
                    break
            else:
                groups.append([answer])
    merged: dict[tuple[str, tuple[str, ...]], list[Answer]] = {}
    for group in (group for groups in alike.values() for group in groups):
        submissions = tuple(sorted({answer.submission for answer in group}))
        merged.setdefault((group[0].question, submissions), []).append(group[0])
    found = [
        Group(question, tuple(dict.fromkeys(one.check for one in examples)), examples[0].message, submissions)
        for (question, submissions), examples in merged.items()
    ]
    return sorted(found, key=lambda group: (-len(group.submissions), group.question, group.checks, group.submissions))


def _answers(report: Mapping[str, Any]) -> Iterator[Answer]:
    submission, seed = str(report.get("submission", "")), report.get("seed")
    for question in _tables(report.get("questions")):
        checks = _tables(question.get("checks"))
        if any(check.get("misconception") for check in checks):  # what hidden checks saw of it may not be recorded
            continue
        for check in checks:
            details = check.get("details")
            if check.get("status") not in WRONG or not isinstance(details, dict):
                continue
            try:
                wrong = Wrong.from_plain(details.get("fingerprint"))
            except ValueError:  # of a level that says less, or of another version
                continue
            yield Answer(
                submission,
                str(question.get("id", "")),
                str(check.get("id", "")),
                seed if isinstance(seed, int) else 0,
                json.dumps(details.get("case"), sort_keys=True),
                wrong,
                str(check.get("message", "")),
            )


def _tables(value: Any) -> Sequence[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def render(groups: Sequence[Group], examples: int = 3) -> str:
    """Return the groups as text, each with an example message and some of its submissions."""
    if not groups:
        return "A misconception explains every wrong answer.\n"
    lines = []
    for group in groups:
        count = len(group.submissions)
        title = one_line(f"{group.question} ({', '.join(group.checks)})", 200)
        lines.append(f"{count} submission{'s' * (count != 1)}: {title}")
        lines.append(f"    {one_line(group.message, MAX_MESSAGE)}")
        more = f", and {count - examples} more" if count > examples else ""
        lines += [f"    {one_line(', '.join(group.submissions[:examples]), 400)}{more}", ""]
    return "\n".join(lines)
