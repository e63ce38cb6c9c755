"""What can be seen of processes that are not the test's own."""

from __future__ import annotations

import os
import select
from pathlib import Path

__all__ = ["children", "ended", "founder_of", "workers_of"]

PATIENCE = 60.0


def ended(process: int) -> bool:
    """Whether a process ends in time."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


def children(process: int) -> list[int]:
    """Return the processes below one."""
    return [number for child in _direct(process) for number in (child, *children(child))]


def founder_of(server: int | None) -> int:
    """Return the eldest child of a warm server: the one that makes namespaces, and ends with the server."""
    return min(_direct(server), key=_began)


def workers_of(server: int | None) -> set[int]:
    """Return all other children of a warm server, ended or not: workers, first processes, what workers have left."""
    return set(_direct(server)) - {founder_of(server)}


def _direct(process: int | None) -> list[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(number) for path in found for number in path.read_text().split()]


def _began(process: int) -> int:
    """Return when a process began, in ticks: see proc_pid_stat(5)."""
    return int(Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[19])
