"""A worker in namespaces of its own: it sees no other process, no network, and changes nobody's mounts.

A namespace for processes needs a first process, which does nothing, and with whose end the system ends all others
there. The worker is none itself, as that one is not subject to the signals by which a program ends: it is forked into
a namespace that is there, and takes the other namespaces itself. To fork a server that has imported torch takes
milliseconds, so first processes are forks of a small one, the founder, which the server starts before it imports
anything.
"""

from __future__ import annotations

import os
import signal
import socket
from typing import NamedTuple, NoReturn

from . import linux
from .privileges import NOBODY, can_administer

__all__ = ["Divided", "Founder", "FounderGoneError", "leave"]

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    *(0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000),
)
_MOST = 4096  # bytes of a message
_DONE = b"."


class FounderGoneError(Exception):
    """There is no founder any more."""


class Divided(NamedTuple):
    """The numbers of the worker, which in itself is 0, and of the first process, as the server sees them."""

    worker: int
    first: int


class Founder:
    """Starts the small process, which makes a namespace for processes whenever it is asked.

    Whoever may not do that gets a namespace for users first, in which he may, and in which he is called nobody.
    The first process becomes a child of the one that asks, which has to adopt orphans, and ends with it.
    """

    def __init__(self) -> None:
        powerful, server = can_administer(), os.getpid()
        self._own = _way_back() if powerful else None
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wait, self._guard = os.pipe()  # nothing is ever written: it ends when this process does
        self.pid = os.fork()
        if not self.pid:
            _found(theirs, wait, server, powerful=powerful)
        theirs.close()
        os.close(wait)

    def divide(self) -> Divided:
        """Fork a worker into a namespace; for the other kinds see :func:`leave`.

        Raises:
            OSError: there can be none.
            FounderGoneError: nobody makes any.
        """
        first, namespaces = self._ask()
        try:
            if self._own is None:
                return Divided(_enter_by_another(*namespaces), first)
            return Divided(_enter(namespaces[0], self._own), first)
        except BaseException:
            os.kill(first, signal.SIGKILL)  # who asks buries it, and a worker that may be there, before it
            raise
        finally:
            for descriptor in namespaces:
                os.close(descriptor)

    def _ask(self) -> tuple[int, list[int]]:
        """Return the number of a first process, and descriptors of its namespaces."""
        try:
            self._line.send(_DONE)
            said, namespaces, _, _ = socket.recv_fds(self._line, _MOST, 2)
            if said != _DONE and self._line.recv(_MOST) != _DONE:  # from then on, it is a child of this process
                said = b""
        except OSError as error:
            raise FounderGoneError from error
        if not said:
            raise FounderGoneError
        if not namespaces:
            raise OSError(f"namespaces cannot be had ({'their helper ended' if said == _DONE else said.decode()})")
        return int(said), namespaces


def _way_back() -> int | None:
    """Return a descriptor of this process's namespace for processes, None if children cannot be put there again.

    Root of a namespace for users may not do that, where the one for processes is older.
    """
    try:
        own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        linux.syscall("setns", own, _NEWPID)
    except OSError:
        return None
    return own


def _enter(processes: int, own: int) -> int:
    """Fork into a namespace for processes: what this process forks meanwhile is in there."""
    linux.syscall("setns", processes, _NEWPID)
    worker = -1
    try:
        worker = os.fork()
    finally:
        if worker:
            linux.syscall("setns", own, _NEWPID)
    return worker


def _enter_by_another(processes: int, users: int | None = None) -> int:
    """Fork into a namespace for processes, and one for users, that this process could not leave: by a fork of it."""
    report, tell = os.pipe()
    try:
        helper = os.fork()
        if not helper:
            try:
                if users is not None:
                    linux.syscall("setns", users, _NEWUSER)
                    linux.be_private()
                linux.syscall("setns", processes, _NEWPID)
                worker = os.fork()
                if not worker:
                    return 0
                os.write(tell, b"%d" % worker)
            except BaseException as error:
                os.write(tell, _why(error))
            os._exit(0)
        os.close(tell)
        tell = -1
        said = os.read(report, _MOST).decode()
        os.waitpid(helper, 0)
    finally:
        for descriptor in (report, tell):
            if descriptor >= 0:
                os.close(descriptor)
    if not said.isdecimal():
        raise OSError(f"namespaces cannot be entered ({said or 'their helper ended'})")
    return int(said)


def leave() -> None:
    """Move to new namespaces of all other kinds, as the second process of one for processes.

    Raises:
        OSError: it is not allowed here.
    """
    linux.syscall("unshare", _NEWNS | _NEWCGROUP | _NEWUTS | _NEWIPC | _NEWNET)


def _found(line: socket.socket, wait: int, server: int, *, powerful: bool) -> NoReturn:
    """Be the founder."""
    try:
        linux.be_private()
        linux.die_with_parent()
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        linux.close_all_but(line.fileno(), wait)
        while os.getppid() == server and line.recv(1):
            try:
                helper = os.fork()
            except OSError as error:
                line.send(_why(error))
            else:
                if not helper:
                    _help(line, wait, powerful=powerful)
                os.waitpid(helper, 0)
            line.send(_DONE)
    finally:
        os._exit(0)


def _help(line: socket.socket, wait: int, *, powerful: bool) -> NoReturn:
    """Make a namespace and its first process, and leave that to who asked for it."""
    try:
        kinds = ["pid_for_children"]
        if powerful:
            linux.syscall("unshare", _NEWPID)
        else:
            _be_called_nobody()
            kinds.append("user")
        first = os.fork()
        if not first:
            _be_first(wait)
        socket.send_fds(line, [b"%d" % first], [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in kinds])
    except BaseException as error:
        line.send(_why(error))
    os._exit(0)


def _be_called_nobody() -> None:
    """Move to a new namespace for users; processes to come will be in a new one of those, too."""
    user, group = os.geteuid(), os.getegid()
    linux.syscall("unshare", _NEWUSER | _NEWPID)
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
    linux.close_all_but(wait)
    os.read(wait, 1)
    os._exit(0)


def _why(error: BaseException) -> bytes:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.encode(errors="replace")[:_MOST]
