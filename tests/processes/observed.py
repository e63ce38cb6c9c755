"""What can be seen of processes that are not the test's own."""

from __future__ import annotations

import os
import select
from pathlib import Path

__all__ = ["children", "ended"]

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
    found = Path(f"/proc/{process}/task").glob("*/children")
    direct = [int(number) for path in found for number in path.read_text().split()]
    return [number for child in direct for number in (child, *children(child))]
