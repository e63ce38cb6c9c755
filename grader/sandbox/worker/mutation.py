"""Which arguments a call changed: arrays, and what is in dicts and lists, by names such as ``bn_param['mode']``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["Watch"]

MAX_WATCHED = 2000
MAX_DEPTH = 8

Test = Callable[[], bool]
Path = tuple[Any, ...]  # a position or a parameter's name, then keys and indices


class Watch:
    """What the arguments of a call are before it; :meth:`changed` names afterwards those that are no longer so."""

    def __init__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._tests: list[tuple[Path, Test]] = []
        self._seen: set[int] = set()
        for place, value in [*enumerate(args), *kwargs.items()]:
            self._watch((place,), value)

    def _watch(self, path: Path, value: Any) -> None:
        if len(self._tests) >= MAX_WATCHED or len(path) > MAX_DEPTH or id(value) in self._seen:
            return
        if isinstance(value, np.ndarray):
            self._seen.add(id(value))
            self._tests.append((path, _same_array(value)))
        elif isinstance(value, dict):
            self._seen.add(id(value))
            self._tests.append((path, _same_dict(value)))
            for key, item in dict.items(value):
                self._watch((*path, key), item)
        elif isinstance(value, (list, tuple)):
            self._seen.add(id(value))
            if isinstance(value, list):
                self._tests.append((path, _same_list(value)))
            for index, item in enumerate(value):
                self._watch((*path, index), item)

    def changed(self, function: Any) -> list[str]:
        """Return the names of what changed, with the names that ``function`` gives its parameters."""
        paths = [path for path, same in self._tests if not same()]
        if not paths:
            return []
        try:
            parameters = list(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            parameters = []
        return [_spelled(path, parameters) for path in paths]


def _same_array(value: np.ndarray[Any, Any]) -> Test:
    shape, dtype, data = value.shape, value.dtype, value.tobytes()
    return lambda: value.shape == shape and value.dtype == dtype and value.tobytes() == data


def _same_dict(value: dict[Any, Any]) -> Test:
    items = list(dict.items(value))

    def same() -> bool:
        now = list(dict.items(value))
        return len(now) == len(items) and all(a is b and x is y for (a, x), (b, y) in zip(now, items, strict=True))

    return same


def _same_list(value: list[Any]) -> Test:
    items = list(list.__iter__(value))

    def same() -> bool:
        now = list(list.__iter__(value))
        return len(now) == len(items) and all(x is y for x, y in zip(now, items, strict=True))

    return same


def _spelled(path: Path, parameters: Sequence[str]) -> str:
    place, *keys = path
    if isinstance(place, int):
        place = parameters[place] if place < len(parameters) else f"argument {place + 1}"
    return str(place) + "".join(f"[{key!r}]" if type(key) in (int, str, float, bool) else "[…]" for key in keys)
