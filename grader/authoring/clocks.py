"""Which checks look at a clock, and which outcomes might have been others at another time."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterator
from typing import Any

from grader.checking.question import Question
from grader.checking.report import CheckResult

__all__ = ["looks_at_clock", "timed_checks", "took_too_long"]

_CLOCKS = {"wall", "cpu", "took", "used", "seconds", "time", "timeit", "datetime", "resource"}
_TIMES = ("perf_counter", "monotonic", "process_time", "thread_time", "clock_gettime", "getrusage")
_WRAPPED = ("__func__", "func", "fget", "__wrapped__")
_ENDED = ("timeout", "crashed", "fault")  # for want of time, or of memory, or by a bug: all may pass


def timed_checks(question: Question) -> frozenset[str]:
    """Return the ids of a question's checks that look at a clock."""
    return frozenset(check.id for check in question.checks if looks_at_clock(check.function))


def looks_at_clock(function: Callable[..., Any]) -> bool:
    """Whether a check's function may look at a clock, or at how long a call took.

    That is whether it, or anything of the checks folder that it may call, mentions such a thing by name. It is no harm
    if one only seems to. What the grader itself makes checks of looks at none.
    """
    home = _home(function)
    pending: list[Any] = [] if home == __name__.partition(".")[0] else [function]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type):
            pending += vars(one).values()
        elif isinstance(one, types.FunctionType):
            names = set(_names(one.__code__))
            if names & _CLOCKS or any(name.startswith(_TIMES) for name in names):
                return True
            pending += [value for value in _used(one, names, home) if _home(value) == home]
        else:  # a method, a partial, a property, an object with methods
            pending += [getattr(one, name) for name in _WRAPPED if hasattr(one, name)]
            pending += [type(one)] if _home(type(one)) == home else []
    return False


def took_too_long(check: CheckResult, timed: Collection[str]) -> bool:
    """Whether a check did not pass, and might have for more time: it ended early, or looks at a clock.

    One that looks at a clock and refuses an array does so for what is in that.
    """
    if check.status in _ENDED:
        return True
    return check.status == "failed" and check.id in timed and not check.details.get("fingerprint", {}).get("arrays")


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the names that code uses, and those that the functions in it do."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _used(function: types.FunctionType, names: Collection[str], home: str) -> Iterator[Any]:
    """Yield what a function uses by these names: globals, what it closes over, and what is in its own modules."""
    for name in names:
        value = function.__globals__.get(name)
        yield value
        if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] == home:
            yield from (vars(value)[name] for name in names if name in vars(value))
    for cell in function.__closure__ or ():
        if cell != types.CellType():  # an empty one
            yield cell.cell_contents


def _home(value: Any) -> str:
    """Return the outermost package that something was defined in."""
    value = getattr(value, "func", value)  # a partial is where its function is
    place = getattr(value, "__module__", None) or type(value).__module__
    return place.partition(".")[0] if isinstance(place, str) else ""
