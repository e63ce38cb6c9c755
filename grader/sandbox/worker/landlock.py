"""Landlock: which files this process may touch, from now on and for good (see <linux/landlock.h>).

What is not named cannot be opened, listed, made, removed or renamed. It does not see what is done to a file without
opening it (its permissions, its times), which the filter of system calls therefore refuses.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

from . import linux

__all__ = ["DEVICE", "FILE", "FOLDER", "SCRATCH", "abi", "attributes", "beneath", "restrict"]

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_REFER, _TRUNCATE = 1 << 13, 1 << 14

FILE = _READ_FILE
FOLDER = _READ_FILE | _READ_DIR
DEVICE = _READ_FILE | _WRITE_FILE | _TRUNCATE
SCRATCH = FOLDER | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER | _TRUNCATE

_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights to files a kernel knows, from which version of its interface on."""
_TCP = 3  # bind and connect, since 4
_SCOPES = 3  # abstract sockets and signals, since 6
_PATH_BENEATH = 1


def abi() -> int:
    """Return the version of the kernel's interface.

    Raises:
        OSError: there is no Landlock, or it is not switched on.
    """
    return linux.syscall("landlock_create_ruleset", None, 0, 1)


def handled(version: int) -> int:
    """Return all rights to files that a version can take away."""
    return (1 << max(count for since, count in _RIGHTS.items() if since <= version)) - 1


def attributes(version: int) -> bytes:
    """Return ``struct landlock_ruleset_attr``: everything that a version can take away is taken away."""
    fields = [handled(version), *([_TCP] if version >= 4 else []), *([_SCOPES] if version >= 6 else [])]
    return struct.pack(f"={len(fields)}Q", *fields)


def beneath(rights: int, descriptor: int, version: int) -> bytes:
    """Return ``struct landlock_path_beneath_attr``, with what a version knows of these rights."""
    return struct.pack("=Qi", rights & handled(version), descriptor)


def restrict(rules: Iterable[tuple[int, str]]) -> None:
    """Give up all rights to files but these, to TCP, and to signals and abstract sockets of others where it can be.

    A folder's rights hold for all that is in it. It must have one thread, and no new privileges.

    Raises:
        OSError: it cannot be had, or a path is not there.
    """
    version = abi()
    wanted = attributes(version)
    ruleset = linux.syscall("landlock_create_ruleset", wanted, len(wanted), 0)
    try:
        for rights, path in rules:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                linux.syscall("landlock_add_rule", ruleset, _PATH_BENEATH, beneath(rights, place, version), 0)
            finally:
                os.close(place)
        linux.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
