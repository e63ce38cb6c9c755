"""Whether a wrong answer is named by its own sentence when it is graded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.authoring.catalogue import Catalogue
from grader.authoring.jobs import Outcome
from grader.checking.assignment import Assignment
from grader.checking.hintfile import Recorded, digest_of, known_misconceptions
from grader.checking.hints import Known, know, named
from grader.checking.report import WAITS

__all__ = ["named_by", "recorded_of", "unrecorded"]


def unrecorded(assignment: Assignment, catalogues: Mapping[str, Catalogue], cache: Path | None) -> list[str]:
    """Return the questions with wrong answers of which there is no good record to name them by."""
    return [
        name
        for name, catalogue in catalogues.items()
        if any(not variant.right for variant in catalogue.variants)
        and not known_misconceptions(assignment, name, assignment.seed, cache)
    ]


def recorded_of(assignment: Assignment, catalogue: Catalogue, outcomes: Mapping[str, Outcome]) -> Recorded | None:
    """Return a record of wrong answers that were run twice; None, where one of them could not be.

    Args:
        assignment: the instructor's.
        catalogue: a question's.
        outcomes: those of its answers, by their ids.
    """
    known = []
    for variant in catalogue.variants:
        if not variant.right:
            outcome = outcomes.get(variant.id)
            if outcome is None or outcome.again is None:
                return None
            known.append(know(variant.id, variant.sentence, [outcome.seen, {**outcome.seen, **outcome.again}]))
    name = catalogue.question
    return Recorded(digest_of(assignment, name), assignment.seed, tuple(one for one in known if one.wrong))


def named_by(outcome: Outcome, known: Iterable[Known]) -> set[str]:
    """Return the ids of the misconceptions by which a student with a wrong answer would be told what is wrong."""
    own = outcome.results[0]
    waits = WAITS.format(own.id)
    asked = {check.id for check in own.checks if not (check.status == "skipped" and check.message == waits)}
    seen = {place: wrong for place, wrong in outcome.seen.items() if place[0] in asked}
    found = named(own.checks, seen, lambda: known)
    return {check.misconception for check in found if check.misconception is not None}
