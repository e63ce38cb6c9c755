"""Gradescope's "Export submissions": ``submission_<n>/…``, and in ``submission_metadata.yml`` whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.classroom.intake.handed import Handed, Part, Person
from grader.classroom.intake.keys import key_of
from grader.classroom.intake.limits import USUAL
from grader.classroom.intake.members import CHUNK, DAMAGED
from grader.classroom.intake.names import printable
from grader.classroom.intake.trees import Child, Tree
from grader.errors import InputError

__all__ = ["METADATA", "read_gradescope", "read_metadata"]

METADATA = "submission_metadata.yml"
_BYTES = 256 * 2**20
_WANTED = re.compile(r"  :(?:submitters|created_at):")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)?")


def read_gradescope(tree: Tree) -> tuple[list[Handed], list[Child]] | None:
    """Return the submissions and what the list does not name, or None if this is no export of Gradescope's.

    Raises:
        InputError: the list of submissions cannot be read.
    """
    if Child(METADATA, "file") not in tree.children:
        return None
    children = {child.name: child for child in tree.children}
    entries = read_metadata(_text(tree))
    handed = [_handed(tree, name, entry, children.get(name)) for name, entry in entries.items()]
    return handed, [child for child in tree.children if child.name not in entries and child.name != METADATA]


def read_metadata(text: str) -> dict[str, Mapping[str, Any]]:
    """Return what a list of submissions says of each; all values are texts.

    Raises:
        InputError: it is no such list.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a text, every tag is ignored
    problem = "it is no list"
    for part in (_shortened(text), text):  # the whole takes long, and is needed only if it refers from part to part
        try:
            entries = yaml.load(part, Loader=loader)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            problem = " ".join(str(error).split())
            continue
        if isinstance(entries, dict):
            return {name: entry for name, entry in entries.items() if isinstance(name, str) and isinstance(entry, dict)}
    raise InputError(f"{METADATA} cannot be read: {printable(problem, 200)}; export the submissions again")


def _shortened(text: str) -> str:
    """Return the lines of a list that are needed here: it holds all output of all tests, too."""
    lines, wanted = [], True
    for line in text.splitlines():
        if line[:1] not in (" ", ""):
            wanted = True
        elif line.startswith("  :"):
            wanted = _WANTED.match(line) is not None
        if wanted:
            lines.append(line)
    return "\n".join(lines)


def _text(tree: Tree) -> str:
    data = bytearray()
    try:
        for member in tree.members(METADATA, USUAL):
            with member.open() as file:
                while chunk := file.read(CHUNK):
                    data += chunk
                    if len(data) > _BYTES:
                        raise InputError(f"{METADATA} is too long: export the submissions again")
    except DAMAGED as error:
        raise InputError(f"{METADATA} cannot be read: export the submissions again") from error
    return data.decode("utf-8-sig", "replace")


def _handed(tree: Tree, name: str, entry: Mapping[str, Any], child: Child | None) -> Handed:
    submitters = entry.get(":submitters", [])
    people = (
        tuple(_person(one, name) for one in submitters if isinstance(one, dict)) if isinstance(submitters, list) else ()
    )
    people = people or (Person(key_of(name)),)
    problem = ""
    if child is None:
        problem = "its folder is missing in the export: export the submissions again"
    elif child.kind != "folder":
        problem = "it is no folder of files: the assignment has to be a programming assignment"
    return Handed(
        key=key_of("+".join(sorted(person.key for person in people))),
        people=people,
        origin=name,
        submitted=_time(entry.get(":created_at", "")),
        problem=problem,
        parts=() if child is None else (Part(tree, name),),
    )


def _person(entry: Mapping[str, Any], folder: str) -> Person:
    def get(key: str) -> str:
        value = entry.get(key, "")
        return printable(value, 200) if isinstance(value, str) else ""

    name, email, number = get(":name"), get(":email").lower(), get(":sid")
    return Person(key_of(email or number or name or folder), name, email, number)


def _time(value: object) -> str:
    match = _TIME.match(value) if isinstance(value, str) else None
    return f"{match[1]}T{match[2]}{match[3] or ''}" if match else ""
