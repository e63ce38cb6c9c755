"""Notebooks: the same regions in their cells, and nothing of what the author's run left in them.

Outputs, execution counts and what programs noted about cells are left out. Cells keep their ids; a cell that has none
gets one that depends on its text alone, so that publishing twice gives the same.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.authoring.prose import make_prompt
from grader.authoring.regions import make_stub
from grader.errors import AssignmentError

__all__ = ["Cell", "cell_sources", "strip_notebook"]

_MAGIC = re.compile(r"^([ \t]*)(?=[%!?])", re.MULTILINE)  # before IPython's own lines, which are no Python
_INSTEAD = "pass  #\N{ZERO WIDTH NON-JOINER}"
_CELL_NOTES = ("tags", "slideshow", "editable", "deletable")  # by the author's hand; all else is by programs
_KERNEL = {"kernelspec": ("display_name", "language", "name"), "language_info": ("name",)}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Cell:
    """A cell as the author wrote it, what its lines are that students must not see, and where the others are from.

    ``removed`` and ``origins`` are numbers of the source's lines, as in a stub.
    """

    number: int
    is_code: bool
    source: str
    removed: frozenset[int] = frozenset()
    origins: tuple[int, ...] = ()


def strip_notebook(text: str, where: str, module: str) -> tuple[str, list[Cell]]:
    """Return a notebook without solutions and outputs, and the cells of code and text that it had.

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
        if notebook["nbformat"] != 4:
            raise ValueError(f"nbformat {notebook['nbformat']}")
        notebook["metadata"] = _kernel(notebook["metadata"])
        notebook["nbformat_minor"] = max(notebook["nbformat_minor"], 5)  # the first in which cells have ids
        stripped = [
            _strip(cell, number, where, module) if _is_code(cell) else _strip_text(cell, number, where)
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] in ("code", "markdown")
        ]
        taken: set[str] = set()
        for cell in cells:
            cell["metadata"] = {key: cell["metadata"][key] for key in _CELL_NOTES if cell["metadata"].get(key)}
            cell["id"] = _id(cell, taken)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AssignmentError(f"{where} is no notebook of nbformat 4 ({error}): save it again with Jupyter") from error
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", stripped


def cell_sources(text: str) -> Iterator[tuple[int, bool, str]]:
    """Yield the number of each cell of a notebook, whether it is code, and its source."""
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        yield number, _is_code(cell), "".join(cell["source"])


def _is_code(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code")


def _kernel(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return which kernel a notebook wants, without the version that the author happened to have."""
    return {
        key: {word: metadata[key][word] for word in words if word in metadata[key]}
        for key, words in _KERNEL.items()
        if key in metadata
    }


def _id(cell: dict[str, Any], taken: set[str]) -> str:
    """Return a cell's id, or a new one if it has none or one that another cell has."""
    found, text = cell.get("id"), "".join(cell["source"])
    while not isinstance(found, str) or not _ID.fullmatch(found) or found in taken:
        found = hashlib.sha256(f"{found} {text}".encode()).hexdigest()[:8]
    taken.add(found)
    return found


def _strip_text(cell: dict[str, Any], number: int, where: str) -> Cell:
    source = "".join(cell["source"])
    stub = make_prompt(source, f"{where} cell {number}")
    cell["source"] = stub.text.splitlines(keepends=True)
    return Cell(number, False, source, stub.removed, stub.origins)


def _strip(cell: dict[str, Any], number: int, where: str, module: str) -> Cell:
    source, where = "".join(cell["source"]), f"{where} cell {number}"
    cell["outputs"], cell["execution_count"] = [], None
    if source.startswith("%%"):  # another language, or a program of its own: no Python to take apart
        if "SOLUTION" in source or "HIDDEN TESTS" in source:
            raise AssignmentError(f"{where}: a cell that begins with %% cannot have regions: split it")
        return Cell(number, True, source)
    try:
        ast.parse(source)
    except SyntaxError:
        source = _MAGIC.sub(rf"\1{_INSTEAD}", source)
    stub = make_stub(source, where, module)
    cell["source"] = stub.text.replace(_INSTEAD, "").splitlines(keepends=True)
    return Cell(number, True, source, stub.removed, stub.origins)
