"""How much of a submission is taken, and a meter for what reading it costs."""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import SubmissionError

__all__ = ["USUAL", "Intake", "Meter", "megabytes"]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """The limits on one submission. They hold for what is really read, not for what an archive says of itself.

    ``file_bytes`` is for one file, ``all_bytes`` and ``files`` for all that is taken; other files than Python's may
    have three quarters of both. ``depth`` is how many folders lie in each other, ``path_bytes`` the longest path.
    ``entries`` is how many files and folders are looked at, ``read_bytes`` how much is read or unpacked on the way,
    what is left out included. ``archive_bytes`` is for an archive in a download, ``nesting`` for archives in archives.
    """

    file_bytes: int = 16 * 2**20
    all_bytes: int = 64 * 2**20
    files: int = 2000
    depth: int = 16
    path_bytes: int = 400
    entries: int = 50_000
    read_bytes: int = 2 * 2**30
    archive_bytes: int = 512 * 2**20
    nesting: int = 3


USUAL = Intake()


class Meter:
    """Counts what is read of one submission, so that a small archive that unpacks to a huge one ends soon."""

    def __init__(self, limits: Intake) -> None:
        self._limit = self._left = limits.read_bytes

    def spend(self, count: int) -> None:
        """Count some bytes.

        Raises:
            SubmissionError: they are too many.
        """
        self._left -= count
        if self._left < 0:
            raise SubmissionError(
                f"it unpacks to more than {megabytes(self._limit)}: hand in the code without data and environments"
            )


def megabytes(count: int) -> str:
    """Return a size in words."""
    return f"{count / 2**20:,.0f} MB" if count >= 2**20 else f"{count:,} bytes"
