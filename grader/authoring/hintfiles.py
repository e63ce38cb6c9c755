"""What students get of the recorded misconceptions: ids, sentences and fingerprints, for public checks only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from grader.authoring.catalogue import load_catalogue
from grader.authoring.edition import RECORDS
from grader.authoring.folder import PublishedFolder
from grader.authoring.hinting import record_hints
from grader.checking.assignment import Assignment
from grader.checking.hintfile import SUFFIX, digest_of, read_hints, write_hints
from grader.checking.question import Question

__all__ = ["hint_files"]


def hint_files(
    assignment: Assignment,
    questions: Sequence[Question],
    published: PublishedFolder,
    *,
    check: bool,
    cache: Path | None,
    on_progress: Callable[[str], None],
) -> dict[str, bytes]:
    """Return the files, by their relative paths.

    A published record whose digest is still good stays as it is. With ``check`` nothing is recorded anew: what would
    have to be is empty, and so differs.
    """
    files: dict[str, bytes] = {}
    old: list[str] = []
    for question in questions:
        name = f"{RECORDS}/{question.name}{SUFFIX}"
        present = published.read_published(name)
        kept = read_hints(present) if present is not None else None
        good = kept is not None and (kept.digest, kept.seed) == (digest_of(assignment, question.name), assignment.seed)
        if good and present is not None:
            files[name] = present
        elif any(not variant.right for variant in load_catalogue(assignment, question.name).variants):
            old.append(question.name)
            files[name] = b""
    if old and not check:
        recorded = record_hints(assignment, questions=old, cache=cache, on_progress=on_progress)
        for question in questions:
            if question.name in recorded:
                public = [check.id for check in question.checks if not check.hidden]
                files[f"{RECORDS}/{question.name}{SUFFIX}"] = write_hints(recorded[question.name].only(public))
    return files
