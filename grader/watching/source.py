"""One of the student's files, taken apart without running it: what it defines, and what each definition may use."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["IMPORT", "Broken", "Code", "Source", "read"]

IMPORT = ""
"""In place of a name: what runs when the module is imported."""

_MOST = 500_000  # bytes
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_UNSEEN = {"globals", "locals", "vars", "eval", "exec", "__import__", "import_module", "modules", "__dict__"}


@dataclass
class Code:
    """What stands behind one name: a mark of its text, and what it mentions.

    ``names`` are used by themselves, ``attributes`` as (base, attribute); ``unseen`` says that it may use anything.
    """

    marks: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    attributes: set[tuple[str, str]] = field(default_factory=set)
    unseen: bool = False

    def add(self, node: ast.AST) -> None:
        """Add a piece of code."""
        self.marks.append(_mark(ast.dump(node).encode(errors="replace")))
        bases: set[int] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute):
                base = part.value
                name = base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""
                self.attributes.add((name, part.attr))
                self.unseen |= part.attr in _UNSEEN
                bases.add(id(base))
            elif isinstance(part, ast.Name) and id(part) not in bases:
                self.names.add(part.id)
                self.unseen |= part.id in _UNSEEN


@dataclass(frozen=True)
class Source:
    """A module: ``code`` by name, where :data:`IMPORT` is what its import runs.

    ``imports`` maps each imported name to where it may come from, as (module, its name there); a name of ``""`` is a
    whole module. ``stars`` are modules of which everything is imported. All are last parts of dotted names.
    """

    module: str
    code: dict[str, Code]
    imports: dict[str, set[tuple[str, str]]]
    stars: set[str]


@dataclass(frozen=True)
class Broken:
    """A file that is no Python, at least for now."""

    why: str


def read(module: str, data: bytes) -> Source | Broken:
    """Take a file apart; comments, layout and docstrings make no difference. One that nobody wrote stays whole."""
    if len(data) > _MOST:
        return Source(module, {IMPORT: Code([_mark(data)], unseen=True)}, {}, set())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no matter here
            tree = ast.parse(data)
        _strip(tree)
        source = Source(module, {IMPORT: Code()}, {}, set())
        for node in ast.walk(tree):
            _imported(node, source)
        for statement in tree.body:
            _defined(statement, source.code)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        return Broken(f"{where}{error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Broken(str(error) or type(error).__name__)
    return source


def _mark(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _strip(tree: ast.AST) -> None:
    """Remove all docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | _Function) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]


def _imported(node: ast.AST, source: Source) -> None:
    """Note what an import makes known, wherever it stands."""
    if isinstance(node, ast.ImportFrom):
        module = (node.module or "").rpartition(".")[2]
        for alias in node.names:
            if alias.name == "*":
                source.stars.add(module)
            else:
                places = source.imports.setdefault(alias.asname or alias.name, set())
                places |= {(module, alias.name), (alias.name, "")}  # from package import module
    elif isinstance(node, ast.Import):
        for alias in node.names:
            first, _, _ = alias.name.partition(".")
            last = alias.name.rpartition(".")[2]
            source.imports.setdefault(alias.asname or first, set()).add((last, ""))


def _defined(statement: ast.stmt, code: dict[str, Code]) -> None:
    """Note what a statement of the top level defines, and what of it runs at the import."""
    if isinstance(statement, ast.ClassDef | _Function):
        code.setdefault(statement.name, Code()).add(statement)
        for part in _at_import(statement):
            if _does_something(part):
                code[IMPORT].add(part)
        return
    if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if all(isinstance(target, ast.Name) for target in targets):
            for name in _bound(statement):
                code.setdefault(name, Code()).add(statement)
            return
    code[IMPORT].add(statement)
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        for name in _bound(statement):
            code.setdefault(name, Code()).add(statement)


def _at_import(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the parts of a definition that run when it is made."""
    if isinstance(statement, ast.ClassDef):
        yield from (*statement.decorator_list, *statement.bases, *statement.keywords)
        for inner in statement.body:
            yield from _at_import(inner)
    elif isinstance(statement, _Function):
        given = statement.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
        yield from statement.decorator_list
        yield from filter(None, [*given.defaults, *given.kw_defaults, statement.returns])
        yield from filter(None, [argument.annotation for argument in every])
    else:
        yield statement


def _does_something(part: ast.AST) -> bool:
    """Whether a part of a definition could fail, or do more than make a plain value."""
    return not isinstance(part, ast.Constant | ast.Pass)


def _bound(statement: ast.AST) -> Iterable[str]:
    """Return the names that a statement may bind on the top level."""
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.ClassDef | _Function):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return names
