"""Which lines of code give something away: what anybody would write, and what is short, does not."""

from __future__ import annotations

import ast
import re
import tokenize

from grader.authoring.source import parse, tokens

__all__ = ["SHORTEST", "telling_lines"]

SHORTEST = 20
"""Characters below which a line gives nothing away."""

_HEADER = re.compile(r"@|(async\s+)?def\b|class\b|from\s+\S+\s+import\b|(else|try|finally|except\b.*)\s*:")
_COMMON_STATEMENTS = (ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal)
_COMMON_FUNCTIONS = {"enumerate", "float", "int", "len", "list", "range", "reversed", "tuple", "zip"}
_COMMON_METHODS = {"astype", "copy", "get", "items", "keys", "values"}


def telling_lines(source: str, where: str) -> list[tuple[int, str]]:
    """Return the lines of Python source that tell how something is done: number, and code without its comment.

    Code inside of string literals counts, too; docstrings do not.
    """
    tree = parse(source, where)
    comments = {token.start[0]: token.start[1] for token in tokens(source) if token.type == tokenize.COMMENT}
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    prose = {line for text in texts for line in _lines(text) if text in docstrings or line > text.lineno}
    signatures = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.lineno, node.body[0].lineno)
    }
    found = [
        (number, code)
        for number, line in enumerate(source.split("\n"), 1)
        if number not in prose | signatures
        and _tells(code := " ".join(line[: comments.get(number)].split()), alone=False)
    ]
    for text in texts:
        if text not in docstrings:
            numbers = [*_lines(text)]
            for index, line in enumerate(str(text.value).split("\n")):
                if _tells(code := " ".join(re.sub(r"\s#.*", "", line).split()), alone=True):
                    found.append((numbers[min(index, len(numbers) - 1)], code))
    return found


def _lines(node: ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _tells(code: str, *, alone: bool) -> bool:
    """Whether a line of code is long enough and not common; ``alone``, it has to be a statement that does something."""
    if len(code) < SHORTEST:
        return False
    statement = _statement(code)
    if statement is None:
        return not alone and _HEADER.match(code) is None and re.search(r"\w", code) is not None
    return not _is_common(statement) and not (alone and isinstance(statement, ast.Expr))


def _statement(code: str) -> ast.stmt | None:
    """Return the statement on a line, without the block that it may open; None if it is none by itself."""
    code = re.sub(r"^elif\b", "if", code)
    try:
        body = ast.parse(f"{code} pass" if code.endswith(":") else code).body
    except SyntaxError:
        return None
    return body[0] if len(body) == 1 else None


def _is_common(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=value):
            return _is_plain(value)
        case ast.Return(value=value):
            return value is None or _is_plain(value)
        case ast.Assign(targets=targets, value=value):
            return all(_is_plain(target) for target in targets) and _is_plain(value)
        case ast.AnnAssign(target=target, value=value):
            return _is_plain(target) and (value is None or _is_plain(value))
        case ast.If(test=test, body=body) | ast.While(test=test, body=body):
            return _is_plain(test) and all(_is_common(inner) for inner in body)
        case ast.For(target=target, iter=iterated, body=body):
            return _is_plain(target) and _is_plain(iterated) and all(_is_common(inner) for inner in body)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case _:
            return isinstance(statement, _COMMON_STATEMENTS)


def _is_plain(node: ast.expr | None) -> bool:
    """Whether an expression only names, groups, compares, chooses or reads things, and computes nothing."""
    match node:
        case None | ast.Constant() | ast.Name():
            return True
        case ast.Attribute(value=value) | ast.Starred(value=value):
            return _is_plain(value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.BoolOp(values=parts):
            return all(map(_is_plain, parts))
        case ast.Dict(keys=keys, values=values):
            return all(map(_is_plain, [*keys, *values]))
        case ast.IfExp(test=test, body=body, orelse=other):
            return all(map(_is_plain, (test, body, other)))
        case ast.Subscript(value=value, slice=index):
            return _is_plain(value) and _is_plain(index)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return all(map(_is_plain, (lower, upper, step)))
        case ast.UnaryOp(operand=value):
            return _is_plain(value)
        case ast.Compare(left=left, comparators=others):
            return _is_plain(left) and all(map(_is_plain, others))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return name in _COMMON_FUNCTIONS and all(map(_is_plain, args))
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=[]):
            return name in _COMMON_METHODS and _is_plain(value) and all(map(_is_plain, args))
        case _:
            return False
