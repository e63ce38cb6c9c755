"""Wrong and other right answers to a question: ``misconceptions/<question>.py``, never published.

Each is a small change of the solution: an edit of its text, or a function written anew::

    catalogue = Catalogue("relu_backward")

    catalogue.wrong("passes-all", "The gradient passes where the input was negative.", edit=("dout * (x > 0)", "dout"))

    @catalogue.right("with-where")
    def relu_backward(dout, cache):
        return np.where(cache > 0, dout, 0)

or several functions that belong together, in a class that only holds them::

    @catalogue.right("mask-as-cache")
    class _:
        def relu_forward(x):
            return np.maximum(x, 0), x > 0

        def relu_backward(dout, cache):
            return dout * cache

Functions here are never called: their source is put into a copy of the submission. For a question about a class, a
function replaces the method of its name.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import linecache
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.authoring.decorated import caller, decorated
from grader.checking.assignment import Assignment
from grader.checking.question import Question
from grader.checking.sourceloader import EditedFileLoader
from grader.errors import AssignmentError

__all__ = ["Catalogue", "Variant", "load_catalogue", "make_submission"]

Edit = tuple[str, str]
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Variant:
    """One answer: ``right`` or wrong, with the sentence for students (wrong ones), and the change that makes it.

    ``source`` is put behind the solution's file; without it, ``edits`` are made in the text of the question's function
    or class. ``names`` are the functions in the source: the question's own, its methods, or others that it needs beside
    it. ``place`` says where the author wrote it.
    """

    question: str
    id: str
    right: bool
    sentence: str
    edits: tuple[Edit, ...]
    source: str
    names: tuple[str, ...]
    place: str
    see: str = ""


class Catalogue:
    """The wrong and the other right answers to one question."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.variants: list[Variant] = []

    def wrong(
        self, id: str, sentence: str, *, edit: Edit | Sequence[Edit] | None = None, see: str = ""
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Describe a wrong answer: give an ``edit`` (old text, new text), or decorate a function, or a class of them.

        Args:
            id: a short name, like ``forgets-bias``.
            sentence: what was done and why it is wrong, for the student, without giving the line away.
            edit: one or several pairs; each old text must occur just once in the solution's function or class.
            see: a section of the handout.
        """
        if not sentence.strip().endswith((".", "?", "!")):
            file, line = caller()
            raise AssignmentError(f"{file} line {line}: the sentence of '{id}' should be a whole one, with a full stop")
        return self._describe(id, False, sentence, edit, see)

    def right(
        self, id: str, *, edit: Edit | Sequence[Edit] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Describe another right answer: give an ``edit``, or decorate a function, or a class of functions."""
        return self._describe(id, True, "", edit, "")

    def _describe(
        self, id: str, right: bool, sentence: str, edit: Edit | Sequence[Edit] | None, see: str
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        file, line = caller()
        place = f"{file} line {line}"
        if not _ID.fullmatch(id):
            raise AssignmentError(f"{place}: '{id}' should be lower-case words with hyphens")
        if any(variant.id == id for variant in self.variants):
            raise AssignmentError(f"{place}: there are two '{id}'")

        def add(edits: tuple[Edit, ...], source: str, names: tuple[str, ...]) -> None:
            self.variants.append(Variant(self.question, id, right, sentence, edits, source, names, place, see))

        if edit is not None:
            pairs = (edit,) if isinstance(edit[0], str) else tuple(edit)
            add(tuple((str(old), str(new)) for old, new in pairs), "", ())

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            if edit is not None:
                raise AssignmentError(f"{place}: '{id}' has both an edit and a function")
            source, names = decorated(file, line, self.question)
            if not names:
                raise AssignmentError(f"{place}: '{id}' holds no function")
            add((), source, names)
            return function

        return decorate


def load_catalogue(assignment: Assignment, question: str) -> Catalogue:
    """Return the catalogue of a question; an empty one, if there is no file.

    Raises:
        AssignmentError: the file is wrong.
    """
    path = assignment.folder / "misconceptions" / f"{question}.py"
    if not path.is_file():
        return Catalogue(question)
    loader = EditedFileLoader(f"_grader_misconceptions_{assignment.name}_{question}", str(path))
    spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    linecache.checkcache(str(path))  # the source of an edited file is read again
    try:
        spec.loader.exec_module(module)
    except AssignmentError:
        raise
    except Exception as error:
        raise AssignmentError(f"{path}: {type(error).__name__}: {error}") from error
    catalogue = getattr(module, "catalogue", None)
    if not isinstance(catalogue, Catalogue) or catalogue.question != question:
        raise AssignmentError(f"{path} should say: catalogue = Catalogue({question!r})")
    for name, value in vars(module).items():
        if (
            inspect.isfunction(value)
            and value.__module__ == module.__name__
            and not any(name in variant.names for variant in catalogue.variants)
        ):
            raise AssignmentError(f"{path}: {name} belongs to no answer; decorate it, or nest it")
    return catalogue


def make_submission(assignment: Assignment, question: Question, variant: Variant, folder: Path) -> Path:
    """Write the solution, changed as a variant says, to a new folder, and return that.

    Raises:
        AssignmentError: the solution is no longer as the variant expects.
    """
    folder.mkdir(parents=True)
    for entry in assignment.files:
        shutil.copyfile(assignment.folder / entry.name, folder / entry.name)
    path = folder / question.file
    text = path.read_text(encoding="utf-8")
    path.write_text(_changed(text, question, variant), encoding="utf-8")
    return folder


def _changed(text: str, question: Question, variant: Variant) -> str:
    if variant.source:
        changed = f"{text}\n\n{variant.source}"
        if question.returns is None:  # about a class: functions take the place of its methods
            changed += "".join(
                f"\n\n{question.symbol}.{name} = {name}\n" for name in variant.names if name != question.symbol
            )
    else:
        start, end = _span(text, question.symbol)
        part = text[start:end]
        for old, new in variant.edits:
            count = part.count(old)
            if count != 1:
                raise AssignmentError(
                    f"{variant.place}: '{variant.id}' expects {old!r} once in {question.symbol}, not {count} times"
                )
            part = part.replace(old, new)
        changed = text[:start] + part + text[end:]
    try:
        ast.parse(changed)
    except SyntaxError as error:
        raise AssignmentError(f"{variant.place}: '{variant.id}' is no Python: {error}") from error
    return changed


def _span(text: str, name: str) -> tuple[int, int]:
    """Return where in a file a function or class stands."""
    starts = list(_line_starts(text))
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            assert node.end_lineno is not None
            return starts[node.lineno - 1], starts[node.end_lineno]
    raise AssignmentError(f"the solution has no {name}")


def _line_starts(text: str) -> Iterator[int]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield position
        position += len(line)
    yield position
