"""A root that shows nothing but what is named, read-only, and one folder of limited size to write into."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable, Sequence

from . import linux

__all__ = ["Root", "change_root"]

_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 1 << 1, 1 << 2, 1 << 3, 1 << 12, 1 << 14, 1 << 18
_DETACH = 2  # of umount2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4  # of mount_setattr, since Linux 5.12
_MOST_LINKS = 40
_HIDDEN = "hidepid=ptraceable"  # the first process of the namespace, which is in the server's network
_FILES = 10_000  # in the scratch folder
_PASSWD = "student:x:{user}:{group}:student:{home}:/bin/false\n"


def change_root(shown: Iterable[str], devices: Iterable[str], scratch: str, size: int, owner: int) -> None:
    """Make a new root, in which everything is at its own place, and leave the old one for good.

    ``shown`` are files and folders, ``scratch`` a folder that is there, which gets an empty file system of ``size``
    bytes that belongs to ``owner``. It must be in a mount namespace of its own, and have the right to mount.

    Raises:
        OSError: something cannot be mounted.
    """
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", scratch, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
    root = Root(scratch)
    places = [(path, _ATTR_NODEV) for path in shown] + [(path, 0) for path in devices]
    root.show(places)
    root.make("/proc")
    _mount("proc", root.at("/proc"), "proc", _NOSUID | _NODEV | _NOEXEC, _HIDDEN)
    home = root.at(root.make(scratch))
    options = f"mode=700,size={size},nr_inodes={_FILES},uid={owner},gid={owner}"
    _mount("tmpfs", home, "tmpfs", _NOSUID | _NODEV, options)
    with contextlib.suppress(FileExistsError):
        os.mkdir(root.at("/etc"), 0o755)
    with open(root.at("/etc/passwd"), "x", encoding="ascii") as table:  # who asks for the name of its user
        table.write(_PASSWD.format(user=owner, group=owner, home="/"))
    _set(root.base, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, 0)
    os.chdir(root.base)
    linux.syscall("pivot_root", b".", b".")  # the old root is now on top of the new one: see pivot_root(2)
    linux.syscall("umount2", b".", _DETACH)
    os.chdir("/")
    os.chdir(scratch)


class Root:
    """A root under construction, in the folder ``base``."""

    def __init__(self, base: str) -> None:
        self.base = base

    def at(self, path: str) -> str:
        """Return where something of the new root is now."""
        return self.base + path

    def make(self, path: str) -> str:
        """Make a folder and the links that lead to it, as they are outside; return its place without links.

        Raises:
            OSError: there are too many links.
        """
        return self._lead(path, folder=True)

    def _lead(self, path: str, *, folder: bool) -> str:
        done, pending = "", path.split("/")
        links = 0
        while pending:
            part = pending.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done = os.path.dirname(done)
                continue
            here = f"{done}/{part}"
            if not os.path.islink(here):
                if pending or folder:
                    self._folder(here)
                done = here
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(f"{path}: too many links")
            target = os.readlink(here)
            if not os.path.lexists(self.at(here)):
                os.symlink(target, self.at(here))
            done = "" if target.startswith("/") else done
            pending = target.split("/") + pending
        return done

    def _folder(self, here: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(self.at(here), 0o755)

    def show(self, places: Sequence[tuple[str, int]]) -> None:
        """Show files and folders, read-only, with further attributes of each."""
        real: dict[str, int] = {}
        for path, attributes in places:
            if os.path.isdir(path):
                real.setdefault(self.make(path), attributes)
            else:
                found = self._lead(path, folder=False)
                if not os.path.lexists(self.at(found)):
                    os.close(os.open(self.at(found), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
                real.setdefault(found, attributes)
        last = "//"
        for path in sorted(real, key=lambda path: path.split("/")):
            if path.startswith(f"{last}/"):  # it is shown with the folder that it is in
                continue
            _mount(path, self.at(path), None, _BIND | _REC)
            _set(self.at(path), _ATTR_RDONLY | _ATTR_NOSUID | real[path], _AT_RECURSIVE)
            last = path


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    given = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    try:
        linux.syscall("mount", *given, flags, None if options is None else os.fsencode(options))
    except OSError as error:
        raise OSError(
            error.errno, f"{kind or source or target} cannot be mounted: {os.strerror(error.errno or 0)}"
        ) from error


def _set(target: str, attributes: int, flags: int) -> None:
    """Add attributes to a mount. None that it has is lost, which a user's own namespace would not allow."""
    wanted = struct.pack("=4Q", attributes, 0, 0, 0)
    linux.syscall("mount_setattr", _AT_FDCWD, os.fsencode(target), flags, wanted, len(wanted))
