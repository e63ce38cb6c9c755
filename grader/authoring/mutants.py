"""Mechanical mutants of a solution: the file as it is, but for one small change between its solution markers.

They are what nobody thought of. A mutant that no check refuses is a hole in the checks, or it is *equivalent*: as
right as the solution. Its id depends on the statement it changes and on nothing else in the file, so that it can be
named in ``misconceptions/audit.toml`` and still be found after edits elsewhere.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.authoring.mutations import changed_expressions, changed_statements, children
from grader.authoring.regions import make_stub
from grader.authoring.source import normalised, parse

__all__ = ["Mutant", "mutants_of", "solution_lines"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SILENT = ast.Raise | ast.Assert | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal
_ATOMS = ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript | ast.Tuple | ast.List | ast.Dict
_LONGEST, _UNCLEAR = 60, 24


@dataclass(frozen=True)
class Mutant:
    """One change: its id, its line in the solution's file, what it is in words, and the changed file's text."""

    id: str
    line: int
    description: str
    text: str


@dataclass(frozen=True)
class _Change:
    """``old`` becomes ``new``; ``whole`` is the statement, or the head of one, that it belongs to."""

    whole: ast.AST
    old: ast.expr | ast.stmt
    new: ast.expr | ast.stmt


def solution_lines(source: str, where: str) -> frozenset[int]:
    """Return the numbers of a file's lines that stand between its solution markers.

    Raises:
        AssignmentError: the file is no Python, or its markers are wrong.
    """
    return make_stub(source, where, "module").removed


def mutants_of(source: str, name: str, lines: Collection[int]) -> list[Mutant]:
    """Return the mutants of one function or class of a file, in the order of its lines.

    Args:
        source: the file's text.
        name: the function or class.
        lines: those that may change; the others are given, and stay.
    """
    source = normalised(source)
    node = next(node for node in parse(source, name).body if getattr(node, "name", None) == name)
    text = _Text(source)
    seen: Counter[str] = Counter()
    found: list[Mutant] = []
    meanings: set[str] = set()  # two changes may come to the same, but for parentheses
    for change in _changes(node, lines, _strings(node)):
        old, new = ast.unparse(change.old), ast.unparse(ast.fix_missing_locations(change.new))
        if old == new:
            continue
        identity = "\0".join((name, ast.unparse(change.whole), old, new))
        seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest()[:8]
        shown = "left out" if isinstance(change.new, ast.Pass) else f"becomes {_short(new)}"
        words = f"{_short(old)} {shown}"
        if len(old) < _UNCLEAR and change.old is not change.whole:
            words += f", in {_short(ast.unparse(change.whole))}"
        if isinstance(change.new, ast.expr) and not isinstance(change.new, _ATOMS):
            new = f"({new})"
        mutant = Mutant(digest, change.old.lineno, words, text.replaced(change.old, new))
        meaning = text.meaning(node, mutant.text)
        if meaning not in meanings:
            meanings.add(meaning)
            found.append(mutant)
    return found


def _changes(node: ast.AST, lines: Collection[int], strings: list[str]) -> Iterator[_Change]:
    """Yield the changes of all statements below a node that stand on these lines."""
    bound = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
    for statement in _statements(node):
        if statement.lineno not in lines or isinstance(statement, _SILENT) or _is_text(statement):
            continue
        targets = {name.id for name in ast.walk(statement) if isinstance(name, ast.Name) and _stored(name)}
        for other in changed_statements(statement, bool(targets & bound)):
            yield _Change(statement, statement, other)
        bound |= targets
        for head in children(statement):
            whole = head if hasattr(statement, "body") else statement
            if isinstance(statement, ast.If):
                for value in (True, False):
                    yield _Change(whole, head, ast.Constant(value))
            for part in _below(head):
                for new in changed_expressions(part, strings):
                    yield _Change(whole, part, new)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements in the bodies below a node; of definitions only what is in them."""
    for field in ("body", "orelse", "finalbody", "handlers"):
        below = getattr(node, field, [])
        for child in below if isinstance(below, list) else []:
            if isinstance(child, ast.stmt) and not isinstance(child, _Function | ast.ClassDef):
                yield child
            yield from _statements(child)


def _below(node: ast.expr) -> Iterator[ast.expr]:
    yield node
    for child in children(node):
        yield from _below(child)


def _strings(node: ast.AST) -> list[str]:
    """Return the short texts that a function compares with or looks up by, each once, in their order."""
    silent = {id(part) for child in ast.walk(node) if _is_silent(child) for part in ast.walk(child)}
    found = {
        part.value: None
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in silent
    }
    return list(found)


def _is_silent(node: ast.AST) -> bool:
    return isinstance(node, _SILENT | ast.JoinedStr) or (isinstance(node, ast.stmt) and _is_text(node))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class _Text:
    """A file's text, of which the place of a node can be replaced. A node's columns count bytes."""

    def __init__(self, source: str) -> None:
        self._data = source.encode()
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def meaning(self, node: ast.stmt, changed: str) -> str:
        """Return what a definition at the top level says in a changed text, spelled in one way."""
        assert node.end_lineno is not None
        after = len(self._data) - self._starts[node.end_lineno]
        data = changed.encode()
        return ast.unparse(ast.parse(data[self._starts[node.lineno - 1] : len(data) - after]))

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> str:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        return (self._data[:start] + text.encode() + self._data[end:]).decode()
