"""Downloads: the submissions of a class in what a teacher downloaded, whichever system it came from."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.classroom.intake.archives import is_zip
from grader.classroom.intake.canvas import read_canvas
from grader.classroom.intake.gradescope import read_gradescope
from grader.classroom.intake.handed import Handed, Person
from grader.classroom.intake.keys import unique_keys
from grader.classroom.intake.limits import Intake
from grader.classroom.intake.members import DAMAGED
from grader.classroom.intake.moodle import read_moodle
from grader.classroom.intake.names import archive_stem, is_python, printable, shown
from grader.classroom.intake.parcel import Parcel
from grader.classroom.intake.plain import read_plain
from grader.classroom.intake.trees import Child, FolderTree, Tree, ZipTree
from grader.errors import InputError

__all__ = ["Downloads", "Handed", "Intake", "Parcel", "Person", "open_downloads"]

_GIVE = "give a folder with one folder or archive per student, or a download from Gradescope, Canvas or Moodle"
_SYSTEMS = {
    "gradescope": ("an export of Gradescope's", read_gradescope),
    "moodle": ("a download from Moodle", read_moodle),
    "canvas": ("a download from Canvas", read_canvas),
}
_COPY = re.compile(r" ?\(\d+\)$")  # as browsers mark a second download
_NOTES = 50
_WRAPPERS = 3


@dataclass(frozen=True)
class Downloads:
    """The submissions of a class.

    ``kind`` is "gradescope", "canvas", "moodle", "folders", "archives" or "folders and archives"; ``notes`` say what
    the download was read as, and what in it is no submission.
    """

    kind: str
    submissions: tuple[Handed, ...]
    notes: tuple[str, ...]


@contextlib.contextmanager
def open_downloads(path: Path, files: Collection[str] = ()) -> Iterator[Downloads]:
    """List the submissions in a folder or a zip; none is read before its turn, and that has to be before this closes.

    Args:
        path: what the teacher downloaded, packed or unpacked.
        files: where an assignment's files may be in a submission (``layers.py``, ``cs231n/layers.py``). A folder that
            holds one of them itself is a submission or an assignment, given by mistake.

    Raises:
        InputError: there are no submissions in it; the message says what to give.
    """
    with contextlib.ExitStack() as stack:
        try:
            tree = _open(path, stack)
            downloads = _recognise(path, tree, {file.partition("/")[0] for file in files})
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}; change its permissions") from error
        yield downloads


def _open(path: Path, stack: contextlib.ExitStack) -> Tree:
    if path.is_dir():
        return FolderTree(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: {_GIVE}")
    if not path.is_file():
        raise InputError(f"{path} is neither a folder nor a file: {_GIVE}")
    with path.open("rb") as file:
        zipped = is_zip(file)
    if not zipped:
        if archive_stem(path.name) is not None and not path.name.lower().endswith(".zip"):
            raise InputError(f"{path} is an archive of another kind than zip: unpack it, and give the folder")
        raise InputError(f"{path} is no zip archive, or is cut short: {_GIVE}")
    try:
        return ZipTree.open(stack.enter_context(zipfile.ZipFile(path)))
    except DAMAGED as error:
        raise InputError(f"{path} is damaged: download it again") from error


def _recognise(path: Path, tree: Tree, files: set[str]) -> Downloads:
    """Find the layout by its facts, in the folder itself or in the one folder that is all there is in it."""
    top, inner, above, named = (tree, ""), tree, "", True
    for _ in range(_WRAPPERS):
        for kind, (words, read) in _SYSTEMS.items():
            result = read(inner)
            if result is not None:
                return _downloads(path, kind, words, above, inner, *result)
        if len(inner.children) != 1 or inner.children[0].kind != "folder":
            break
        name = inner.children[0].name
        try:
            inner = inner.inner(name)
        except OSError:
            break  # the one submission that there is will say so
        above = f"{above}{name}/"
        named = named and (_is_wrapper(name, path) or _holds_several(inner, files))
        if named:
            top = inner, above
    tree, above = top
    _refuse_one(path, above, tree, files)
    return _downloads(path, "", "", above, tree, [], list(tree.children))


def _is_wrapper(name: str, path: Path) -> bool:
    """Whether a folder is named as what it came in, so that it is the class and not a student."""
    return _COPY.sub("", name) == _COPY.sub("", archive_stem(path.name) or path.name)


def _holds_several(tree: Tree, files: set[str]) -> bool:
    """Whether a folder holds several submissions, so that it is the class and not a student."""
    if any(name in files for name, _ in tree.children):
        return False
    count = 0
    for name, kind in tree.children:
        if kind == "folder":
            with contextlib.suppress(OSError):  # that submission will say so
                count += any(inside in files for inside, _ in tree.inner(name).children)
        else:  # on a disk, a folder of archives may be what one student has handed in
            count += isinstance(tree, ZipTree) and archive_stem(name) is not None
        if count > 1:
            return True
    return False


def _refuse_one(path: Path, above: str, tree: Tree, files: set[str]) -> None:
    """Refuse what is not a class.

    Raises:
        InputError: it is a submission or an assignment, or empty.
    """
    place = shown(str(path / above)) if above else path
    own = [name for name, _ in tree.children if name in files or name == "assignment.toml"]
    if own:
        raise InputError(
            f"{place} holds {shown(own[0])} itself, so it is one submission or an assignment: "
            "give the folder above it, which has one folder or archive per student"
        )
    if tree.children and all(kind == "file" and is_python(name) for name, kind in tree.children):
        raise InputError(f"{place} holds Python files, so it is one submission: {_GIVE}")


def _downloads(
    path: Path, kind: str, words: str, above: str, tree: Tree, handed: list[Handed], others: list[Child]
) -> Downloads:
    more, left = read_plain(tree, others)
    if kind and more:
        left = [
            f"{shown(one.origin)} is not named as in {words}; it is graded under its own name" for one in more
        ] + left
    if not kind:
        found = {
            "folder" if one == "folder" else "archive" for name, one in others if one == "folder" or archive_stem(name)
        }
        kinds = sorted(found or {"folder"}, reverse=True)
        kind, words = " and ".join(f"{one}s" for one in kinds), f"one {' or '.join(kinds)} per student"
    submissions, collisions = _named(above, sorted([*handed, *more], key=lambda one: one.origin))
    if not submissions:
        raise InputError(f"{path} holds no submissions: {_GIVE}")
    where = f" in {shown(above.rstrip('/'))}" if above else ""
    count = "1 submission" if len(submissions) == 1 else f"{len(submissions):,} submissions"
    notes = [f"read as {words}{where}: {count}", *collisions, *left]
    if len(notes) > _NOTES:
        notes[_NOTES:] = [f"{len(notes) - _NOTES} more notes like these"]
    return Downloads(kind, submissions, tuple(notes))


def _named(above: str, handed: list[Handed]) -> tuple[tuple[Handed, ...], list[str]]:
    """Return submissions under unique keys, and a note for each that had to be changed."""
    keys = unique_keys([(one.key, one.origin) for one in handed])
    notes = [
        f"{printable(above + one.origin, 100)} is called {key}: there is more than one {one.key}"
        for one, key in zip(handed, keys, strict=True)
        if key != one.key
    ]
    named = tuple(
        replace(one, key=key, origin=printable(above + one.origin, 300)) for one, key in zip(handed, keys, strict=True)
    )
    return named, notes
