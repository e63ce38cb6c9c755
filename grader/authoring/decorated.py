"""The source of what an author decorates: found in the file by the decorator's line, whatever its name."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap

from grader.authoring.source import first_line
from grader.errors import AssignmentError

__all__ = ["caller", "decorated"]


def caller() -> tuple[str, int]:
    """Return the file and the line from which the module that asks was called."""
    frame = inspect.currentframe()
    assert frame is not None
    frame = frame.f_back
    ours = frame.f_code.co_filename if frame is not None else ""
    while frame is not None and frame.f_code.co_filename == ours:
        frame = frame.f_back
    assert frame is not None
    return frame.f_code.co_filename, frame.f_lineno


def decorated(file: str, line: int, question: str) -> tuple[str, tuple[str, ...]]:
    """Return the source of what a decorator on this line decorates, and the names of its functions.

    Of a class that only holds functions it is their source; the question's own class stays one.
    """
    text = "".join(linecache.getlines(file))
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        places = [i for i, one in enumerate(node.decorator_list) if one.lineno <= line <= (one.end_lineno or 0)]
        if not places:
            continue
        del node.decorator_list[: places[0] + 1]
        whole = _lines(text, first_line(node), node)
        if isinstance(node, ast.FunctionDef) or node.name == question:
            return whole, (node.name,)
        held = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.Assign)]
        names = tuple(part.name for part in held if isinstance(part, ast.FunctionDef))
        return "\n\n".join(_lines(text, first_line(part), part) for part in held), names
    raise AssignmentError(f"{file} line {line}: an answer is a function, or a class of functions")


def _lines(text: str, first: int, node: ast.stmt) -> str:
    return textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno])) + "\n"
