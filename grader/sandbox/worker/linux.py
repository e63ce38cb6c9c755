"""What only Linux can do for a server and its forks: calls that Python has no names for, and tables under /proc."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

__all__ = ["adopt_orphans", "be_private", "children", "die_with_parent", "threads"]

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36

_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, also of those in sessions of their own."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def be_private() -> None:
    """Let no process of the same user look into this one: no debugger, no descriptors through /proc. Root still may."""
    _prctl(_PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Be killed when the parent ends, however it does. The caller sees to a parent that has ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def threads() -> int:
    """Return how many threads this process has, also those that Python knows nothing of."""
    return len(os.listdir("/proc/self/task"))


def children() -> set[int]:
    """Return this process's children, alive or not yet waited for. It must have one thread."""
    me = os.getpid()
    with contextlib.suppress(FileNotFoundError), open(f"/proc/self/task/{me}/children", encoding="ascii") as table:
        return {int(number) for number in table.read().split()}
    found = set()  # a kernel without that table
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as status:  # it may end meanwhile
                state_and_parent = status.read().rpartition(b")")[2].split()[:2]  # its name may hold anything
                if int(state_and_parent[1]) == me:
                    found.add(int(name))
    return found


def _prctl(option: int, value: int) -> None:
    rest = (ctypes.c_ulong(0),) * 3
    if _LIBC.prctl(option, ctypes.c_ulong(value), *rest):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}) failed: {os.strerror(number)}")
