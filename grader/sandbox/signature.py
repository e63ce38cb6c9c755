"""What a function of the assignment gives back: names and kinds, e.g. ``"out cache:kept"``.

Kinds: ``array`` (the default), ``number``, ``numbers`` (a list of them), ``dict`` (of arrays), ``tensor``, ``tensors``
(a list of them), ``state`` (a dict of them), ``kept`` (any value; it stays in the worker) and ``any`` (crosses as it
is, unexamined).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Callee", "Result", "parse_results"]

KINDS = ("array", "number", "numbers", "dict", "tensor", "tensors", "state", "kept", "any")


@dataclass(frozen=True, slots=True)
class Result:
    """One value that a function gives back."""

    name: str
    kind: str = "array"


@dataclass(frozen=True, slots=True)
class Callee:
    """A function or class that students write: its name, its module, and its results (none for a class)."""

    name: str
    module: str
    results: tuple[Result, ...] | None


def parse_results(text: str) -> tuple[Result, ...]:
    """Return the results that a text such as ``"loss:number grads:dict"`` names.

    Raises:
        ValueError: a kind is not known, or a name is no name.
    """
    results = []
    for word in text.replace(",", " ").split():
        name, _, kind = word.partition(":")
        result = Result(name, kind or "array")
        if not name.isidentifier() or result.kind not in KINDS:
            raise ValueError(f"'{word}' is no result; write name or name:kind with a kind of {', '.join(KINDS)}")
        results.append(result)
    return tuple(results)
