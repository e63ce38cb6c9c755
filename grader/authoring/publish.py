"""Publishing: an instructor's folder becomes the folder that students get."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.archive import pack
from grader.authoring.edition import make_edition
from grader.authoring.folder import PublishedFolder
from grader.authoring.hintfiles import hint_files
from grader.authoring.records import rehearse
from grader.checking.assignment import Assignment
from grader.errors import AssignmentError, InputError

__all__ = ["PublishResult", "pack", "publish"]


@dataclass(frozen=True)
class PublishResult:
    """What publishing did, in relative paths; or, where it only looked, the ``differences`` in words.

    ``kept`` are files that were edited by hand in the published folder, and therefore left alone.
    """

    target: Path
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unchanged: int = 0
    differences: tuple[str, ...] = ()


def publish(
    assignment: Assignment,
    *,
    check: bool = False,
    cache: Path | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> PublishResult:
    """Make ``assignments/<name>/`` from ``solutions/<name>/``, or bring it up to date.

    Args:
        assignment: the instructor's.
        check: write nothing, and return in what the published folder differs.
        cache: where what is recorded of misconceptions is kept, hidden checks included, for grading.
        on_progress: told, in a few words, what is being done.

    Raises:
        AssignmentError: the assignment's files are wrong, its solution does not pass the public checks, or something
            would be given away. Nothing is written then.
        InputError: the published folder cannot be written. What is missing follows next time.
    """
    tell = on_progress or _nobody
    folder = assignment.folder
    if assignment.published:
        raise AssignmentError(f"{folder} is published already: give the instructor's folder, under solutions/")
    if folder.parent.name != "solutions":
        raise AssignmentError(f"{folder} is not in a folder 'solutions', beside which 'assignments' could be: move it")
    published = PublishedFolder(folder.parent.parent / "assignments" / assignment.name)
    tell("reading the assignment")
    assignment.validate()
    questions = assignment.questions()
    edition = make_edition(assignment, questions)
    with tempfile.TemporaryDirectory(prefix="grader-publish-") as stage:
        rehearse(edition, assignment, questions, Path(stage), tell)
    edition.files.update(hint_files(assignment, questions, published, check=check, cache=cache, on_progress=tell))
    plan = published.compare(edition.files)
    if check:
        return PublishResult(published.path, kept=plan.keep, unchanged=plan.unchanged, differences=plan.differences)
    tell("writing")
    try:
        published.update(plan, edition.files)
    except OSError as error:
        raise InputError(
            f"{published.path} could be written in part only ({error.strerror}: {error.filename}): publish again"
        ) from error
    return PublishResult(published.path, plan.write, plan.remove, plan.keep, plan.unchanged)


def _nobody(message: str) -> None:
    """Nobody listens."""
