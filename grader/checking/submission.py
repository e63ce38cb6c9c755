"""A submission: where in a folder the files of an assignment are, in whichever layout students have them."""

from __future__ import annotations

import difflib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.checking.assignment import Assignment, FileEntry
from grader.errors import SubmissionError
from grader.sandbox.layout import OWN, Layout
from grader.sandbox.text import listed, one_line

__all__ = ["Submission", "open_submission"]

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
        notes.append(f"graded the files in {one_line(str(root.relative_to(given)), 200)}")
    else:
        above = [entry.name for entry in assignment.files if not _locate(root, entry) and _locate(root.parent, entry)]
        if above:
            notes.append(f"{', '.join(above)} lies in the folder above: give that one, if it is meant")
    return _Builder(root, assignment).build(notes)


def _examples(assignment: Assignment) -> str:
    return listed([entry.name for entry in assignment.files])


def _choose(path: Path, assignment: Assignment) -> Path:
    level = [path]
    for _ in range(_DEPTH + 1):
        counts = {folder: sum(_locate(folder, entry) is not None for entry in assignment.files) for folder in level}
        best = max(counts.values(), default=0)
        if best:
            folders = [folder for folder, count in counts.items() if count == best]
            if len(folders) > 1:
                shown = listed([str(folder.relative_to(path)) for folder in folders])
                raise SubmissionError(
                    f"{path} holds {len(folders)} submissions ({shown}): give one of these folders, or put what"
                    " belongs together into one"
                )
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
    """Makes the table of modules.

    Every file has one real name and several others, so that whichever import a student writes finds it: a file that
    also lives in the course's package is named as there (else ``from ..layers import`` would lead out of any package),
    the others live in a package of our own.
    """

    def __init__(self, root: Path, assignment: Assignment) -> None:
        self.root = root
        self.assignment = assignment
        self.modules: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.packages: dict[str, list[str]] = {OWN: [str(root)], _GIVEN: []}
        self.names: dict[str, str] = {}
        self.problems: dict[str, str] = {}

    def build(self, notes: list[str]) -> Submission:
        for entry in self.assignment.files:
            place = _locate(self.root, entry)
            if place is None:
                self.problems[entry.name] = _not_there(self.root, entry)
            else:
                self._add(entry, place)
        problems = dict(self.problems)
        for entry in self.assignment.given:
            place = _locate(self.root, entry)
            if place is None or not self._add(entry, place):
                self._give(entry)
        for entry in (*self.assignment.files, *self.assignment.given):
            for alias in entry.aliases:
                for package in _packages(_dotted(alias)):
                    self.packages.setdefault(package, [])
        missing: dict[str, str] = {}
        for entry in (*self.assignment.files, *self.assignment.given):
            for name in self._names(entry):
                if entry.name in self.names:
                    self._alias(name, self.names[entry.name])
                elif entry.name in problems:
                    missing.setdefault(name, problems[entry.name])
        layout = Layout(self.modules, self.aliases, self.packages, missing, (str(self.root),))
        return Submission(self.root, layout, self.names, problems, tuple(notes))

    def _add(self, entry: FileEntry, place: PurePosixPath) -> bool:
        path = self.root / place
        problem = _problem(self.root, place)
        if problem:
            self.problems[entry.name] = problem
            return False
        names = [alias for alias in entry.aliases if PurePosixPath(alias).parts[-len(place.parts) :] == place.parts]
        module = _dotted((names or [f"{OWN}/{entry.name}"])[0])
        folder = path.parent
        for package in _packages(module):
            folders = self.packages.setdefault(package, [])
            if str(folder) not in folders:
                folders.append(str(folder))
            if folder != self.root:
                folder = folder.parent
        self.modules[module] = str(path)
        self.names[entry.name] = module
        return True

    def _give(self, entry: FileEntry) -> None:
        path = self.assignment.folder / entry.name
        if path.is_file():
            self.names[entry.name] = f"{_GIVEN}.{entry.module}"
            self.modules[self.names[entry.name]] = str(path)

    def _names(self, entry: FileEntry) -> list[str]:
        """Return the names by which others may import a file: plain, by its alias, and as a neighbour in a package."""
        aliases = [_dotted(alias) for alias in entry.aliases]
        return [entry.module, *aliases, *(f"{package}.{entry.module}" for package in self.packages)]

    def _alias(self, name: str, module: str) -> None:
        if name not in self.modules:
            self.aliases.setdefault(name, module)


def _problem(root: Path, place: PurePosixPath) -> str:
    """Return why a file that is there cannot be graded, nothing if it can."""
    path = root / place
    real = Path(os.path.realpath(path))  # unlike resolve, it bears with links in a circle
    if not real.is_relative_to(root):
        return f"{place} is a link to a place outside of the submission: put the file itself there"
    if not real.exists():
        return f"{place} is a link to nothing: put the file itself there"
    if not real.is_file():
        return f"{place} is no file: put the file there"
    if not os.access(path, os.R_OK):
        return f"{place} cannot be read: change its permissions"
    return ""


def _not_there(root: Path, entry: FileEntry) -> str:
    places = " or ".join([entry.name, *entry.aliases])
    text = f"{entry.name} is not in the submission; it was looked for as {places}"
    try:
        present = [name for name in sorted(os.listdir(root)) if name.isprintable()]
    except OSError:
        return text
    stem = PurePosixPath(entry.name).stem
    similar = [name for name in present if name.casefold().startswith(stem.casefold())]
    similar += difflib.get_close_matches(
        entry.name, [name for name in present if name.endswith(".py")], n=1, cutoff=0.8
    )
    if similar and similar[0].endswith(".ipynb"):
        return f"{text}; there is {similar[0]}: export it as {entry.name}, if it is that"
    return f"{text}; there is {similar[0]}: rename it, if it is that" if similar else text


def _packages(module: str) -> Iterator[str]:
    """Return the packages that a module is in, the innermost first."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _dotted(place: str) -> str:
    return place.removesuffix(".py").replace("/", ".")
