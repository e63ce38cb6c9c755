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

__all__ = ["as_array", "as_number", "as_tensor", "describe", "examine", "with_article"]

MAX_DICT = 1000
MAX_LIST = 20_000

_ADVICE: Mapping[str, str] = {
    "NoneType": "is it computed, and returned?",
    "list": "make it one with np.array",
    "tuple": "make it one with np.array",
    "numpy.ma.MaskedArray": "fill it with .filled(0)",
    "numpy.ma.core.MaskedArray": "fill it with .filled(0)",  # its name before NumPy 2.3
    "torch.Tensor": "make it one with .numpy()",
}
_ORDINARY: Mapping[str, str] = {
    "layout nested": "make it one with torch.stack",
    "layout": "make it one with .to_dense()",
    "dtype q": "make it one with .dequantize()",
    "dtype": "make it one with .float()",
    "too large": "is it larger than it needs to be?",
}
"""What to do about a tensor that cannot cross, by what the worker remarked of it."""


def examine(value: Any, result: Result, name: str) -> Any:
    """Return a value that came back as what it should be.

    Raises:
        WrongAnswerError: it is something else.
    """
    if result.kind == "array":
        return as_array(value, name)
    if result.kind == "number":
        return as_number(value, name)
    if result.kind == "numbers":
        return _as_numbers(value, name)
    if result.kind == "dict":
        return _as_dict(value, name)
    if result.kind == "tensor":
        return as_tensor(value, name)
    if result.kind == "tensors":
        return _as_tensors(value, name)
    if result.kind == "state":
        return _as_state(value, name)
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
    """Return a single real number, which may be an array or a tensor without axes.

    Raises:
        WrongAnswerError: it is something else.
    """
    array = value
    if isinstance(value, wire.Tensor):
        array = value.values
    elif isinstance(value, (np.generic, float, int)) and not isinstance(value, bool):
        array = np.asarray(value)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a number")
    if array.shape != ():
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a single number")
    return float(array)


def as_tensor(value: Any, name: str) -> wire.Tensor:
    """Return a tensor of real numbers.

    Raises:
        WrongAnswerError: it is something else.
    """
    if isinstance(value, wire.Opaque) and value.type_name == "torch.Tensor":
        advice = next((f": {words}" for start, words in _ORDINARY.items() if value.remark.startswith(start)), "")
        raise WrongAnswerError(f"{name} is {describe(value)}, should be an ordinary one{advice}")
    if not isinstance(value, wire.Tensor):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a torch.Tensor{_to_tensor(value)}")
    if _unreal(value):
        raise WrongAnswerError(f"{name} has dtype torch.{value.dtype}, should have floating point numbers")
    return value


def _as_numbers(value: Any, name: str) -> NDArray[np.float64]:
    """Return a list of real numbers as one array with one axis."""
    items = value.values if isinstance(value, wire.Tensor) else value
    if isinstance(items, np.ndarray) and items.ndim == 1 and items.size <= MAX_LIST:
        items = list(items)
    if not isinstance(items, (list, tuple)):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a list of numbers")
    return np.array([as_number(item, f"{name}[{index}]") for index, item in enumerate(items)], dtype=np.float64)


def _as_tensors(value: Any, name: str) -> list[wire.Tensor]:
    if not isinstance(value, (list, tuple)):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a list of tensors")
    return [as_tensor(item, f"{name}[{index}]") for index, item in enumerate(value[:MAX_LIST])]


def _as_state(value: Any, name: str) -> dict[str, wire.Tensor]:
    return {key: as_tensor(item, f"{name}['{key}']") for key, item in _named(value, name, "tensors").items()}


def _as_dict(value: Any, name: str) -> dict[str, NDArray[Any]]:
    return {key: as_array(item, f"{name}['{key}']") for key, item in _named(value, name, "arrays").items()}


def _named(value: Any, name: str, of: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongAnswerError(f"{name} is {describe(value)}, should be a dict of {of}")
    if len(value) > MAX_DICT or not all(isinstance(key, str) for key in value):
        raise WrongAnswerError(f"{name} should be a dict with names for keys")
    return {one_line(key, 80): item for key, item in value.items()}


def describe(value: Any) -> str:
    """Say what a value is, in a student's words: ``None``, ``a list of 3``, ``a torch.Tensor``."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, wire.Tensor):
        more = " without values" if value.values is None else f" with dtype {value.dtype}" if _unreal(value) else ""
        return f"a torch.Tensor of shape {value.shape}{more}"
    if isinstance(value, (wire.Opaque, wire.Handle)):
        remark = one_line(value.remark, 80) if isinstance(value, wire.Opaque) else ""
        if value.type_name == "numpy.ndarray" and remark:
            return f"an array with {remark}"
        if value.type_name == "torch.Tensor" and remark.startswith(("dtype ", "layout ")):
            return f"a torch.Tensor with {remark}"
        return with_article(one_line(value.type_name, 80)) + (f" ({remark})" if remark else "")
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, (np.generic, int, float)):
        return f"the number {value}"
    return with_article(type(value).__name__)


def with_article(word: str) -> str:
    """Return a word with the article before it."""
    return f"{'an' if word[:1].lower() in tuple('aeiou') else 'a'} {word}"


def _unreal(tensor: wire.Tensor) -> bool:
    return tensor.dtype.startswith(("bool", "complex"))


def _to_tensor(value: Any) -> str:
    """Return how what is no tensor becomes one."""
    if value is None:
        return f": {_ADVICE['NoneType']}"
    if isinstance(value, np.ndarray):
        return ": make it one with torch.from_numpy"
    if isinstance(value, (list, tuple)):
        return ": make it one with torch.stack or torch.tensor"
    if isinstance(value, (np.generic, float, int)) and not isinstance(value, bool):
        return ": make it one with torch.tensor"
    return ""


def _advice(value: Any) -> str:
    if isinstance(value, wire.Tensor):
        there = "" if value.device in ("", "cpu") else ".cpu()"
        return f": make it one with {'.detach()' * value.requires_grad}{there}.numpy()"
    kind = value.type_name if isinstance(value, (wire.Opaque, wire.Handle)) else type(value).__name__
    if kind == "numpy.ndarray" and value.remark == "dtype object":
        return ": are its rows of different lengths?"
    return f": {_ADVICE[kind]}" if kind in _ADVICE else ""
