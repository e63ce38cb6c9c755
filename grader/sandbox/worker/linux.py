"""What only Linux can do for a server and its forks: calls that Python has no names for, and tables under /proc."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

from .syscalls import machine

__all__ = [
    "adopt_orphans",
    "be_private",
    "be_visible",
    "children",
    "close_all_but",
    "die_with_parent",
    "prctl",
    "refuse_new_privileges",
    "syscall",
    "threads",
]

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_CHILD_SUBREAPER = 36

_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, also of those in sessions of their own."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def be_private() -> None:
    """Let no process of the same user look into this one: no debugger, no descriptors through /proc. Root still may."""
    prctl(_PR_SET_DUMPABLE, 0)


def be_visible() -> None:
    """Undo :func:`be_private`: a process that nobody may look into may not write into its own tables either."""
    prctl(_PR_SET_DUMPABLE, 1)


def refuse_new_privileges() -> None:
    """Gain nothing by executing a file, whoever it belongs to. Without this, no filter may be installed."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent() -> None:
    """Be killed when the parent ends, however it does. The caller sees to a parent that has ended already."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


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


def close_all_but(*kept: int) -> None:
    """Close all descriptors but these."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):  # that of the listing itself
                os.close(int(name))


def prctl(option: int, value: int) -> int:
    """Call ``prctl(2)`` with one argument, and return its answer.

    Raises:
        OSError: it is refused.
    """
    return _answer(_LIBC.prctl(option, ctypes.c_ulong(value), *(ctypes.c_ulong(0),) * 3), f"prctl({option})")


def syscall(name: str, *arguments: int | bytes | None) -> int:
    """Make a system call that the C library has no name for, and return its answer.

    Raises:
        OSError: it is refused.
    """
    passed = [ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value) for value in arguments]
    return _answer(_LIBC.syscall(ctypes.c_long(machine().numbers[name]), *passed), name)


def _answer(value: int, what: str) -> int:
    if value < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return value
