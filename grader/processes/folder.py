"""A temporary folder of a process that may be killed: whoever makes the next one removes it then."""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
from pathlib import Path

from grader.sandbox import scratch

__all__ = ["ClaimedFolder"]


class ClaimedFolder:
    """A new temporary folder, readable for its user only. Linux only.

    The claim is a lock, which ends with this process, however that ends. Folders with the same prefix that hold
    anything and that nobody claims are removed first; but those of this machine alone, as it may not see the locks of
    another one with which it shares the file system.
    """

    def __init__(self, prefix: str) -> None:
        prefix = f"{prefix}{platform.node()}-"
        _remove_unclaimed(prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._claim = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        _lock(self._claim)

    def remove(self) -> None:
        """Remove it. Call it once."""
        scratch.remove(str(self.path))
        os.close(self._claim)


def _remove_unclaimed(prefix: str) -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # it is no folder, is another user's, or has just gone
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                mine = os.fstat(folder).st_uid == os.geteuid()
                if mine and os.listdir(folder) and _lock(folder):  # an empty one may just be about to be claimed
                    scratch.remove(str(path))
            finally:
                os.close(folder)


def _lock(folder: int) -> bool:
    """Whether nobody else has the lock, which this process now has, or will have until the descriptor is closed."""
    import fcntl  # not on Windows, from where a class may be given to a cluster

    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # also where the file system has no locks: nothing is removed there
        return False
    return True
