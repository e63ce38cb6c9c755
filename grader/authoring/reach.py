"""Which questions run which functions of the solution, read from the sources without running any of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from grader.authoring.source import normalised, parse, read_text
from grader.checking.assignment import Assignment
from grader.checking.question import Question

__all__ = ["reached_by"]

_Place = tuple[str, str]  # a module and a name of its top level


def reached_by(assignment: Assignment, questions: Sequence[Question]) -> dict[str, frozenset[str]]:
    """Return, for each question, the names of all functions and classes that its checks may run.

    That is its own, those it declares beside it, and whatever these use, through given code, too.
    """
    uses: dict[_Place, set[_Place]] = {}
    for entry in (*assignment.files, *assignment.given):
        path = assignment.folder / entry.name
        text = read_text(path.read_bytes()) if path.is_file() else None
        if text is not None:
            uses |= _uses(parse(normalised(text), str(path)), entry.module)
    known = {name for _, name in uses}
    reached = {}
    for question in questions:
        start = [place for place in uses if place[1] in (question.name, *question.also)]
        reached[question.name] = frozenset({question.name} | ({name for _, name in _closure(start, uses)} & known))
    return reached


def _closure(start: Iterable[_Place], uses: Mapping[_Place, set[_Place]]) -> set[_Place]:
    found: set[_Place] = set()
    pending = list(start)
    while pending:
        place = pending.pop()
        if place not in found and place in uses:
            found.add(place)
            pending += uses[place]
    return found


def _uses(tree: ast.Module, module: str) -> dict[_Place, set[_Place]]:
    """Return what each definition of a module's top level uses, as places where it may be defined."""
    own = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names: dict[str, _Place] = {name: (module, name) for name in own}
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
    found: dict[_Place, set[_Place]] = {}
    for name, definition in own.items():
        used = found.setdefault((module, name), set())
        for part in ast.walk(definition):
            if isinstance(part, ast.Name) and part.id in names:
                used.add(names[part.id])
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in modules:
                used.add((modules[part.value.id], part.attr))
    return found
