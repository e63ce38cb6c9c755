"""Moodle's "Download all submissions": ``Full Name_<n>_assignsubmission_file/…``, or flat, as prefixes."""

from __future__ import annotations

import re
from collections import defaultdict

from grader.classroom.intake.handed import Handed, Part, Person
from grader.classroom.intake.keys import key_of
from grader.classroom.intake.names import printable
from grader.classroom.intake.trees import Child, Tree

__all__ = ["read_moodle"]

# Moodle takes underscores out of names; only its default group has no number.
_NAMED = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL
)


def read_moodle(tree: Tree) -> tuple[list[Handed], list[Child]] | None:
    """Return the submissions and what is none of Moodle's, or None if this is no download from Moodle."""
    found: dict[tuple[str, str], list[tuple[Child, str, str]]] = defaultdict(list)
    others = []
    for child in tree.children:
        match = _NAMED.fullmatch(child.name)
        if match is None or child.kind not in ("file", "folder"):
            others.append(child)
        else:
            name, number, plugin, rest = match.group("name", "number", "plugin", "rest")
            found[name, number or ""].append((child, plugin, rest or ""))
    if not found:
        return None
    return [_handed(tree, name, number, children) for (name, number), children in found.items()], others


def _handed(tree: Tree, name: str, number: str, children: list[tuple[Child, str, str]]) -> Handed:
    key = key_of(f"{name}_{number}" if number else name)
    files = [(child, rest) for child, plugin, rest in children if plugin == "file"]
    return Handed(
        key=key,
        people=(Person(key, printable(name, 100), number=number),),
        origin=(files or [(children[0][0], "")])[0][0].name,
        problem="" if files else "only a text was handed in, no file",
        parts=tuple(Part(tree, child.name, rest if child.kind == "file" else "") for child, rest in files),
    )
