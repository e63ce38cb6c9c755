"""Turns what a worker reports of a failed call into an error that a student can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.errors import AnswerError, NotWrittenError, StudentRaisedError, WrongAnswerError
from grader.sandbox.text import clean, clip

__all__ = ["REMOVED_FROM_NUMPY", "describe_frame", "diagnose", "plain_frame"]

REMOVED_FROM_NUMPY: Mapping[str, str] = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "complex": "complex",
    "object": "object",
    "str": "str",
    "long": "int",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "int0": "np.intp",
    "string_": "np.bytes_",
    "unicode_": "np.str_",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NINF": "-np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "round_": "np.round",
    "in1d": "np.isin",
    "row_stack": "np.vstack",
    "trapz": "np.trapezoid",
    "msort": "np.sort(a, axis=0)",
    "asscalar": "a.item()",
    "find_common_type": "np.result_type",
    "cast": "a.astype",
    "mat": "np.array",
    "asfarray": "np.asarray(a, dtype=float)",
}
"""Names that NumPy 1.20 to 2.x took away, with what to write instead."""


def diagnose(name: str, reply: Mapping[str, Any]) -> AnswerError:
    """Return the error to raise for the reply to a call of ``name`` that is not ok."""
    error = reply.get("error")
    if not isinstance(error, dict):
        error = {}
    kind, type_name, message = (_text(error.get(key)) for key in ("kind", "type", "message"))
    frame = plain_frame(error.get("frame"))
    details: dict[str, Any] = {"frame": frame} if frame else {}
    place = f" ({describe_frame(frame)})" if frame else ""
    what = f"{type_name}: {message}" if message else type_name

    removed = error.get("numpy_name")
    if isinstance(removed, str) and removed in REMOVED_FROM_NUMPY:
        instead = REMOVED_FROM_NUMPY[removed]
        return StudentRaisedError(f"NumPy has no np.{removed} any more: write {instead}{place}", details)
    if kind == "unwritten":
        if frame and name.rpartition(".")[2] not in (frame["function"], "") and frame["function"] != "__init__":
            return NotWrittenError(f"waits for {frame['function']}, which is not written yet{place}", details)
        return NotWrittenError(f"{name} is not written yet", details)
    if kind == "missing":
        return StudentRaisedError(f"{message}: define it under that name", details)
    if kind == "arity":
        return StudentRaisedError(f"{message}: keep the parameters of the stub", details)
    if kind == "import":
        return StudentRaisedError(_import_message(what, type_name, message, place), details)
    if kind == "wire":
        return WrongAnswerError(f"{name} returned something too large to look at: {message}", details)
    if type_name == "EOFError" and "input" in (frame or {}).get("source", ""):
        return StudentRaisedError(f"it asks for input, and there is nobody to type{place}: take that line out", details)
    if type_name == "SystemExit":
        return StudentRaisedError(f"it tried to end Python{place}: return the answer instead", details)
    if type_name == "MemoryError":
        return StudentRaisedError(f"it ran out of memory{place}", details)
    return StudentRaisedError(f"{what}{place}", details)


def _import_message(what: str, type_name: str, message: str, place: str) -> str:
    for name, instead in REMOVED_FROM_NUMPY.items():
        if message.startswith(f"cannot import name '{name}' from 'numpy'"):
            return f"NumPy has no {name} any more: use {instead}{place}"
    if type_name == "SystemExit":
        return f"the file ends Python while it is imported{place}: take that line out"
    return f"the file cannot be imported: {what}{place}"


def describe_frame(frame: Mapping[str, Any]) -> str:
    """Return ``layers.py line 12, in affine_forward: out = x @ w``."""
    inside = f", in {frame['function']}" if frame["function"] else ""
    return f"{frame['file']} line {frame['line']}{inside}: {frame['source']}".rstrip(": ")


def plain_frame(frame: Any) -> dict[str, Any] | None:
    """Return a worker's frame with only clean, short, expected fields, or None."""
    if not isinstance(frame, dict):
        return None
    line = frame.get("line")
    texts = {key: clip(_text(frame.get(key)).replace("\n", " "), 160) for key in ("file", "function", "source")}
    return {**texts, "line": line if type(line) is int else 0}


def _text(value: Any) -> str:
    return clip(clean(value), 600).strip() if isinstance(value, str) else ""
