"""What a check expects of an answer. Each function returns quietly or raises the failure that a student reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.pictures import of_failure
from grader.checking.tolerance import TOLERANCE, relative_error, within
from grader.errors import FaultError, WrongAnswerError
from grader.sandbox.student import Student
from grader.sandbox.text import one_line
from grader.sandbox.values import as_array, describe
from grader.sandbox.wire import Tensor

__all__ = ["Compared", "close", "comparisons", "equal", "shape", "that", "unchanged"]


Compared = tuple[str, NDArray[Any]]
_compared: ContextVar[list[Compared] | None] = ContextVar("compared", default=None)


@contextmanager
def comparisons() -> Iterator[list[Compared]]:
    """Collect the answers that :func:`close` compares within a ``with`` block: their names and values, in order."""
    collected: list[Compared] = []
    token = _compared.set(collected)
    try:
        yield collected
    finally:
        _compared.reset(token)


def close(got: Any, want: Any, name: str | Sequence[str] = "the result", tolerance: float | None = None) -> None:
    """Expect arrays (tensors, numbers, or dicts or tuples of them) of the right shape and the right values.

    Args:
        got: the student's answer.
        want: the right one. Its structure decides what is expected.
        name: what to call the answer; for tuples, one name for each.
        tolerance: instead of the table's; say why on the line that passes it.

    Raises:
        WrongAnswerError: with the worst element, how many are wrong, and what the wrong values look like.
    """
    limit = TOLERANCE["oracle"] if tolerance is None else tolerance
    first: WrongAnswerError | None = None
    wrong: dict[str, Any] = {}
    parts = list(_parts(got, want, name))
    told = ""
    for label, one_got, one_want in parts:
        try:
            if isinstance(one_got, WrongAnswerError):
                raise one_got
            _close_array(one_got, np.asarray(one_want), label, limit)
        except WrongAnswerError as error:  # the first one is told; by all of them the mistake is recognised
            if first is None:
                first, told = error, label
            plain = one_got.values if isinstance(one_got, Tensor) else one_got
            if isinstance(plain, (np.ndarray, np.generic, float, int)):
                wrong[label] = plain
    if first is not None:
        compared = [(label, _numbers(one_got), one_want) for label, one_got, one_want in parts]
        shown = of_failure(told, compared, limit)
        details = first.details | ({"pictures": shown} if shown else {})
        raise WrongAnswerError(first.message, details, wrong, [label for label, _, _ in parts])


def _numbers(got: Any) -> NDArray[Any] | None:
    """Return an answer as an array of real numbers, or None if it is something else."""
    try:
        return as_array(_values(got, ""), "")
    except WrongAnswerError:
        return None


def _parts(got: Any, want: Any, name: str | Sequence[str]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of every array that is wanted, what came for it (or what is wrong with that), and the array."""
    if isinstance(want, tuple):
        names = [f"{name}[{i}]" for i in range(len(want))] if isinstance(name, str) else list(name)
        if not isinstance(got, (tuple, list)) or len(got) != len(want):
            message = f"the result is {describe(got)}, should be {len(want)} values: {', '.join(names)}"
            yield ", ".join(names), WrongAnswerError(message), want
            return
        for one_got, one_want, one_name in zip(got, want, names, strict=True):
            yield from _parts(one_got, one_want, one_name)
    elif not isinstance(want, Mapping):
        yield str(name), got, want
    elif not isinstance(got, Mapping):
        yield str(name), WrongAnswerError(f"{name} is {describe(got)}, should be a dict with {', '.join(want)}"), want
    else:
        there = one_line(", ".join(sorted(map(str, got))[:12]), 200) or "nothing"
        for key in sorted(want, key=lambda key: key in got):  # what is not there at all comes first
            label = f"{name}['{key}']"
            missing = WrongAnswerError(f"{name} has no '{key}'; it has {there}", {"name": label})
            yield label, got.get(key, missing), want[key]


def _close_array(got: Any, want: NDArray[Any], name: str, limit: float) -> None:
    got = as_array(_values(got, name), name)
    if (collected := _compared.get()) is not None:
        collected.append((name, got))
    shape(got, want.shape, name)
    if within(got, want, limit):
        return
    error = relative_error(got, want)
    wrong = ~(error <= limit)
    count = int(wrong.sum())
    if not count:
        return
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), want.shape)) if want.shape else ()
    index = f"[{', '.join(map(str, worst))}]" if worst else ""
    place = f"{name} at {index}" if index and " " in name else name + index
    details = {
        "name": name,
        "index": list(worst),
        "got": float(got[worst]),
        "want": float(want[worst]),
        "error": float(error[worst]),
        "wrong": count,
        "of": int(want.size),
    }
    text = f"{place} is {_number(got[worst])}, should be {_number(want[worst])}"
    if want.size > 1:
        text += f" (the worst; {count} of {want.size} elements are wrong)"
    seen = _pattern(got, want, limit) if want.size > 1 else ""
    if seen:
        details["pattern"] = seen
        text += f"; {seen}"
    raise WrongAnswerError(text, details)


def _pattern(got: NDArray[Any], want: NDArray[Any], limit: float) -> str:
    """Say how the wrong values as a whole relate to the right ones, where that is plain to see."""
    with np.errstate(all="ignore"):  # the wrong values may be of any size
        return _relation(got.astype(np.float64), want.astype(np.float64), limit)


def _relation(got: NDArray[np.float64], want: NDArray[np.float64], limit: float) -> str:
    if np.isnan(got).any():
        count = int(np.isnan(got).sum())
        return "every element is NaN" if count == got.size else f"{count} of {got.size} are NaN"
    if not np.isfinite(got).all():
        return f"{int((~np.isfinite(got)).sum())} of {got.size} are infinite"
    if not got.any():
        return "all are zero"
    if np.abs(got).max() < 1e-9 * np.abs(want[np.isfinite(want)]).max(initial=0.0):
        return "all are zero, but for rounding"
    if got.size < 3 or not np.isfinite(want).all():
        return ""

    def alike(candidate: NDArray[np.float64]) -> bool:
        return bool((relative_error(got, candidate) <= limit).all())

    if alike(-want):
        return "every sign is the wrong way round"
    norm = float((want * want).sum())
    if norm > 0:
        factor = float((got * want).sum()) / norm
        if factor and abs(factor - 1) > 5e-3 and alike(factor * want):
            return f"every element is {factor:.4g} times what it should be"
    offset = float((got - want).mean())
    if alike(want + offset):
        return f"every element is off by {_number(offset)}"
    if want.ndim == 2 and want.shape[0] == want.shape[1] and alike(want.T):
        return "it is the transpose of what it should be"
    return ""


def _number(value: Any) -> str:
    return f"{float(value) or 0.0:.6g}"  # no negative zero: it would only puzzle


def shape(got: Any, want: Sequence[int], name: str = "the result") -> None:
    """Expect an array of exactly this shape."""
    got = got if isinstance(got, Tensor) else as_array(got, name)
    if got.shape != tuple(want):
        what = f"{name}.shape is {tuple(got.shape)}" if got.shape else f"{name} is a single number"
        raise WrongAnswerError(f"{what}, should be {tuple(want)}", {"name": name, "shape": list(got.shape)})


def _values(got: Any, name: str) -> Any:
    """Return a tensor's values, or what is no tensor as it is."""
    if not isinstance(got, Tensor):
        return got
    if got.values is None:
        raise WrongAnswerError(f"{name} is on the device {got.device}, where it has no values: where was it made?")
    return got.values


def equal(got: Any, want: Any, name: str = "the result") -> None:
    """Expect the very same values, bit for bit, e.g. of two calls that must not differ."""
    if isinstance(want, np.ndarray):
        got = as_array(_values(got, name), name)
        shape(got, want.shape, name)
        same = bool(((got == want) | (np.isnan(got) & np.isnan(want))).all())
    else:
        same = type(got) is type(want) and bool(got == want)
    if not same:
        raise WrongAnswerError(f"{name} is not what it should be", {"name": name})


def that(condition: bool | np.bool_, message: str, **details: Any) -> None:
    """Expect a condition; ``message`` says what is the case instead, and what should be."""
    if not isinstance(condition, (bool, np.bool_)):
        raise FaultError("expect.that was given no condition")
    if not condition:
        raise WrongAnswerError(message, details)


def unchanged(student: Student, *allowed: str) -> None:
    """Expect that the student's last call left its arguments as they were, but for those with these names."""
    if student.last is None:
        raise FaultError("expect.unchanged was used before any call")
    changed = [
        name
        for name in student.last.changed
        if not any(name == other or name.startswith(f"{other}[") for other in allowed)
    ]
    if changed:
        names = ", ".join(changed[:4])
        raise WrongAnswerError(
            f"{student.last.name} changes its argument {names} in place; the caller still needs it: work on a copy",
            {"changed": changed[:4]},
        )
