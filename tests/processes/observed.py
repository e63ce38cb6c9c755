"""What can be seen of processes that are not the test's own."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

__all__ = ["children", "ended", "founder_of", "has_power", "workers_of"]

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


def has_power(number: int) -> bool:
    """Whether this process has a capability; root of a container that is as it comes has few. Linux only."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (powers,) = (line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(powers, 16) >> number & 1)


def children(process: int) -> list[int]:
    """Return the processes below one."""
    return [number for child in _direct(process) for number in (child, *children(child))]


def founder_of(server: int | None) -> int:
    """Return the eldest child of a warm server: the one that makes namespaces, and ends with the server."""
    began = _direct(server)
    return min(began, key=began.__getitem__)


def workers_of(server: int | None) -> set[int]:
    """Return all other children of a warm server, ended or not: workers, first processes, what workers have left."""
    return set(_direct(server)) - {founder_of(server)}


def _direct(process: int | None) -> dict[int, int]:
    """Return the children of a process, with when they began, in ticks: see proc_pid_stat(5)."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ends just now
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            if int(fields[1]) == process:
                found[int(folder.name)] = int(fields[19])
    return found
