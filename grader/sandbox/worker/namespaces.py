"""A worker in namespaces of its own: it sees no other process, no network, and changes nobody's mounts.

The server forks a helper, which leaves for the new namespaces and forks twice: first the namespace's first process,
which does nothing, and with whose end the system ends all others there; then the worker. As the helper ends, both
become children of the server, which adopts orphans. The worker is no first process itself, as that one is not
subject to the signals by which a program ends.
"""

from __future__ import annotations

import os
import signal
from typing import NamedTuple, NoReturn

from . import linux
from .privileges import NOBODY, can_administer

__all__ = ["Divided", "divide"]

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    *(0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000),
)
_OURS = _NEWNS | _NEWCGROUP | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET


class Divided(NamedTuple):
    """The numbers of the worker and of the first process, as the server sees them; in the worker, all are 0.

    The first process ends when ``guard``, a descriptor of the server's, is closed.
    """

    worker: int
    first: int
    guard: int


def divide() -> Divided:
    """Fork a worker into namespaces of its own.

    Raises:
        OSError: they cannot be had.
    """
    report, tell = os.pipe()
    wait, guard = os.pipe()
    try:
        helper = os.fork()
        if not helper:
            return _help(tell, wait)
        os.close(tell)
        tell = -1
        said = b"".join(iter(lambda: os.read(report, 4096), b"")).decode()
        os.waitpid(helper, 0)
        first, _, rest = said.partition(" ")
        if not (first.isdecimal() and rest.isdecimal()):
            raise OSError(f"namespaces cannot be had ({said or 'their helper ended'})")
        kept, guard = guard, -1
        return Divided(int(rest), int(first), kept)
    finally:
        for descriptor in (report, tell, wait, guard):
            if descriptor >= 0:
                os.close(descriptor)


def _help(tell: int, wait: int) -> Divided:
    """Be the helper; returns only in the worker."""
    try:
        leave()
        first = os.fork()
        if not first:
            _be_first(wait)
        worker = os.fork()
        if not worker:
            return Divided(0, 0, 0)
        os.write(tell, f"{first} {worker}".encode())
    except BaseException as error:
        os.write(tell, str(getattr(error, "strerror", None) or error).encode(errors="replace"))
    os._exit(0)


def leave() -> None:
    """Move to new namespaces; processes to come will be in a new one of those, too.

    Who may not do so gets a namespace for users first, in which he may, and in which he is called nobody.

    Raises:
        OSError: it is not allowed here.
    """
    if can_administer():
        linux.syscall("unshare", _OURS)
        return
    user, group = os.geteuid(), os.getegid()
    linux.syscall("unshare", _OURS | _NEWUSER)
    linux.be_visible()
    for table, text in {
        "uid_map": f"{NOBODY} {user} 1",
        "setgroups": "deny",
        "gid_map": f"{NOBODY} {group} 1",
    }.items():
        try:
            with open(f"/proc/self/{table}", "w", encoding="ascii") as file:
                file.write(text)
        except OSError as error:
            raise OSError(error.errno, f"{table}: {error.strerror}") from error
    linux.be_private()


def _be_first(wait: int) -> NoReturn:
    """Do nothing, until the server is gone. Whoever is left over here is buried by the system."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in os.listdir("/proc/self/fd"):
        if int(name) != wait:
            try:
                os.close(int(name))
            except OSError:  # that of the listing itself
                continue
    os.read(wait, 1)  # nothing is ever written: it ends with the server, or when the server lets go
    os._exit(0)
