"""Small mechanical changes of one expression or statement: the slips that everybody makes, one at a time.

An operator is another one, a term is forgotten, a constant is off by one, an axis is the wrong one, two neighbours
have changed places, a function is its sibling, a bound is missing, a statement is not there.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

__all__ = ["changed_expressions", "changed_statements", "children"]

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_PAIRS = "max min, sum mean, var std, zeros ones, zeros_like ones_like, maximum minimum, argmax argmin, rand randn"
_SIBLINGS = {a: b for pair in _PAIRS.split(", ") for a, b in (pair.split(), pair.split()[::-1])}
_IDLE = {"exp", "log", "sqrt", "abs", "square", "reshape", "transpose", "astype", "copy", "ravel", "sum", "mean"}
_AXES = {"axis", "dim", "keepdims", "keepdim"}  # numpy's names, and torch's


def children(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions directly below a node in which changes are to be looked for, in their order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword):
            if child.arg not in _AXES:  # these are changed as a whole, with their call
                yield child.value
        elif isinstance(child, ast.Slice | ast.comprehension):
            yield from children(child)
        elif isinstance(node, ast.UnaryOp) and isinstance(child, ast.Constant):
            continue  # -1 is one constant
        elif isinstance(child, ast.expr) and not isinstance(child, ast.JoinedStr):
            yield child


def changed_expressions(node: ast.expr, strings: Sequence[str]) -> Iterator[ast.expr]:
    """Yield what may stand in an expression's place. ``strings`` are those of the function, e.g. keys."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield ast.BinOp(left, _OPERATORS.get(type(op), ast.Add)(), right)
            yield left
            if isinstance(op, ast.Add | ast.Mult):
                yield right
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.Compare(left=left, ops=[op], comparators=others):
            for other in _COMPARISONS[type(op)]:
                yield ast.Compare(left, [other()], others)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.IfExp(body=body, orelse=other):
            yield from (body, other)
        case ast.Constant(value=value):
            yield from (ast.Constant(other) for other in _constants(value, strings))
        case ast.Attribute(value=value, attr="T"):
            yield value
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if not any(isinstance(part, ast.Slice) for part in parts):
            for swapped in _swaps(parts):
                yield ast.Tuple(swapped, node.ctx) if isinstance(node, ast.Tuple) else ast.List(swapped, node.ctx)
        case ast.Dict(keys=keys, values=values):
            for i in range(len(keys)):
                yield ast.Dict(keys[:i] + keys[i + 1 :], values[:i] + values[i + 1 :])
        case ast.Subscript(value=value, slice=index, ctx=ctx):
            for other_index in _slices(index):
                yield ast.Subscript(value, other_index, ctx)
        case ast.Call():
            yield from _calls(node)


def _constants(value: object, strings: Sequence[str]) -> Iterator[str | bool | int | float]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1) if value else (1,)
    elif isinstance(value, float):
        yield value * 2 or 1.0
    elif isinstance(value, str) and value in strings:
        place = strings.index(value)
        yield strings[(place + 1) % len(strings)] if len(strings) > 1 else value + "_"


def _swaps(parts: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield a sequence with two neighbours of the same kind exchanged."""
    for i, (one, other) in enumerate(itertools.pairwise(parts)):
        blank = any(isinstance(part, ast.Name) and part.id == "_" for part in (one, other))
        if type(one) is type(other) and not blank and ast.dump(one) != ast.dump(other):
            yield [*parts[:i], other, one, *parts[i + 2 :]]


def _slices(index: ast.expr) -> Iterator[ast.expr]:
    """Yield the index without one of the bounds of its slices, or with two slices exchanged."""
    if isinstance(index, ast.Slice):
        for name in ("lower", "upper", "step"):
            if getattr(index, name) is not None:
                shorter = ast.Slice(index.lower, index.upper, index.step)
                setattr(shorter, name, None)
                yield shorter
    elif isinstance(index, ast.Tuple) and any(isinstance(part, ast.Slice) for part in index.elts):
        for swapped in _swaps(index.elts):
            yield ast.Tuple(swapped, index.ctx)
        for i, part in enumerate(index.elts):
            for other in _slices(part):
                yield ast.Tuple([*index.elts[:i], other, *index.elts[i + 1 :]], index.ctx)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    func, args, keywords = node.func, node.args, node.keywords
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name in _SIBLINGS and isinstance(func, ast.Attribute):
        yield ast.Call(ast.Attribute(func.value, _SIBLINGS[name], func.ctx), args, keywords)
    if name in _IDLE and isinstance(func, ast.Attribute):
        module = isinstance(func.value, ast.Name) and func.value.id in ("np", "numpy", "math", "torch")
        yield args[0] if module and args else func.value
    if name == "range" and len(args) == 1:
        yield ast.Call(func, [ast.BinOp(args[0], ast.Sub(), ast.Constant(1))], [])
        yield ast.Call(func, [ast.Constant(1), args[0]], [])
    for swapped in _swaps(args):
        yield ast.Call(func, swapped, keywords)
    for i, keyword in enumerate(keywords):
        if keyword.arg in _AXES:
            others = [*keywords[:i], *keywords[i + 1 :]]
            yield ast.Call(func, args, others)
            for value in _axes(keyword.value):
                yield ast.Call(func, args, [*keywords[:i], ast.keyword(keyword.arg, value), *keywords[i + 1 :]])


def _axes(value: ast.expr) -> Iterator[ast.expr]:
    """Yield other axes. ``keepdims`` has none: leaving it out says the same as False."""
    if isinstance(value, ast.Constant) and type(value.value) is int:
        yield ast.Constant(value.value - 1 if value.value > 0 else value.value + 1)
    elif isinstance(value, ast.Tuple) and len(value.elts) > 1:
        for i in range(len(value.elts)):
            rest = [*value.elts[:i], *value.elts[i + 1 :]]
            yield ast.Tuple(rest, value.ctx) if len(rest) > 1 else rest[0]


def changed_statements(node: ast.stmt, bound: bool) -> Iterator[ast.stmt]:
    """Yield what may stand in a simple statement's place. ``bound`` says that its target had a value before it."""
    match node:
        case ast.AugAssign(target=target, op=op, value=value):
            yield ast.AugAssign(target, _OPERATORS.get(type(op), ast.Add)(), value)
            yield ast.Assign([target], value, lineno=node.lineno)
            yield ast.Pass()
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Name()]) if bound:
            yield ast.Pass()
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
