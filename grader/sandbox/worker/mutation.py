"""Which arguments a call changed: arrays, tensors, what is in dicts and lists; by names like ``bn_param['mode']``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .tensors import lower

__all__ = ["Watch"]

MAX_WATCHED = 2000
MAX_DEPTH = 8

Path = tuple[Any, ...]  # a position or a parameter's name, then keys and indices
Changes = Callable[[], Iterable[Path]]  # what is no longer as it was, by the rest of its path

_WHOLE: tuple[Path, ...] = ((),)
_FIRM = frozenset([int, float, str, bool, type(None), type])  # what cannot change


class Watch:
    """What the arguments of a call are before it; :meth:`changed` names afterwards those that are no longer so."""

    def __init__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._watched: list[tuple[Path, Changes]] = []
        self._seen: set[int] = set()
        for place, value in [*enumerate(args), *kwargs.items()]:
            self._watch((place,), value)

    def _watch(self, path: Path, value: Any) -> None:
        if type(value) in _FIRM or id(value) in self._seen:
            return
        if len(self._watched) >= MAX_WATCHED or len(path) > MAX_DEPTH:
            return
        if isinstance(value, np.ndarray):
            self._watched.append((path, _in_array(value)))
            self._seen.add(id(value))
            return
        if isinstance(value, dict):
            self._watched.append((path, _in_dict(value)))
        elif isinstance(value, list):
            self._watched.append((path, _in_list(value)))
        elif (tensor := lower(value)) is not None:
            self._watched.append((path, _in_tensor(value, tensor)))
        elif not isinstance(value, tuple):
            return
        self._seen.add(id(value))
        for key, item in _items(value):
            self._watch((*path, key), item)

    def changed(self, function: Any) -> list[str]:
        """Return the names of what changed, with the names that ``function`` gives its parameters."""
        paths = [(*path, *rest) for path, changes in self._watched for rest in changes()]
        if not paths:
            return []
        names = _positional(function)
        return [_spelled(path, names) for path in paths]


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(dict.items(value))
    return enumerate(value) if isinstance(value, (list, tuple)) else ()


def _in_array(value: np.ndarray[Any, Any]) -> Changes:
    shape, dtype, data = value.shape, value.dtype, value.tobytes()
    return lambda: () if value.shape == shape and value.dtype == dtype and value.tobytes() == data else _WHOLE


def _in_tensor(value: Any, before: Any) -> Changes:
    def state(tensor: Any) -> Any:
        values = getattr(tensor, "values", None)
        return None if values is None else (tensor.dtype, tensor.shape, tensor.device, values.tobytes())

    was = state(before)
    return lambda: () if state(lower(value)) == was else _WHOLE


def _in_list(value: list[Any]) -> Changes:
    items = list(list.__iter__(value))

    def changes() -> Iterable[Path]:
        now = list(list.__iter__(value))
        return () if len(now) == len(items) and all(map(_same, now, items)) else _WHOLE

    return changes


def _in_dict(value: dict[Any, Any]) -> Changes:
    items = dict(dict.items(value))

    def changes() -> Iterable[Path]:
        now = dict(dict.items(value))
        for key, item in items.items():
            if key not in now or not _same(now[key], item):
                yield (key,)
        for key in now:
            if key not in items:
                yield (key,)

    return changes


def _same(one: Any, other: Any) -> bool:
    """Return whether this is the same object, or an equal number or text."""
    return one is other or (type(one) is type(other) and type(one) in (int, float, str) and one == other)


def _positional(function: Any) -> list[str]:
    if getattr(function, "__name__", "") == "_wrapped_call_impl":  # a torch module's: what it calls has the names
        function = getattr(function.__self__, "forward", function)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]


def _spelled(path: Path, names: Sequence[str]) -> str:
    place, *keys = path
    if isinstance(place, int):
        place = names[place] if place < len(names) else f"argument {place + 1}"
    return str(place) + "".join(f"[{key!r}]" if type(key) in (int, str, float, bool) else "[…]" for key in keys)
