"""Canvas's "Download Submissions": all files side by side, named ``lastfirst_[LATE_]<user>_<file>_<name>``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from grader.classroom.intake.handed import Handed, Part, Person
from grader.classroom.intake.keys import key_of
from grader.classroom.intake.names import printable, shown
from grader.classroom.intake.trees import Child, Tree

__all__ = ["read_canvas"]

# Canvas keeps letters, digits and underscores of a name, in lower case, and calls anonymous students anon_<5 letters>.
_NAMED = re.compile(
    r"(?P<name>\w+?)_(?P<late>(?:LATE|late)_)?(?P<user>[1-9]\d*)_(?:(?P<file>[1-9]\d*)_(?P<rest>.+)|(?P<page>text|link)\.html)"
)
_ANONYMOUS = re.compile(
    r"(?P<late>(?:LATE|late)_)?(?P<name>anon)_(?P<user>[A-Za-z0-9]+)_(?:(?P<file>[1-9]\d*)_(?P<rest>.+)|(?P<page>text|link)\.html)"
)
_RENAMED = re.compile(r"(.+)-\d{1,2}((?:\.[A-Za-z][A-Za-z0-9]*)*\.[A-Za-z0-9]+)")  # a name that was handed in before


@dataclass(frozen=True)
class _File:
    child: Child
    name: str
    user: str
    number: str
    rest: str
    late: bool


def read_canvas(tree: Tree) -> tuple[list[Handed], list[Child]] | None:
    """Return the submissions and what is none of Canvas's files, or None if this is no download from Canvas.

    It is one if most names are of its form, no file has another one's number, and each user's number has one name.
    """
    files, others = [], []
    for child in tree.children:
        match = _ANONYMOUS.fullmatch(child.name) or _NAMED.fullmatch(child.name)
        if match is None or child.kind not in ("file", "folder"):
            others.append(child)
        else:
            found = match.groupdict(default="")
            files.append(_File(child, found["name"], found["user"], found["file"], found["rest"], bool(found["late"])))
    numbers = Counter(file.number for file in files if file.number)
    names: dict[str, set[str]] = defaultdict(set)
    for file in files:
        names[file.user].add(file.name)
    facts = len(files) > len(others), all(n == 1 for n in numbers.values()), all(len(n) == 1 for n in names.values())
    if not all(facts):
        return None
    users: dict[str, list[_File]] = defaultdict(list)
    for file in files:
        users[file.user].append(file)
    return [_handed(tree, files) for files in users.values()], others


def _handed(tree: Tree, files: list[_File]) -> Handed:
    first = files[0]
    parts, notes = _parts(tree, [file for file in files if file.number])
    return Handed(
        key=key_of(f"{first.name}_{first.user}"),
        people=(Person(key_of(f"{first.name}_{first.user}"), printable(first.name, 100), number=first.user),),
        origin=first.child.name if len(files) == 1 else f"{first.name}_{first.user}_* ({len(files)} files)",
        late=any(file.late for file in files),
        problem="" if parts else "only a text or a link was handed in, no file",
        parts=tuple(parts),
        notes=tuple(notes),
    )


def _parts(tree: Tree, files: list[_File]) -> tuple[list[Part], list[str]]:
    """Return the files under the names that they had before Canvas renamed them, as far as that is clear."""
    plain = {file: _RENAMED.sub(r"\1\2", file.rest) for file in files}
    counts = Counter(plain.values())
    parts, notes = [], []
    for file in files:
        place = plain[file] if counts[plain[file]] == 1 else file.rest
        if place != file.rest:
            notes.append(f"{shown(file.rest)} was taken as {shown(place)}: so Canvas renames what is handed in again")
        parts.append(Part(tree, file.child.name, place if file.child.kind == "file" else ""))
    return parts, notes
