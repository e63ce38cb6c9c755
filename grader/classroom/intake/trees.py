"""What a teacher downloaded: a folder, or a large zip that is read in place. Both list names and give members."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from grader.classroom.intake.archives import read_name, zip_member
from grader.classroom.intake.folders import Folder
from grader.classroom.intake.limits import Intake
from grader.classroom.intake.members import Member
from grader.classroom.intake.names import archive_stem
from grader.errors import FaultError, SubmissionError

__all__ = ["Child", "FolderTree", "Tree", "ZipTree"]

_JUNK = frozenset(["__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".gitignore", ".ipynb_checkpoints"])
_GONE = "it is not there any more, or cannot be read: change its permissions"


class Child(NamedTuple):
    """A name in a tree; ``kind`` as of a member."""

    name: str
    kind: str


class Tree(Protocol):
    """A folder, on the disk or in a zip."""

    @property
    def children(self) -> tuple[Child, ...]:
        """What lies in it, sorted by name, without what systems leave everywhere."""

    def inner(self, name: str) -> Tree:
        """Return the folder of that name in it."""

    def members(self, name: str, limits: Intake) -> Iterator[Member]:
        """Yield all that lies below a folder in it; of a file, just that.

        Raises:
            SubmissionError: it cannot be read.
        """


class FolderTree:
    """A folder on the disk.

    Raises:
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        folder = Folder(path)
        try:
            found = [Child(name, kind) for name, kind in folder.children() if name not in _JUNK]
        finally:
            folder.close()
        self.children = tuple(sorted(found))
        self._kinds = dict(self.children)

    def inner(self, name: str) -> FolderTree:
        """Return the folder of that name."""
        return FolderTree(self._path / name)

    def members(self, name: str, limits: Intake) -> Iterator[Member]:
        """Yield all that lies below a folder; of a file, just that."""
        try:
            folder = Folder(self._path)
        except OSError as error:
            raise SubmissionError(_GONE) from error
        try:
            if self._kinds[name] == "folder":
                yield from folder.members((name,), limits)
            else:
                yield folder.member((name,), name, self._kinds[name], 0)
        finally:
            folder.close()


class ZipTree:
    """A folder in a zip that is open."""

    def __init__(self, archive: zipfile.ZipFile, infos: list[tuple[tuple[str, ...], zipfile.ZipInfo]]) -> None:
        self._archive = archive
        self._found: dict[str, list[tuple[tuple[str, ...], zipfile.ZipInfo]]] = {}
        for parts, info in infos:
            if parts and parts[0] not in _JUNK:
                self._found.setdefault(parts[0], []).append((parts[1:], info))
        self.children = tuple(Child(name, self._kind(name)) for name in sorted(self._found))

    @classmethod
    def open(cls, archive: zipfile.ZipFile) -> ZipTree:
        """Return all of a zip. What begins at a root or above is a part of nothing, and left out."""
        infos = []
        for info in archive.infolist():
            name = read_name(info)
            parts = tuple(part for part in name.split("/") if part not in ("", "."))
            if not name.startswith("/") and parts and parts[0] != "..":
                infos.append((parts, info))
        return cls(archive, infos)

    def inner(self, name: str) -> ZipTree:
        """Return the folder of that name."""
        return ZipTree(self._archive, self._found[name])

    def members(self, name: str, limits: Intake) -> Iterator[Member]:
        """Yield all that lies below a folder; of a file, just that."""
        if self._archive.fp is None:
            raise FaultError("a submission was read after its download was closed")
        kind = self._kind(name)
        rest = [(parts, info) for parts, info in self._found[name] if bool(parts) == (kind == "folder")]
        for parts, info in sorted(rest, key=lambda item: bool(item[0]) and archive_stem(item[0][-1]) is not None):
            yield zip_member(self._archive, info, "/".join(parts) or name)

    def _kind(self, name: str) -> str:
        kinds = {"folder" if parts else zip_member(self._archive, info, "").kind for parts, info in self._found[name]}
        return "folder" if "folder" in kinds else min(kinds)
