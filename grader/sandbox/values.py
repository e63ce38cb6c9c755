"""What came back over the border, looked at: it is what it should be, or the student reads what it is instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.errors import WrongAnswerError
from grader.sandbox import wire
from grader.sandbox.signature import Result
from grader.sandbox.text import one_line

__all__ = ["as_array", "as_number", "describe", "examine", "with_article"]

MAX_DICT = 1000

_ADVICE: Mapping[str, str] = {
    "NoneType": "is it computed, and returned?",
    "list": "make it one with np.array",
    "tuple": "make it one with np.array",
    "numpy.ma.MaskedArray": "fill it with .filled(0)",
    "numpy.ma.core.MaskedArray": "fill it with .filled(0)",  # its name before NumPy 2.3
    "torch.Tensor": "make it one with .numpy()",
}


def examine(value: Any, result: Result, name: str) -> Any:
    """Return a value that came back as what it should be.

    Raises:
        WrongAnswerError: it is something else.
    """
    if result.kind == "array":
        return as_array(value, name)
    if result.kind == "number":
        return as_number(value, name)
    if result.kind == "dict":
        return _as_dict(value, name)
    return value


def as_array(value: Any, name: str) -> NDArray[Any]:
    """Return an array of real numbers; a single number is an array without axes.

    Raises:
        WrongAnswerError: it is something else.
    """
    if isinstance(value, (np.generic, float, int)) and not isinstance(value, bool):
        value = np.asarray(value)
    if not isinstance(value, np.ndarray):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a numpy array{_advice(value)}")
    if value.dtype.kind not in "fiu":
        raise WrongAnswerError(f"{name} has dtype {value.dtype}, should have floating point numbers")
    return value


def as_number(value: Any, name: str) -> float:
    """Return a single real number, which may be an array without axes.

    Raises:
        WrongAnswerError: it is something else.
    """
    array = np.asarray(value) if isinstance(value, (np.generic, float, int)) and not isinstance(value, bool) else value
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a number")
    if array.shape != ():
        raise WrongAnswerError(f"{name} is an array of shape {array.shape}, should be a single number")
    return float(array)


def _as_dict(value: Any, name: str) -> dict[str, NDArray[Any]]:
    if not isinstance(value, dict):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a dict of arrays")
    if len(value) > MAX_DICT or not all(isinstance(key, str) for key in value):
        raise WrongAnswerError(f"{name} should be a dict with names for keys")
    table = {one_line(key, 80): item for key, item in value.items()}
    return {key: as_array(item, f"{name}['{key}']") for key, item in table.items()}


def describe(value: Any) -> str:
    """Say what a value is, in a student's words: ``None``, ``a list of 3``, ``a torch.Tensor``."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (wire.Opaque, wire.Handle)):
        remark = one_line(value.remark, 80) if isinstance(value, wire.Opaque) else ""
        if value.type_name == "numpy.ndarray" and remark:
            return f"an array with {remark}"
        return with_article(one_line(value.type_name, 80)) + (f" ({remark})" if remark else "")
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, (np.generic, int, float)):
        return f"the number {value}"
    return with_article(type(value).__name__)


def with_article(word: str) -> str:
    """Return a word with the article before it."""
    return f"{'an' if word[:1].lower() in tuple('aeiou') else 'a'} {word}"


def _advice(value: Any) -> str:
    kind = value.type_name if isinstance(value, (wire.Opaque, wire.Handle)) else type(value).__name__
    if kind == "numpy.ndarray" and value.remark == "dtype object":
        return ": are its rows of different lengths?"
    return f": {_ADVICE[kind]}" if kind in _ADVICE else ""
