"""How far a student is, read from the source without running any of it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

__all__ = ["state_of", "states"]

NOT_STARTED, STARTED, MISSING, UNREADABLE = "not started", "started", "missing", "cannot be read"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def states(path: Path | None, names: list[str]) -> dict[str, str]:
    """Return the state of each of these functions and classes of one file."""
    if path is None:
        return dict.fromkeys(names, "missing file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no matter here
            tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        return dict.fromkeys(names, f"{UNREADABLE} (line {error.lineno})" if error.lineno else UNREADABLE)
    except (OSError, ValueError, RecursionError, MemoryError):
        return dict.fromkeys(names, UNREADABLE)
    return {name: state_of(tree, name) for name in names}


def state_of(tree: ast.Module, name: str) -> str:
    """Return the state of a function or class: it is not started while all of it raises NotImplementedError."""
    state = MISSING
    for node in _statements(tree):
        if isinstance(node, _Function) and node.name == name:
            state = NOT_STARTED if _unwritten(node) else STARTED
        elif isinstance(node, ast.ClassDef) and node.name == name:
            methods = [child for child in node.body if isinstance(child, _Function)]
            state = NOT_STARTED if methods and all(map(_unwritten, methods)) else STARTED
        elif name in _bound(node):
            state = STARTED
    return state


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Return what a module does when it is imported, in order, also inside of ``if`` and ``try``."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*_scopes, ast.expr)):
            yield from _statements(child)


def _bound(node: ast.AST) -> set[str]:
    """Return the names that an import or an assignment binds."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _unwritten(function: _Function) -> bool:
    return any(_is_stub(node) for node in _own(function))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Return all nodes of a function but those of functions and classes inside of it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _scopes):
            yield child
            yield from _own(child)


def _is_stub(node: ast.AST) -> bool:
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


_scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
