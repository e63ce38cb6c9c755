"""A published folder: which of its files are as they were published, and how it is brought up to date.

``.published.json`` holds the digest of every file as it was published. A file that has another one was edited, and is
left alone. While files are written it holds the digests before and after, so that a run that ends in the middle
makes nothing look edited.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.authoring.records import is_record, same_record
from grader.authoring.source import read_text
from grader.errors import AssignmentError
from grader.files import write_atomically

__all__ = ["MANIFEST", "Plan", "PublishedFolder"]

MANIFEST = ".published.json"
Digests = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Plan:
    """What brings a folder up to date: files to write, to remove, and to leave to the student who edited them.

    ``differences`` says the same in words, and ``digests`` is what the manifest holds afterwards.
    """

    write: tuple[str, ...]
    remove: tuple[str, ...]
    keep: tuple[str, ...]
    unchanged: int
    differences: tuple[str, ...]
    digests: Digests


class PublishedFolder:
    """A folder that was published, or will be.

    Links in it are the student's own: they are left alone, and nothing is read or written behind them.
    """

    def __init__(self, path: Path) -> None:
        if path.is_symlink():
            raise AssignmentError(f"{path} is a link: publishing writes to a real folder only; remove the link")
        for place in (path.parent, path):
            if place.exists() and not place.is_dir():
                raise AssignmentError(f"{place} is in the way, since it is no folder: move it elsewhere")
        self.path = path
        self.digests = self._read_manifest()

    def read(self, name: str) -> bytes | None:
        """Return a plain file's content, None if there is none.

        Raises:
            OSError: something else is in its place, such as a link or a folder, or a link on the way to it.
        """
        place = self.path
        for part in PurePosixPath(name).parts:
            if place.is_symlink():
                raise NotADirectoryError(place)
            place = place / part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(mode):
            raise FileExistsError(place)
        return place.read_bytes()

    def read_published(self, name: str) -> bytes | None:
        """Return a file's content if it is as it was published, else None."""
        with contextlib.suppress(OSError):
            data = self.read(name)
            if data is not None and _digest(data) in self.digests.get(name, ()):
                return data
        return None

    def compare(self, files: Mapping[str, bytes]) -> Plan:
        """Return what would bring the folder up to date with these files. Nothing is written."""
        write, remove, keep, differences = [], [], [], []
        digests: dict[str, frozenset[str]] = {}
        unchanged = 0
        for name in sorted(files.keys() | self.digests.keys()):
            wanted, known = files.get(name), self.digests.get(name, frozenset())
            try:
                present = self.read(name)
            except OSError:
                keep.append(name)
                differences.append(f"{name} is no plain file")
                continue
            now = _digest(present) if present is not None else ""
            if wanted is None:
                if now in known:
                    remove.append(name)
                    differences.append(f"{name} is not published any more")
                elif present is not None:
                    keep.append(name)
                    differences.append(f"{name} was edited by hand, and is not published any more")
            elif present is None:
                write.append(name)
                differences.append(f"{name} is missing")
            elif now == _digest(wanted) or (is_record(name) and same_record(present, wanted)):
                unchanged += 1
                digests[name] = frozenset([now])
            elif now in known or is_record(name):  # nobody's work is in a record
                write.append(name)
                differences.append(f"{name} differs")
            else:
                keep.append(name)
                differences.append(f"{name} was edited by hand" if known else f"{name} differs, and was not published")
                if known:
                    digests[name] = known
        digests |= {name: frozenset([_digest(files[name])]) for name in write}
        if not differences and digests != self.digests:
            differences.append(f"{MANIFEST} differs")
        return Plan(tuple(write), tuple(remove), tuple(keep), unchanged, tuple(differences), digests)

    def update(self, plan: Plan, files: Mapping[str, bytes]) -> None:
        """Do what a plan says."""
        self.path.mkdir(parents=True, exist_ok=True)
        if plan.write or plan.remove:
            names = plan.digests.keys() | self.digests.keys()
            none = frozenset[str]()
            self._write_manifest({n: plan.digests.get(n, none) | self.digests.get(n, none) for n in names})
        for name in plan.write:
            write_atomically(self.path / name, files[name])
        for name in plan.remove:
            path = self.path / name
            path.unlink(missing_ok=True)
            for folder in path.relative_to(self.path).parents[:-1]:
                with contextlib.suppress(OSError):  # something else is in it
                    (self.path / folder).rmdir()
        if plan.digests != self.digests:
            self._write_manifest(plan.digests)

    def _read_manifest(self) -> Digests:
        try:
            data = self.read(MANIFEST)
            entries = json.loads(data) if data is not None else {}
            return {
                name: frozenset([value] if isinstance(value, str) else map(str, value))
                for name, value in entries.items()
                if _is_inside(name)
            }
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise AssignmentError(
                f"{self.path / MANIFEST} cannot be read: remove it and publish again; what differs is then left alone"
            ) from error

    def _write_manifest(self, digests: Digests) -> None:
        entries = {name: found[0] if len(found := sorted(digests[name])) == 1 else found for name in sorted(digests)}
        self.digests = digests
        write_atomically(self.path / MANIFEST, (json.dumps(entries, indent=1) + "\n").encode())


def _is_inside(name: str) -> bool:
    """Whether a manifest's entry is a file of the folder and no place elsewhere."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") for part in parts) and not set(name) & set("\\:") and name != MANIFEST


def _digest(data: bytes) -> str:
    """Return a digest of a file's content, the same for all line endings of a text."""
    text = read_text(data)
    return hashlib.sha256(data if text is None else text.encode()).hexdigest()
