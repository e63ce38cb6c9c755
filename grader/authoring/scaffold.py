"""A new assignment, with one worked layer that runs and can be published at once."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from grader.errors import InputError

__all__ = ["create"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LONGEST = 60
_SUFFIX = ".txt"  # of templates that are Python, so that nobody takes them for modules of ours


def create(name: str, home: Path) -> Path:
    """Make ``solutions/<name>/`` in a folder and return it.

    Args:
        name: of the assignment; letters, digits, ``_`` and ``-``.
        home: the folder that holds ``solutions/``, or will.

    Raises:
        InputError: the name cannot be used, or there is such an assignment.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise InputError(
            f"'{name}' cannot name an assignment: write up to {_LONGEST} letters, digits, _ and -; no _ or - in front"
        )
    target = home / "solutions" / name
    for place in (target, home / "assignments" / name):
        if os.path.lexists(place):
            raise InputError(f"{place} is there already, and nothing is ever overwritten: choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half_made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    except OSError as error:
        raise InputError(f"{target} cannot be made: {error.strerror}") from error
    try:
        for path, text in _templates(resources.files("grader.authoring") / "template", ""):
            (half_made / path).parent.mkdir(exist_ok=True)
            (half_made / path).write_text(text.replace("@NAME@", name), encoding="utf-8", newline="\n")
        half_made.chmod(0o755)
        half_made.rename(target)
    except BaseException:
        shutil.rmtree(half_made, ignore_errors=True)
        raise
    return target


def _templates(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    """Yield the relative path of every file to make, and its text."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name.removesuffix(_SUFFIX)}", entry.read_text(encoding="utf-8")
