"""Names for places: how the user would type them, and where this user's caches are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from grader.checking.submission import Submission
from grader.sandbox.text import clean

__all__ = ["cache_folder", "file_of", "shown"]


def shown(path: Path, here: Path) -> str:
    """Return a path as one would type it here, in one line: relative if it is below, whole otherwise."""
    try:
        text = str(path.resolve().relative_to(here.resolve()))
    except ValueError:
        text = str(path)
    return clean(text).replace("\n", " ")


def file_of(submission: Submission, file: str) -> Path | None:
    """Return where a submission has one of the assignment's files, or None if it has not."""
    module = submission.modules.get(file)
    place = submission.layout.modules.get(module) if module is not None else None
    return Path(place) if place is not None and file not in submission.problems else None


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for caches: ``GRADER_CACHE``, or this user's."""
    if environment.get("GRADER_CACHE"):
        return Path(environment["GRADER_CACHE"]).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("grader")
