"""What makes a process more than any other: its user and its capabilities."""

from __future__ import annotations

import os
import struct

from . import linux

__all__ = ["NOBODY", "become", "can_administer", "drop_capabilities", "stranger"]

NOBODY = 65534
"""The user and the group that own nothing."""

_STRANGERS = 2_100_000_000  # and with the largest process number still less than 2**31

_SYS_ADMIN = 21
_VERSION_3 = 0x20080522  # of capget and capset
_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT = 47
_CLEAR_ALL = 4
_MOST = 64


def can_administer() -> bool:
    """Whether this process may make namespaces without one for users: root may, unless a container keeps it from it."""
    return bool(_effective() >> _SYS_ADMIN & 1)


def _effective() -> int:
    return int(_status("CapEff"), 16)


def _status(name: str) -> str:
    """Return the first word that the system's table about this process has for a name."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as table:
        return next(line.split()[1] for line in table if line.startswith(f"{name}:"))


def stranger() -> int | None:
    """Return the number of a user that nobody is, and no other worker of this system: its threads are counted alone.

    In a container such a number may not be to be had; then it is that of nobody, or None where there is one user alone.
    To be called where ``/proc`` still is that of the server, for the number is made of the one that this process has
    there.
    """
    wanted = _STRANGERS + int(_status("NSpid"))
    return next((user for user in (wanted, NOBODY) if _is_mapped("uid", user) and _is_mapped("gid", user)), None)


def _is_mapped(kind: str, number: int) -> bool:
    with open(f"/proc/self/{kind}_map", encoding="ascii") as table:
        ranges = [(int(first), int(count)) for first, _, count in map(str.split, table)]
    return any(first <= number < first + count for first, count in ranges)


def become(user: int) -> None:
    """Be another user, and its group's only member. It takes capabilities."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def drop_capabilities() -> None:
    """Give up every capability, and those that executing a file could give.

    Raises:
        OSError: some stay.
    """
    if _effective():  # else there are none to give up, and the bounding set is not ours to change
        for capability in range(_MOST):
            try:
                linux.prctl(_PR_CAPBSET_DROP, capability)
            except OSError:  # the last one that this kernel knows, or no right to: executing gives none all the same
                break
    linux.syscall("prctl", _PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    linux.syscall("capset", struct.pack("=Ii", _VERSION_3, 0), bytes(24))
    if _effective():
        raise OSError("capabilities stay that were given up")
