"""An edition: all that students would get of an assignment, but for the recorded answers."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.authoring.leaks import Secret, Text, find_leaks, secrets_of
from grader.authoring.markers import is_block_marker
from grader.authoring.notebooks import cell_sources, strip_notebook
from grader.authoring.prose import prose_secrets
from grader.authoring.regions import make_stub
from grader.authoring.source import first_line, parse, read_text
from grader.authoring.usage import siblings
from grader.authoring.visibility import check_lines, make_public
from grader.checking.assignment import Assignment, hidden_weights
from grader.checking.config import CONFIG
from grader.checking.question import Question
from grader.errors import AssignmentError

__all__ = ["RECORDS", "Edition", "make_edition"]

RECORDS = "recorded"
_CHECKS, _MISCONCEPTIONS = "checks", "misconceptions"
_LEFT_OUT = re.compile(r"\..*|__pycache__|.*\.py[co]|.*\.egg-info|.*~|.*\.(bak|orig|rej)")
_MANY = 12


@dataclass
class Edition:
    """The files of an edition, by their relative paths, and what must not be in them."""

    files: dict[str, bytes] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)

    def add(self, text: Text) -> None:
        """Take in a text file."""
        self.files[text.name] = text.text.encode()
        self.texts.append(text)


def make_edition(assignment: Assignment, questions: Sequence[Question]) -> Edition:
    """Return what students would get of an assignment.

    Raises:
        AssignmentError: a file is missing or wrong, or something would be given away.
    """
    edition = Edition()
    names = list(_files(assignment.folder))
    _all_there(assignment, names)
    removed: dict[str, frozenset[int]] = {}
    for name in names:
        path = assignment.folder / name
        top = name.partition("/")[0]
        if top == _CHECKS or name in assignment.withheld:
            continue
        if top == _MISCONCEPTIONS:
            if name.endswith(".py"):
                edition.secrets += secrets_of(_text(path), name)
        elif name.endswith(".py"):
            source = _text(path)
            stub = make_stub(source, str(path), path.stem)
            removed[name] = stub.removed
            edition.secrets += secrets_of(source, name, stub.removed)
            edition.add(Text(name, stub.text, origins=stub.origins))
        elif name.endswith(".ipynb"):
            _add_notebook(edition, name, path)
        else:
            _add_other(edition, name, path)
    _something_to_write(assignment, questions, removed)
    _add_checks(edition, assignment)
    config = edition.files[CONFIG].decode()
    edition.files[CONFIG] = _with_weights(config, assignment.name, questions).encode()
    _nothing_given_away(edition, assignment)
    return edition


def _files(folder: Path) -> Iterator[str]:
    """Yield the relative paths of the author's files, without caches and the like."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _LEFT_OUT.fullmatch(name))
        for name in sorted([*folders, *names]):
            path = Path(place, name)
            if _LEFT_OUT.fullmatch(name):
                continue
            if path.is_symlink():
                raise AssignmentError(f"{path} is a link: put the file itself there, for students to get")
            if name in names:
                yield path.relative_to(folder).as_posix()


def _text(path: Path) -> str:
    text = read_text(path.read_bytes())
    if text is None:
        raise AssignmentError(f"{path} is no UTF-8 text: save it as that")
    return text.removeprefix("\ufeff")


def _all_there(assignment: Assignment, names: Sequence[str]) -> None:
    for key, entries in (("files", assignment.files), ("given", assignment.given)):
        for entry in entries:
            if entry.name not in names:
                raise AssignmentError(f"{assignment.folder / entry.name} is missing, but [{key}] of {CONFIG} has it")
    for name in assignment.withheld:
        if name not in names:
            raise AssignmentError(f"{assignment.folder / name} is missing, but publish.withhold of {CONFIG} has it")
        if name in {entry.name for entry in assignment.files}:
            raise AssignmentError(f"{assignment.folder / CONFIG}: {name} is handed in, so it cannot be withheld")
    for name in names:
        if name.partition("/")[0] == RECORDS:
            raise AssignmentError(f"{assignment.folder / RECORDS} is a name that publishing needs: rename it")


def _add_notebook(edition: Edition, name: str, path: Path) -> None:
    text, cells = strip_notebook(_text(path), str(path), path.stem)
    edition.files[name] = text.encode()
    origins = {cell.number: cell.origins for cell in cells}
    for cell in cells:
        secrets = secrets_of if cell.is_code else prose_secrets
        edition.secrets += secrets(cell.source, f"{name} cell {cell.number}", cell.removed) if cell.removed else []
    for number, is_code, source in cell_sources(text):
        if not is_code:
            _no_markers(source, f"{path} cell {number}")
        edition.texts.append(Text(f"{name} cell {number}", source, origins=origins.get(number, ())))


def _add_other(edition: Edition, name: str, path: Path) -> None:
    data = path.read_bytes()
    text = read_text(data)
    if text is None:
        edition.files[name] = data
    else:
        _no_markers(text, str(path))
        edition.add(Text(name, text))


def _no_markers(text: str, where: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if is_block_marker(line):
            raise AssignmentError(
                f"{where} line {number}: markers are for Python only; nothing here would be taken out"
            )


def _something_to_write(
    assignment: Assignment, questions: Sequence[Question], removed: Mapping[str, frozenset[int]]
) -> None:
    """Expect that every question's function has a region: a forgotten one would hand the solution out."""
    for question in questions:
        path = assignment.folder / question.file
        for node in parse(_text(path), str(path)).body if question.file in removed else []:
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and node.name == question.symbol
                and removed[question.file].isdisjoint(range(first_line(node), (node.end_lineno or 0) + 1))
            ):
                raise AssignmentError(
                    f"{path} line {node.lineno}: {node.name} has no solution region, so students would get all of it:"
                    " put '### BEGIN SOLUTION' and '### END SOLUTION' around what they should write"
                )


def _add_checks(edition: Edition, assignment: Assignment) -> None:
    """Take in the public checks, and those modules beside them that they import."""
    folder = assignment.folder / _CHECKS
    sources = {path.stem: _text(path) for path in sorted(folder.glob("*.py"))}
    used: dict[str, set[str]] = {}
    for module, source in sources.items():
        for other, names in siblings(source, str(folder / f"{module}.py")).items():
            used.setdefault(other, set()).update(names)
    pending, done = list(assignment.order), set[str]()
    while pending:
        module = pending.pop(0)
        if module in done or module not in sources:
            continue
        done.add(module)
        name, path = f"{_CHECKS}/{module}.py", folder / f"{module}.py"
        public = make_public(sources[module], str(path), used.get(module, ()))
        if public.removed and module not in assignment.order:
            raise AssignmentError(
                f"{path} line {min(public.removed)}: what checks share is published, so nothing in it can be hidden;"
                " move the check to its question's file"
            )
        edition.secrets += secrets_of(sources[module], name, public.removed, of_check=True) if public.removed else []
        edition.add(Text(name, public.text, check_lines(public.text, str(path)), public.origins))
        pending += siblings(public.text, str(path))
    for module in sorted(sources.keys() - done):
        if module.startswith("_"):  # shared among hidden checks only
            edition.secrets += secrets_of(sources[module], f"{_CHECKS}/{module}.py", of_check=True)


def _with_weights(text: str, name: str, questions: Sequence[Question]) -> str:
    """Return the author's settings with what a published folder has to know of what it does not hold."""
    lines = [text.rstrip("\n"), "", "# Written by grader publish.", "[published]", f"name = {json.dumps(name)}"]
    weights = {question.name: hidden_weights(question.checks) for question in questions}
    hidden = [f"{key} = [{plain!r}, {robust!r}]" for key, (plain, robust) in weights.items() if plain or robust]
    if hidden:
        lines += [
            "",
            "[published.hidden] # weights of checks that run in grading only: plain ones, robust ones",
            *hidden,
        ]
    return "\n".join(lines) + "\n"


def _nothing_given_away(edition: Edition, assignment: Assignment) -> None:
    leaks = find_leaks(edition.secrets, edition.texts, assignment.allowed_lines)
    if leaks:
        more = [f"… and {len(leaks) - _MANY} more"] if len(leaks) > _MANY else []
        raise AssignmentError(
            "\n  ".join(["nothing was published, since it would give solutions away:", *map(str, leaks[:_MANY]), *more])
            + f"\nTake these lines out; those that students may see belong into [publish] allow of {CONFIG}"
        )
