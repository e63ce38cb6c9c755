"""One folder or one archive per student: the layout of all that no system made."""

from __future__ import annotations

from collections.abc import Iterable

from grader.classroom.intake.handed import Handed, Part, Person
from grader.classroom.intake.keys import key_of
from grader.classroom.intake.names import archive_stem, is_noise, is_python, shown
from grader.classroom.intake.trees import Child, Tree

__all__ = ["read_plain"]


def read_plain(tree: Tree, children: Iterable[Child]) -> tuple[list[Handed], list[str]]:
    """Return a submission for each folder and archive, and notes on what is neither."""
    found: list[Handed] = []
    notes: list[str] = []
    for name, kind in children:
        stem = archive_stem(name) if kind == "file" else name
        if is_noise(name):
            notes.append(f"{shown(name)} was left out: by its name it is no submission")
        elif kind == "folder" or (kind == "file" and stem is not None):
            found.append(_handed(tree, name, stem or name))
        elif kind == "file" and is_python(name):
            problem = f"{shown(name)} lies there by itself: put it into a folder with the student's name"
            found.append(_handed(tree, name, name, problem))
        elif kind == "file":
            notes.append(f"{shown(name)} was left out: it is neither a folder nor an archive")
        else:
            problem = f"{shown(name)} is {kind}: put the folder or the archive itself there"
            found.append(_handed(tree, name, archive_stem(name) or name, problem))
    return found, notes


def _handed(tree: Tree, name: str, wanted: str, problem: str = "") -> Handed:
    key = key_of(wanted)
    return Handed(key, (Person(key),), name, problem=problem, parts=(Part(tree, name),))
