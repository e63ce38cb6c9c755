"""What makes a process more than any other: its user and its capabilities."""

from __future__ import annotations

import os
import struct

from . import linux

__all__ = ["NOBODY", "become_nobody", "can_administer", "drop_capabilities"]

NOBODY = 65534
"""The user and the group that own nothing."""

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
    with open("/proc/self/status", encoding="ascii", errors="replace") as table:
        return next(int(line.split()[1], 16) for line in table if line.startswith("CapEff:"))


def become_nobody() -> None:
    """Be a user that owns nothing. It takes capabilities."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


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
