"""Whether a wrong answer is named by its own sentence when it is graded, and right ones are given no hint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.authoring.catalogue import Catalogue, Variant
from grader.checking.assignment import Assignment
from grader.checking.hintfile import known_misconceptions
from grader.checking.report import CheckResult

__all__ = ["named", "speaks", "unrecorded"]


def unrecorded(assignment: Assignment, catalogues: Mapping[str, Catalogue], cache: Path | None) -> list[str]:
    """Return the questions with wrong answers of which there is no good record to name them by."""
    return [
        name
        for name, catalogue in catalogues.items()
        if any(not variant.right for variant in catalogue.variants)
        and not known_misconceptions(assignment, name, assignment.seed, cache)
    ]


def named(variant: Variant, checks: Iterable[CheckResult], catalogue: Catalogue) -> bool:
    """Whether checks name a wrong answer, by its id or by that of another one with the very same sentence."""
    alike = {other.id for other in catalogue.variants if other.sentence == variant.sentence and not other.right}
    found = {check.misconception for check in checks if check.misconception is not None}
    return bool(found) and found <= alike


def speaks(checks: Iterable[CheckResult]) -> bool:
    """Whether any check gives a hint: on a right answer, none may."""
    return any(check.hint is not None or check.misconception is not None for check in checks)
