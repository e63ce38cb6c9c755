"""How a server's memory is cut into pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from . import linux

__all__ = ["collapse"]

_HUGE = 2**21  # bytes; where they are larger, a page that is touched would take too much
_SIZE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
_COLLAPSE = 25  # of madvise, since Linux 6.1
_TABLE = "/proc/self/maps"


def collapse() -> None:
    """Put this process's own memory into huge pages, where that can be had: a fork copies a table of all its pages.

    That halves the time to fork a server that has imported torch, and to end its forks.
    """
    try:
        if int(_SIZE.read_text(encoding="ascii")) != _HUGE:
            return
    except (OSError, ValueError):  # this system has none
        return
    for start, end in _writable():
        with contextlib.suppress(OSError):  # an older kernel, too little memory in one piece: it is no matter
            linux.syscall("madvise", start, end - start, _COLLAPSE)


def _writable() -> Iterator[tuple[int, int]]:
    """Yield where whole huge pages fit into memory that belongs to no file."""
    with open(_TABLE, encoding="utf-8", errors="replace") as table:
        lines = table.read().splitlines()
    for line in lines:
        place, rights, _, _, _, *name = line.split(maxsplit=5)
        first, last = (int(number, 16) for number in place.split("-"))
        start, end = -(-first // _HUGE) * _HUGE, last // _HUGE * _HUGE
        if rights == "rw-p" and name in ([], ["[heap]"]) and start < end:
            yield start, end
