"""Stand-ins for modules that are not here: a stray import should cost only what really needs it."""

from __future__ import annotations

import builtins
import contextlib
import functools
import inspect
import pickle
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

__all__ = ["Absent", "PlainLoader", "python2_helper", "stand_in"]

_PYTHON2 = {
    "basestring": str,
    "long": int,
    "raw_input": input,
    "reduce": functools.reduce,
    "unichr": chr,
    "unicode": str,
    "xrange": range,
}


class PlainLoader:
    """Makes a module, or a package, out of given names."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave making the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the names in."""
        module.__dict__.update(self._names)
        module.__path__ = []


class Absent:
    """Stands for what a module that is not here should have.

    While the student's files are imported (``lenient``), it takes part in whatever they do with it: a decorator of
    an absent module leaves its function as it is. Afterwards, using it raises.
    """

    def __init__(self, name: str, lenient: Callable[[], bool]) -> None:
        self.__dict__.update({"_name": name, "_lenient": lenient})

    def _missing(self) -> NoReturn:
        raise ModuleNotFoundError(f"'{self.__dict__['_name']}' is neither in the submission nor installed here")

    def _bear(self) -> None:
        if not self.__dict__["_lenient"]():
            self._missing()

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self._bear()
        return Absent(f"{self.__dict__['_name']}.{attribute}", self.__dict__["_lenient"])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Be a function, or a decorator that changes nothing."""
        self._bear()
        if len(args) == 1 and not kwargs and (inspect.isfunction(args[0]) or inspect.isclass(args[0])):
            return args[0]
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Be a base class, of which nothing can be made."""

        def __init__(instance: object, *args: object, **kwargs: object) -> None:  # noqa: N807  # a class's
            self._missing()

        return (type("Absent", (), {"__init__": __init__}),)

    def __bool__(self) -> bool:
        self._bear()
        return False


def _refusing(name: str) -> Callable[..., Any]:
    def method(self: Absent, *args: object) -> Any:
        self._bear()
        return self

    method.__name__ = name
    return method


for _name in (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__pow__"),
    *("__matmul__", "__rmatmul__", "__neg__", "__getitem__", "__setattr__", "__setitem__", "__enter__"),
):
    setattr(Absent, _name, _refusing(_name))
for _name in ("__iter__", "__len__", "__float__", "__int__", "__index__", "__array__", "__exit__"):
    setattr(Absent, _name, lambda self, *args, **kwargs: self._missing())


def stand_in(module: str, lenient: Callable[[], bool]) -> PlainLoader:
    """Return a loader for a module that is not here: it has whatever it is asked for."""

    def __getattr__(attribute: str) -> Any:  # noqa: N807  # a module's, PEP 562
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Absent(f"{module}.{attribute}", lenient)

    return PlainLoader({"__getattr__": __getattr__, "__all__": []})


def python2_helper(name: str) -> PlainLoader | None:
    """Return a loader for a module that helped code to run under Python 2 and 3, None for other modules."""
    root = name.partition(".")[0]
    if root in ("past", "future"):
        present = {key: getattr(builtins, key) for key in dir(builtins) if key[0] != "_"}
        helper = SimpleNamespace(install_aliases=lambda: None, hooks=contextlib.nullcontext)
        return PlainLoader({**present, **_PYTHON2, "standard_library": helper, "__all__": [*present, *_PYTHON2]})
    if name == "six":
        return PlainLoader({"PY2": False, "PY3": True, "iteritems": lambda table: iter(table.items())})
    if name == "six.moves":
        moved = {name: getattr(builtins, name) for name in ("range", "zip", "map", "filter", "input")}
        return PlainLoader({**moved, **_PYTHON2, "cPickle": pickle})
    return None
