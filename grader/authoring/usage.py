"""Which names the statements of a module bind and use, and what is of no use once some of them are gone."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from grader.authoring.source import parse

__all__ = ["Import", "bound_names", "no_longer_used", "siblings"]

Import = ast.Import | ast.ImportFrom


def no_longer_used(
    body: Sequence[ast.stmt], removed: Collection[ast.stmt], wanted: Collection[ast.stmt], needed_names: Collection[str]
) -> tuple[set[ast.stmt], set[str]]:
    """Return what goes when statements of a module are removed: they, and all that only they used.

    Args:
        body: the module's statements.
        removed: those to remove.
        wanted: those that stay though nobody uses their names.
        needed_names: names that stay though nobody in the module uses them.

    Returns:
        The statements that go, and the imported names that go; an import may lose some of its names only.
    """
    gone, names = set(removed), set[str]()
    binders = [name for statement in body for name in bound_names(statement)]
    while True:
        wanted_by_gone = {name for statement in gone for name in _used(statement)}
        news = False
        for statement in body:
            if statement in gone or statement in wanted:
                continue
            others = [other for other in body if other is not statement and other not in gone]
            needed = {name for other in others for name in _used(other)} | set(needed_names)
            bound = {name for name in bound_names(statement) if name not in names}
            free = {name for name in bound if name not in needed and binders.count(name) == 1}
            if isinstance(statement, Import):
                free &= wanted_by_gone
                names |= free
            elif bound != free or not free & wanted_by_gone:
                continue
            if free:
                news = True
            if free and free == bound:
                gone.add(statement)
        if not news:
            return gone, names


def bound_names(statement: ast.stmt) -> list[str]:
    """Return the names that an import, a definition or a plain assignment binds."""
    if isinstance(statement, Import):
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            return []
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    flat = [item for target in targets for item in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return (
        [item.id for item in flat if isinstance(item, ast.Name)] if all(isinstance(i, ast.Name) for i in flat) else []
    )


def _used(statement: ast.stmt) -> Iterator[str]:
    own = set(bound_names(statement)) if isinstance(statement, ast.Assign | ast.AnnAssign) else set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not (isinstance(node.ctx, ast.Store) and node.id in own):
            yield node.id


def siblings(source: str, where: str) -> dict[str, set[str]]:
    """Return the modules of the same folder that a checks file imports, each with the names taken from it."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(parse(source, where)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                found.setdefault(node.module, set()).update(alias.name for alias in node.names)
            else:
                found |= {alias.name: found.get(alias.name, set()) for alias in node.names}
    return found
