"""Python source as authors write it: read, parsed, and taken apart into tokens, with errors that name file and line."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from grader.errors import AssignmentError

__all__ = ["first_line", "is_code", "normalised", "parse", "read_text", "statements", "tokens"]

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def normalised(text: str) -> str:
    """Return a text with plain line feeds, whichever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(data: bytes) -> str | None:
    """Return the text that a file's bytes are, with plain line feeds; None where they are no text."""
    if b"\0" in data:
        return None
    try:
        return normalised(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def parse(source: str, where: str) -> ast.Module:
    """Return the syntax tree of Python source.

    Raises:
        AssignmentError: it is no Python.
    """
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise AssignmentError(f"{where} line {error.lineno}: {error.msg}: mend it, then publish again") from error
    except ValueError as error:
        raise AssignmentError(f"{where}: {error}: mend it, then publish again") from error


def tokens(source: str) -> list[tokenize.TokenInfo]:
    """Return the tokens of source that parses."""
    return list(tokenize.generate_tokens(io.StringIO(source, newline="\n").readline))


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield all statements of a syntax tree, each before those inside of it; expressions hold none."""
    for block in ("body", "handlers", "cases", "orelse", "finalbody"):
        for node in getattr(tree, block, ()):
            if isinstance(node, ast.stmt):
                yield node
            yield from statements(node)


def is_code(token: tokenize.TokenInfo) -> bool:
    """Whether a token is more than a comment or layout."""
    return token.type not in _LAYOUT
