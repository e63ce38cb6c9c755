"""The layers of the tiers ``lite`` and ``full``, in the order in which they are put on. Linux only.

What needs powers comes before they are given up; Landlock before the filter of system calls, which refuses it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import stat
from collections.abc import Mapping, Sequence
from typing import Any

from . import landlock, linux, mounts, namespaces, places, privileges, seccomp

__all__ = ["apply", "prepare"]

_FILES = 256
_THREADS = 512
_LOCKED = 2**16
_SECOND = 2  # see namespaces.py: the first process of a namespace is no worker


def prepare() -> None:
    """Find out, before forks, what each of them would have to."""
    places.installed()
    with contextlib.suppress(OSError):  # here it is no matter: who needs it will be told
        seccomp.program(_SECOND, files=True)


def apply(request: Mapping[str, Any]) -> list[str]:
    """Put on all layers of ``request["tier"]`` and see that they hold; return their names.

    Raises:
        OSError: one cannot be had.
    """
    if linux.threads() != 1:
        raise OSError("student code cannot be confined here: this process has threads already")
    full = request["tier"] == "full"
    scratch = request["scratch"]
    submission = [*request["folders"], *request["files"]]
    shown = [*places.installed(), *submission]
    done = []
    if full:
        user = os.geteuid()
        other = privileges.stranger() if user == 0 and all(_for_everybody(path) for path in submission) else None
        namespaces.leave()
        mounts.change_root(shown, places.DEVICES, scratch, request["room"], user if other is None else other)
        _verify_root()
        done += ["namespaces", "root", "quota"]
        if other is not None:
            privileges.become(other)
            done.append("user")
    _limit(request["room"], own_user=full and os.geteuid() != 0)
    privileges.drop_capabilities()
    linux.refuse_new_privileges()
    linux.be_private()
    done.append("privileges")
    os.environ |= {"HOME": scratch, "LOGNAME": "student"}
    landlock.restrict(_rights(shown, scratch))
    done.append("landlock")
    seccomp.install(files=full)
    done.append("seccomp")
    _verify(scratch, submission)
    return done


def _for_everybody(path: str) -> bool:
    """Whether any user may read a file, or enter a folder; those above it will be made anew."""
    needed = 0o005 if os.path.isdir(path) else 0o004
    return stat.S_IMODE(os.stat(path).st_mode) & needed == needed


def _limit(room: int, *, own_user: bool) -> None:
    limits = {resource.RLIMIT_NOFILE: _FILES, resource.RLIMIT_FSIZE: room, resource.RLIMIT_MEMLOCK: _LOCKED}
    if own_user:  # else the threads of all that this user does are counted together
        limits[resource.RLIMIT_NPROC] = _THREADS
    for which, limit in limits.items():
        _, hard = resource.getrlimit(which)
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (most, most))


def _rights(shown: Sequence[str], scratch: str) -> list[tuple[int, str]]:
    rights = [(landlock.FOLDER if os.path.isdir(path) else landlock.FILE, path) for path in shown]
    rights += [(landlock.FOLDER if os.path.isdir(path) else landlock.FILE, path) for path in places.TABLES]
    rights += [(landlock.DEVICE, path) for path in places.DEVICES]
    return [*rights, (landlock.SCRATCH, scratch)]


def _verify_root() -> None:
    """Try to change the new root, while nothing but its being read-only stands against it.

    Raises:
        OSError: that is possible, or this is no second process of a namespace.
    """
    if os.getpid() != _SECOND:
        raise OSError("there is no namespace for processes")
    try:
        os.mkdir("/new")
    except OSError as error:
        if error.errno == errno.EROFS:
            return
    raise OSError("the new root is not read-only")


def _verify(scratch: str, submission: Sequence[str]) -> None:
    """Try what must work and what must not.

    Raises:
        OSError: it is the other way round.
    """
    for path in submission:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except PermissionError as error:
            advice = "let it be read by everybody (chmod -R o+rX)"
            raise OSError(error.errno, f"the submission cannot be read by a user without powers: {advice}") from error
    for path in ("/", os.path.dirname(scratch)):
        try:
            os.listdir(path)
        except PermissionError as error:
            if error.errno == errno.EACCES:
                continue
        raise OSError(f"Landlock does not hold: {path} can be listed")
