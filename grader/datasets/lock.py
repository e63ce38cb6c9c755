"""One process at a time in a folder, by a lock of the operating system's: it goes with the process, even if killed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.errors import InputError

__all__ = ["WAITING", "alone"]

WAITING = "waiting for another download into this folder"

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int, wait: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def alone(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Be the only process in this block for a folder; ``on_wait`` is called before waiting for another one to end it.

    Where the file system knows no locks, nobody waits.

    Raises:
        InputError: the folder cannot be written.
    """
    path = folder / ".lock"
    descriptor = _locked(path, on_wait)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps files that are open
            path.unlink()
        os.close(descriptor)


def _locked(path: Path, on_wait: Callable[[], None]) -> int:
    told = False
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InputError(
                f"{path.parent} cannot be written ({error.strerror}): give another folder with --to"
            ) from error
        try:
            mine = _at_once(descriptor)
            if not mine:
                if not told:
                    on_wait()
                told = True
                mine = _in_turn(descriptor)
            if mine and _is(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # whoever had it has removed that file, and the next may have locked another


def _at_once(descriptor: int) -> bool:
    """Take the lock, or return that somebody else has it."""
    try:
        _take(descriptor, wait=False)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # there are no locks here
        return True
    return True


def _in_turn(descriptor: int) -> bool:
    """Wait for the lock, and return whether it was given; Windows gives up after some seconds."""
    try:
        _take(descriptor, wait=True)
    except OSError:
        return False
    return True


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
