"""Which questions run which functions of the solution, read from the sources without running any of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from grader.authoring.source import normalised, parse, read_text
from grader.checking.assignment import Assignment, FileEntry
from grader.checking.question import Question

__all__ = ["Place", "place_of", "reached_by"]

Place = tuple[str, str]
"""A module of the solution and a name of its top level."""


def place_of(file: str, name: str) -> Place:
    """Return the place of a function or class in a file of the assignment."""
    return FileEntry(file).module, name


def reached_by(assignment: Assignment, questions: Sequence[Question]) -> dict[str, frozenset[Place]]:
    """Return, for each question, the places of all functions and classes that its checks may run.

    That is its own, those it declares beside it, and whatever these use, through given code, too.
    """
    uses: dict[Place, set[Place]] = {}
    for entry in (*assignment.files, *assignment.given):
        path = assignment.folder / entry.name
        text = read_text(path.read_bytes()) if path.is_file() else None
        if text is not None:
            uses |= _uses(parse(normalised(text), str(path)), entry.module)
    reached = {}
    for question in questions:
        own = place_of(question.file, question.symbol)
        start = [own, *(place_of(file, name) for name, (file, _) in question.also.items())]
        reached[question.name] = frozenset({own} | _closure(start, uses))
    return reached


def _closure(start: Iterable[Place], uses: Mapping[Place, set[Place]]) -> set[Place]:
    found: set[Place] = set()
    pending = list(start)
    while pending:
        place = pending.pop()
        if place not in found and place in uses:
            found.add(place)
            pending += uses[place]
    return found


def _uses(tree: ast.Module, module: str) -> dict[Place, set[Place]]:
    """Return what each definition of a module's top level uses, as places where it may be defined."""
    own = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names: dict[str, Place] = {name: (module, name) for name in own}
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = (node.module or "").rpartition(".")[2]
            for alias in node.names:
                names.setdefault(alias.asname or alias.name, (source, alias.name))
                modules.setdefault(alias.asname or alias.name, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                modules[alias.asname or alias.name] = alias.name.rpartition(".")[2]
    found: dict[Place, set[Place]] = {}
    for name, definition in own.items():
        used = found.setdefault((module, name), set())
        for part in ast.walk(definition):
            if isinstance(part, ast.Name) and part.id in names:
                used.add(names[part.id])
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in modules:
                used.add((modules[part.value.id], part.attr))
    return found
