"""A submission: where in a folder the files of an assignment are, in whichever layout students have them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.checking.assignment import Assignment, FileEntry
from grader.errors import SubmissionError
from grader.sandbox.layout import Layout

__all__ = ["Submission", "open_submission"]

_OWN = "submission"  # the package that flat files are put into, so that they may import each other relatively, too
_GIVEN = "given"
_DEPTH = 3
_MANY = 2000
_SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "venv", "env", "site-packages"}


@dataclass(frozen=True)
class Submission:
    """A folder that can be graded.

    ``modules`` maps the assignment's files to the module to ask for; ``problems`` maps files to why they cannot be
    graded; ``notes`` say what was decided on the way.
    """

    root: Path
    layout: Layout
    modules: dict[str, str]
    problems: dict[str, str]
    notes: tuple[str, ...] = ()


def open_submission(path: Path, assignment: Assignment) -> Submission:
    """Find an assignment's files in a folder, in one of its subfolders, or in another known layout.

    Raises:
        SubmissionError: it is no folder, or holds none of the files, or several folders do.
    """
    if not path.exists():
        raise SubmissionError(f"{path} does not exist: give the folder with {_examples(assignment)}")
    if path.is_file():
        if path.suffix in (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar") or zipfile.is_zipfile(path):
            raise SubmissionError(f"{path} is an archive: unpack it, and give the folder")
        raise SubmissionError(f"{path} is a file: give the folder that it is in")
    try:
        given = path.resolve()
        root = _choose(given, assignment)
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}") from error
    notes = []
    if root != given:
        notes.append(f"graded the files in {root.relative_to(given)}")
    builder = _Builder(root, assignment)
    return builder.build(notes)


def _examples(assignment: Assignment) -> str:
    names = [entry.name for entry in assignment.files]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _choose(path: Path, assignment: Assignment) -> Path:
    level = [path]
    for _ in range(_DEPTH + 1):
        counts = {folder: sum(_locate(folder, entry) is not None for entry in assignment.files) for folder in level}
        best = max(counts.values(), default=0)
        if best:
            folders = [folder for folder, count in counts.items() if count == best]
            if len(folders) > 1:
                shown = ", ".join(str(folder.relative_to(path)) for folder in folders[:4])
                raise SubmissionError(f"{path} holds {len(folders)} submissions ({shown} …): give one of these folders")
            return folders[0]
        level = [child for folder in level for child in _subfolders(folder)][:_MANY]
    if not any(path.iterdir()):
        raise SubmissionError(f"{path} is empty: give the folder with {_examples(assignment)}")
    raise SubmissionError(
        f"{path} has none of {', '.join(entry.name for entry in assignment.files)}: is it the right folder?"
    )


def _subfolders(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name[0] != "." and entry.name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
            yield folder / entry.name


def _locate(root: Path, entry: FileEntry) -> PurePosixPath | None:
    """Return where in ``root`` a file is: under its own name, an alias, or the end of an alias."""
    for place in (entry.name, *entry.aliases):
        if os.path.lexists(root / place):
            return PurePosixPath(place)
    for alias in entry.aliases:
        parts = PurePosixPath(alias).parts
        for start in range(1, len(parts) - 1):
            place = "/".join(parts[start:])
            if os.path.lexists(root / place):
                return PurePosixPath(place)
    return None


class _Builder:
    def __init__(self, root: Path, assignment: Assignment) -> None:
        self.root = root
        self.assignment = assignment
        self.modules: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.packages: dict[str, list[str]] = {_OWN: [str(root)], _GIVEN: [str(assignment.folder)]}
        self.names: dict[str, str] = {}
        self.problems: dict[str, str] = {}

    def build(self, notes: list[str]) -> Submission:
        for entry in self.assignment.files:
            place = _locate(self.root, entry)
            if place is None:
                places = " or ".join([entry.name, *entry.aliases])
                self.problems[entry.name] = f"{entry.name} is not in the submission; it was looked for as {places}"
            else:
                self._add(entry, place)
        for entry in self.assignment.given:
            place = _locate(self.root, entry)
            if place is not None:
                self._add(entry, place)
                if entry.name not in self.problems:
                    continue
            path = self.assignment.folder / entry.name
            if path.is_file():
                self._register(entry, f"{_GIVEN}.{entry.module}", str(path))
        for entry in self.assignment.files:
            if entry.name in self.problems:
                for name in self._other_names(entry, ""):
                    self.missing[name] = self.problems[entry.name]
        layout = Layout(self.modules, self.aliases, self.packages, self.missing, (str(self.root),))
        return Submission(self.root, layout, self.names, self.problems, tuple(notes))

    def _add(self, entry: FileEntry, place: PurePosixPath) -> None:
        path = self.root / place
        real = path.resolve()
        if not real.is_relative_to(self.root):
            self.problems[entry.name] = (
                f"{place} is a link to a place outside of the submission: put the file itself there"
            )
            return
        if not real.is_file():
            what = "a link to nothing" if not real.exists() else "no file"
            self.problems[entry.name] = f"{place} is {what}: put the file there"
            return
        if str(place) == entry.name:
            module = f"{_OWN}.{entry.module}"
        else:
            whole = next(
                alias for alias in entry.aliases if PurePosixPath(alias).parts[-len(place.parts) :] == place.parts
            )
            module = _dotted(whole)
            folder = path.parent
            for depth in range(module.count("."), 0, -1):
                self.packages.setdefault(".".join(module.split(".")[:depth]), [str(folder)])
                folder = folder.parent
        self._register(entry, module, str(path))

    def _register(self, entry: FileEntry, module: str, path: str) -> None:
        self.modules[module] = path
        self.names[entry.name] = module
        for name in self._other_names(entry, module):
            self.aliases.setdefault(name, module)
        for alias in entry.aliases:
            parts = _dotted(alias).split(".")[:-1]
            for depth in range(1, len(parts) + 1):
                self.packages.setdefault(".".join(parts[:depth]), [])

    def _other_names(self, entry: FileEntry, module: str) -> list[str]:
        names = [entry.module, f"{_OWN}.{entry.module}", *(_dotted(alias) for alias in entry.aliases)]
        return [name for name in names if name != module]


def _dotted(place: str) -> str:
    return place.removesuffix(".py").replace("/", ".")
