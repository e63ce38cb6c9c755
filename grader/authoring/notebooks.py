"""Notebooks: the same regions in their code cells, and nothing of what the author's run left in them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.authoring.regions import make_stub
from grader.errors import AssignmentError

__all__ = ["Cell", "cell_sources", "strip_notebook"]

_MAGIC = re.compile(r"^([ \t]*)(?=[%!?])", re.MULTILINE)  # before IPython's own lines, which are no Python
_INSTEAD = "pass  #\N{ZERO WIDTH NON-JOINER}"


@dataclass(frozen=True)
class Cell:
    """A code cell as the author wrote it, what its lines are that students must not see, and where the others are from.

    ``removed`` and ``origins`` are numbers of the source's lines, as in a stub.
    """

    number: int
    source: str
    removed: frozenset[int] = frozenset()
    origins: tuple[int, ...] = ()


def strip_notebook(text: str, where: str, module: str) -> tuple[str, list[Cell]]:
    """Return a notebook without solutions and outputs, and the code cells that it had.

    Args:
        text: the notebook file's.
        where: the file, for messages.
        module: what a region outside of any function or class asks to write.

    Raises:
        AssignmentError: it is no notebook, or a cell's markers are wrong.
    """
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
        notebook["metadata"].pop("widgets", None)
        stripped = [_strip(cell, number, where, module) for number, cell in enumerate(cells, 1) if _is_code(cell)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AssignmentError(f"{where} is no notebook of nbformat 4 ({error}): save it again with Jupyter") from error
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", stripped


def cell_sources(text: str) -> Iterator[tuple[int, bool, str]]:
    """Yield the number of each cell of a notebook, whether it is code, and its source."""
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        yield number, _is_code(cell), "".join(cell["source"])


def _is_code(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code")


def _strip(cell: dict[str, Any], number: int, where: str, module: str) -> Cell:
    source, where = "".join(cell["source"]), f"{where} cell {number}"
    cell["outputs"], cell["execution_count"] = [], None
    if source.startswith("%%"):  # another language, or a program of its own: no Python to take apart
        if "SOLUTION" in source or "HIDDEN TESTS" in source:
            raise AssignmentError(f"{where}: a cell that begins with %% cannot have regions: split it")
        return Cell(number, source)
    try:
        ast.parse(source)
    except SyntaxError:
        source = _MAGIC.sub(rf"\1{_INSTEAD}", source)
    stub = make_stub(source, where, module)
    cell["source"] = stub.text.replace(_INSTEAD, "").splitlines(keepends=True)
    return Cell(number, source, stub.removed, stub.origins)
