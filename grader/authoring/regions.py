"""Solution regions: what students get of a Python file, with everything between the markers taken out.

::

    ### BEGIN SOLUTION               a region becomes: raise NotImplementedError("write affine_forward")
    ### END SOLUTION
    # BEGIN SOLUTION NO PROMPT       becomes nothing
    # END SOLUTION
    ### BEGIN HIDDEN TESTS           becomes nothing
    ### END HIDDEN TESTS
    x = f()  # SOLUTION              becomes: x = ...
    print(x)  # SOLUTION             becomes: ...
    print(x)  # SOLUTION NO PROMPT   becomes nothing
    \"\"\" # BEGIN PROMPT               what is in between appears, the markers do not
    \"\"\" # END PROMPT
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.markers import BLOCKS, LINE_ENDS, PROMPT, Marker, find_markers
from grader.authoring.source import first_line, is_code, normalised, parse, statements, tokens
from grader.errors import AssignmentError

__all__ = ["Stub", "make_stub"]

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Compound = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If | ast.For | ast.AsyncFor | ast.While
    | ast.With | ast.AsyncWith | ast.Try | ast.TryStar | ast.Match
)  # fmt: skip


@dataclass(frozen=True)
class Stub:
    """What is left of a file.

    ``removed`` are the numbers of the source's lines that students must not see; ``origins`` has, for each line that
    is left, the number of the source's line that it is from.
    """

    text: str
    removed: frozenset[int]
    origins: tuple[int, ...]


@dataclass(frozen=True)
class _Edit:
    """Lines ``first`` to ``last`` become ``lines``; ``secret`` says whether they were a solution."""

    first: int
    last: int
    lines: tuple[str, ...]
    secret: bool


def make_stub(source: str, where: str, module: str) -> Stub:
    """Return what students get of a file's source.

    Args:
        source: the author's text.
        where: the file, for messages.
        module: what a region outside of any function or class asks to write.

    Raises:
        AssignmentError: a marker is misspelt, alone, nested or misplaced, or what is left is no Python.
    """
    source = normalised(source)
    tree, all_tokens = parse(source, where), tokens(source)
    lines = source.split("\n")
    edits = []
    opened: Marker | None = None
    for marker in find_markers(all_tokens, where):
        if opened is not None:
            if marker.words != BLOCKS[opened.words]:
                raise AssignmentError(
                    f"{where} line {marker.line}: '{marker.words}' inside of the '{opened.words}' of line"
                    f" {opened.line}: regions cannot be nested; is '{BLOCKS[opened.words]}' missing?"
                )
            if not any(opened.line < token.start[0] < marker.line and is_code(token) for token in all_tokens):
                raise AssignmentError(f"{where} line {opened.line}: there is no code in this region")
            edits.append(_region(tree, opened, marker, lines, where, module))
            opened = None
        elif marker.words in BLOCKS:
            opened = marker
        elif marker.words == PROMPT:
            edits.append(_Edit(marker.line, marker.last, tuple(lines[marker.line : marker.last - 1]), False))
        elif marker.words in LINE_ENDS:
            edits.append(_line(tree, marker, lines, all_tokens, where))
        else:
            begin = marker.words.replace("END", "BEGIN")
            raise AssignmentError(f"{where} line {marker.line}: '{marker.words}' without a '{begin}' before it")
    if opened is not None:
        raise AssignmentError(f"{where} line {opened.line}: '{opened.words}' without '{BLOCKS[opened.words]}'")
    return _apply(lines, edits, where)


def _apply(lines: Sequence[str], edits: Sequence[_Edit], where: str) -> Stub:
    kept: list[str] = []
    origins: list[int] = []
    removed: set[int] = set()
    after = 0
    for edit in edits:
        kept += [*lines[after : edit.first - 1], *edit.lines]
        origins += [*range(after + 1, edit.first), *[edit.first] * len(edit.lines)]
        if edit.secret:
            removed.update(range(edit.first, edit.last + 1))
        after = edit.last
    kept += lines[after:]
    origins += range(after + 1, len(lines) + 1)
    text = "\n".join(kept)
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = origins[min(error.lineno or 1, len(origins)) - 1]
        raise AssignmentError(
            f"{where} line {line}: what is left without the solutions is no Python ({error.msg}):"
            " is a marker misplaced?"
        ) from error
    return Stub(text, frozenset(removed), tuple(origins))


def _region(tree: ast.Module, begin: Marker, end: Marker, lines: Sequence[str], where: str, module: str) -> _Edit:
    place = f"{where} line {begin.line}"
    if end.column != begin.column:
        raise AssignmentError(
            f"{where} line {end.line}: '{end.words}' is not indented as its beginning on line {begin.line}"
        )
    for node in statements(tree):
        first, last = first_line(node), node.end_lineno or node.lineno
        if last < begin.line or first > end.line:
            continue
        if first > begin.line and last < end.line:
            if node.col_offset < begin.column:
                raise AssignmentError(f"{place}: the region goes on after the end of its block, to line {end.line}")
        elif first > begin.line or (isinstance(node, _Compound) and node.col_offset >= begin.column):
            raise AssignmentError(
                f"{place}: the region holds only a part of the statement on line {first}: take in all of it"
            )
    if begin.words != "BEGIN SOLUTION":
        return _Edit(begin.line, end.line, (), True)
    name = ".".join(node.name for node in _scopes(tree, begin)) or module
    indent = lines[begin.line - 1][: begin.column]
    return _Edit(begin.line, end.line, (f'{indent}raise NotImplementedError("write {name}")',), True)


def _scopes(tree: ast.Module, marker: Marker) -> Iterator[_Scope]:
    """Yield the classes and functions around a marker, the outermost first."""
    for node in statements(tree):
        if isinstance(node, _Scope) and node.lineno < marker.line <= (node.end_lineno or 0):
            yield node


def _line(
    tree: ast.Module, marker: Marker, lines: Sequence[str], all_tokens: Sequence[tokenize.TokenInfo], where: str
) -> _Edit:
    place = f"{where} line {marker.line}"
    around = [node for node in statements(tree) if first_line(node) <= marker.line <= (node.end_lineno or node.lineno)]
    simple = [node for node in around if not isinstance(node, _Compound)]
    if len(simple) != 1:
        what = "several statements" if simple else "a line that opens a block"
        raise AssignmentError(f"{place}: '# {marker.words}' stands behind {what}: write '# BEGIN SOLUTION' around it")
    (statement,) = simple
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
    if len(indent.encode()) != statement.col_offset:
        raise AssignmentError(f"{place}: the statement has to stand on lines of its own to be taken out")
    if marker.words == "SOLUTION NO PROMPT":
        return _Edit(first, last, (), True)
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        equals = _last_equals(all_tokens, first, statement.value.lineno, statement.value.col_offset, lines)
        if equals[0] == first:  # its targets are on one line
            return _Edit(first, last, (f"{lines[first - 1][: equals[1]]} ...",), True)
    return _Edit(first, last, (f"{indent}...",), True)


def _last_equals(
    all_tokens: Sequence[tokenize.TokenInfo], first: int, line: int, offset: int, lines: Sequence[str]
) -> tuple[int, int]:
    """Return where the last ``=`` of an assignment ends, before its value at ``line`` and (in bytes) ``offset``."""
    value = (line, len(lines[line - 1].encode()[:offset].decode()))
    found = (0, 0)
    for token in all_tokens:
        if token.start >= value:
            break
        if token.start[0] >= first and token.type == tokenize.OP and token.string == "=":
            found = token.end
    return found
