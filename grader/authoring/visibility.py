"""The public version of a checks file: without its hidden checks, and without what only they used.

A check is hidden where a statement of the file says so: ``@question.check(hidden=True)`` above a function, or
``question.forward(…, hidden=True)``. Nothing is run to find out, so ``hidden`` has to be written out as True or False.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from grader.authoring.markers import find_markers
from grader.authoring.source import first_line, normalised, parse, tokens
from grader.authoring.usage import Import, bound_names, no_longer_used
from grader.errors import AssignmentError

__all__ = ["PublicChecks", "check_lines", "make_public"]

_QUESTION = "question"
_WIDTH = 120
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class PublicChecks:
    """What students get of a checks file.

    ``removed`` are the numbers of the source's lines that they must not see; ``origins`` has, for each line that is
    left, the number of the source's line that it is from.
    """

    text: str
    removed: frozenset[int]
    origins: tuple[int, ...]


def make_public(source: str, where: str, used_elsewhere: Collection[str] = ()) -> PublicChecks:
    """Return what students get of a checks file's source.

    Args:
        source: the author's text.
        where: the file, for messages.
        used_elsewhere: names that other checks files import from this one.

    Raises:
        AssignmentError: it cannot be told what is hidden.
    """
    source = normalised(source)
    tree = parse(source, where)
    for marker in find_markers(tokens(source), where):
        raise AssignmentError(
            f"{where} line {marker.line}: checks are hidden by hidden=True, not by '{marker.words}': take it out"
        )
    hidden = [statement for statement in tree.body if _is_hidden(statement, where)]
    if not hidden:
        return PublicChecks(source, frozenset(), tuple(range(1, source.count("\n") + 2)))
    kept_anyway = [statement for statement in tree.body if _registers(statement)]
    gone, names = no_longer_used(tree.body, hidden, kept_anyway, {_QUESTION, *used_elsewhere})
    lines = source.split("\n")
    edits: list[tuple[int, int, list[str]]] = []
    for index, statement in enumerate(tree.body):
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        kept: list[str] = []
        if statement not in gone:
            if not isinstance(statement, Import) or not names & set(bound_names(statement)):
                continue
            kept = _shorter(statement, names, lines)
        beside = tree.body[max(index - 1, 0) : index] + tree.body[index + 1 : index + 2]
        if any(first_line(other) <= last and (other.end_lineno or 0) >= first for other in beside):
            raise AssignmentError(f"{where} line {first}: write one statement on a line, so that it can be taken out")
        if not kept:
            above = (tree.body[index - 1].end_lineno or 0) if index else 0
            first, last = _with_comments(lines, first, last, above)
        edits.append((first, last, kept))
    removed = frozenset(line for first, last, kept in edits if not kept for line in range(first, last + 1))
    left = _without(lines, edits)
    text = "\n".join([line for _, line in left]) + "\n"
    parse(text, f"{where}, without its hidden checks,")
    return PublicChecks(text, removed, tuple(number for number, _ in left))


def check_lines(text: str, where: str) -> frozenset[int]:
    """Return the numbers of the lines of a checks file that belong to its checks, and not to what they share."""
    return frozenset(
        line
        for statement in parse(text, where).body
        if _registers(statement)
        for line in range(first_line(statement), (statement.end_lineno or 0) + 1)
    )


def _is_hidden(statement: ast.stmt, where: str) -> bool:
    """Whether a statement makes a hidden check."""
    if isinstance(statement, ast.Expr):
        places: list[ast.AST] = [statement]
    else:
        places = list(statement.decorator_list) if isinstance(statement, _Function) else []
    telling = {node for place in places for node in ast.walk(place)}
    hidden = False
    for node in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
        for keyword in node.keywords:
            if keyword.arg != "hidden":
                continue
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if not isinstance(value, bool):
                raise AssignmentError(f"{where} line {node.lineno}: write hidden=True or hidden=False, no expression")
            if value and node not in telling:
                raise AssignmentError(
                    f"{where} line {node.lineno}: hidden=True belongs to a statement of its own, such as"
                    " question.forward(…, hidden=True) or @question.check(hidden=True), not into another"
                )
            hidden = hidden or value
    return hidden


def _registers(statement: ast.stmt) -> bool:
    """Whether a statement adds a check to the question."""
    if isinstance(statement, _Function):
        return any(_root(decorator) == _QUESTION for decorator in statement.decorator_list)
    return isinstance(statement, ast.Expr) and _root(statement.value) == _QUESTION


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _shorter(statement: ast.Import | ast.ImportFrom, names: Collection[str], lines: list[str]) -> list[str]:
    """Return an import's lines without some of its names."""
    statement.names = [a for a in statement.names if (a.asname or a.name.partition(".")[0]) not in names]
    text = ast.unparse(statement)
    if len(text) <= _WIDTH:
        _, hash_sign, comment = lines[statement.lineno - 1].partition("#")
        return [f"{text}  #{comment}" if hash_sign and statement.lineno == statement.end_lineno else text]
    head, _, rest = text.partition(" import ")
    return [f"{head} import (", *(f"    {name}," for name in rest.split(", ")), ")"]


def _with_comments(lines: list[str], first: int, last: int, above: int) -> tuple[int, int]:
    """Return a statement's range with the comments directly above it, and those that still belong to its body.

    ``above`` is where the statement before it ends.
    """
    while first - 1 > above and lines[first - 2].startswith("#"):
        first -= 1
    while last < len(lines) and lines[last][:1] in (" ", "\t") and lines[last].lstrip().startswith("#"):
        last += 1
    return first, last


def _without(lines: list[str], edits: Collection[tuple[int, int, list[str]]]) -> list[tuple[int, str]]:
    """Return the lines that are left after edits, each with the number that it had."""
    kept: list[tuple[int, str]] = []
    numbered = list(enumerate(lines, 1))
    after = 0
    for first, last, instead in edits:
        kept += numbered[after : first - 1]
        after = last
        if instead:
            kept += [(first, line) for line in instead]
            continue
        above = below = 0
        while kept and not kept[-1][1].strip():
            kept.pop()
            above += 1
        while after < len(lines) and not lines[after].strip():
            after += 1
            below += 1
        kept += [(first, "")] * min(max(above, below), 2)
    kept += numbered[after:]
    while kept and not kept[-1][1].strip():
        kept.pop()
    return kept
