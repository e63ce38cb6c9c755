"""Where workers' folders go, and how one is removed at its end, whatever student code has made of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time

from grader.errors import InputError

__all__ = ["NOWHERE", "place", "remove"]

NOWHERE = (
    "there is no folder for temporary files that can be written: set TMPDIR to one (a container that is read-only needs"
    " --tmpfs /tmp)"
)
"""What to say where there is no place for temporary files."""

_ROUNDS = 10
_DEEP = 50  # folders in folders: more are moved up, as Python's own removal calls itself for each
_LONG = 1500  # characters of a path, of which the system takes 4096


def place() -> str:
    """Return the folder for temporary files.

    Raises:
        InputError: there is none.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        raise InputError(NOWHERE) from error


def remove(folder: str) -> None:
    """Remove a folder, also one without permissions, too deep to be named, or in which something is just being ended.

    If it is a link by now, the link alone is removed.
    """
    for _ in range(_ROUNDS):
        with contextlib.suppress(OSError):
            if os.path.islink(folder):
                os.unlink(folder)
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        _ease(folder)
        time.sleep(0.01)


def _ease(folder: str) -> None:
    """Let every folder in one be entered, and move up those that lie too deep."""
    pending = [(folder, 0)]
    while pending:
        path, depth = pending.pop()
        with contextlib.suppress(OSError):  # it is gone, or not ours
            os.chmod(path, 0o700)
            if depth > _DEEP or len(path) > _LONG:
                higher = tempfile.mkdtemp(dir=folder)
                os.replace(path, higher)
                path, depth = higher, 1
            with os.scandir(path) as entries:
                pending += [(entry.path, depth + 1) for entry in entries if entry.is_dir(follow_symlinks=False)]
