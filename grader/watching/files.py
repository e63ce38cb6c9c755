"""Looks at the student's files again and again: works over every file system, with events or without."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Changes", "Files", "python_files"]

_DEPTH = 3
_MANY = 400
_SKIPPED = {
    "__pycache__", "__MACOSX", "node_modules", "venv", "env", "site-packages", "checks", "misconceptions", "recorded",
    "data",
}  # fmt: skip
_GRACE = 4  # looks for which a file may be gone or empty while an editor replaces it
_LISTING = 5  # every so many looks new files are looked for
_THOROUGH = 20  # and contents are compared, too: not every file system keeps time well

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_Stamp = tuple[int, int, int]


@dataclass
class Changes:
    """What was saved: ``edited`` files with what is in them now, None if they are gone, and those only ``touched``."""

    edited: dict[Path, bytes | None] = field(default_factory=dict)
    touched: set[Path] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.edited or self.touched)


@dataclass
class _Known:
    stamp: _Stamp | None
    mark: bytes


class Files:
    """The files that ``find`` finds, each time anew. A change is told once it has been the same for two looks."""

    def __init__(self, find: Callable[[], Iterable[Path]]) -> None:
        self._find = find
        self._known: dict[Path, _Known] = {}
        self._pending: dict[Path, tuple[_Stamp | None, int]] = {}
        self._looks = 0
        self._listed: set[Path] = set()

    @property
    def unsettled(self) -> bool:
        """Whether something is just being written."""
        return bool(self._pending)

    def contents(self) -> dict[Path, bytes]:
        """Return what is in all files now; changes are told from here on."""
        found = {}
        self._known, self._pending, self._listed = {}, {}, set()
        for path in self._find():
            stamp = _stamp(path)
            data = _read(path)
            if data is not None:
                found[path] = data
                self._known[path] = _Known(stamp, _mark(data))
                self._listed.add(path)
        return found

    def look(self) -> Changes:
        """Return what has changed and is settled."""
        self._looks += 1
        changes = Changes()
        thorough = not self._looks % _THOROUGH
        if self._pending or not self._looks % _LISTING:
            self._listed = {*self._find(), *self._known}
        for path in self._listed:
            stamp = _stamp(path)
            known = self._known.get(path)
            same = known is not None and known.stamp == stamp and path not in self._pending
            if same and not thorough:
                continue
            if known is None and stamp is None:
                self._pending.pop(path, None)
                continue
            before, looks = self._pending.get(path, (None, 0))
            looks = looks + 1 if path in self._pending and before == stamp else 1
            if known is None or known.stamp != stamp:
                wanted = _GRACE if stamp is None or stamp[1] == 0 else 2
                if looks < wanted:
                    self._pending[path] = stamp, looks
                    continue
            self._pending.pop(path, None)
            self._settle(path, stamp, changes)
        return changes

    def _settle(self, path: Path, stamp: _Stamp | None, changes: Changes) -> None:
        known = self._known.get(path)
        data = _read(path) if stamp is not None else None
        if data is None:
            if self._known.pop(path, None) is not None:
                changes.edited[path] = None
            return
        mark = _mark(data)
        if known is None or known.mark != mark:
            changes.edited[path] = data
        elif known.stamp != stamp:
            changes.touched.add(path)
        self._known[path] = _Known(stamp, mark)


def python_files(root: Path) -> Iterator[Path]:
    """Yield the Python files in a folder and in those below, but not what tools and the course keep there."""
    level, count = [root], 0
    for depth in range(_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.name.endswith(".py"):
                        count += 1
                        if count <= _MANY:
                            yield folder / entry.name
                    elif depth < _DEPTH and entry.name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
                        below.append(folder / entry.name)
        level = below


def _stamp(path: Path) -> _Stamp | None:
    try:
        known = os.stat(path)
    except OSError:
        return None
    return (known.st_mtime_ns, known.st_size, known.st_ino) if stat.S_ISREG(known.st_mode) else None


def _read(path: Path) -> bytes | None:
    """Return what is in a file, None if it cannot be read, or is something that one could wait for."""
    try:
        with open(os.open(path, os.O_RDONLY | _AT_ONCE), "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except OSError:
        return None


def _mark(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
