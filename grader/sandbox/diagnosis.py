"""Turns what a worker reports of a failed call into an error that a student can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.errors import AnswerError, NotWrittenError, StudentRaisedError, WrongAnswerError
from grader.sandbox.layout import OWN
from grader.sandbox.text import one_line
from grader.sandbox.torchwords import explained

__all__ = ["REMOVED_FROM_NUMPY", "describe_frame", "describe_remark", "diagnose", "plain_frame"]

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
    "alen": "len(a)",
    "bool8": "np.bool_",
    "byte_bounds": "np.lib.array_utils.byte_bounds",
    "cfloat": "np.complex128",
    "disp": "print",
    "fastCopyAndTranspose": "a.T.copy()",
    "issubclass_": "issubclass",
    "issubsctype": "np.issubdtype",
    "longfloat": "np.longdouble",
    "rank": "np.ndim",
    "recfromcsv": "np.genfromtxt",
    "recfromtxt": "np.genfromtxt",
    "safe_eval": "ast.literal_eval",
    "singlecomplex": "np.complex64",
    "typeDict": "np.sctypeDict",
    "uint0": "np.uintp",
}
"""Names that NumPy 1.20 to 2.x took away, with what to write instead."""


_PYTHON2: Mapping[str, str] = {
    "basestring": "str",
    "cPickle": "pickle",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}
_METHODS: Mapping[str, str] = {
    "itemset": "a[...] = value",
    "newbyteorder": "a.view(a.dtype.newbyteorder())",
    "ptp": "np.ptp(a)",
    "tostring": "a.tobytes()",
}
_NO_NUMPY_NAME = re.compile(
    r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)` was removed|cannot import name '(\w+)' from 'numpy'"
    r"|'numpy\.(\w+)' is neither"
)
_NO_ARRAY_METHOD = re.compile(r"'numpy\.ndarray' object has no attribute '(\w+)'")
_OWN_NAMES = re.compile(rf"'{OWN}\.")
_PLACES = re.compile(r"(?<=['t)]) \((?:/[^)]*|[A-Z]:\\[^)]*|unknown location)\)$")  # where Python found a module
_NO_NAME = re.compile(r"name '(\w+)' is not defined")


def diagnose(name: str, reply: Mapping[str, Any]) -> AnswerError:
    """Return the error to raise for the reply to a call of ``name`` that is not ok."""
    error = reply.get("error")
    if not isinstance(error, dict):
        error = {}
    kind, type_name, base, message = (_text(error.get(key)) for key in ("kind", "type", "base", "message"))
    message = _OWN_NAMES.sub("'", _PLACES.sub("", message))
    frame = plain_frame(error.get("frame"))
    details: dict[str, Any] = {"frame": frame} if frame else {}
    place = f" ({describe_frame(frame)})" if frame else ""
    if kind == "unwritten":
        if frame and name.rpartition(".")[2] not in (frame["function"], "") and frame["function"] != "__init__":
            return NotWrittenError(f"waits for {frame['function']}, which is not written yet{place}", details)
        return NotWrittenError(f"{name} is not written yet", details)
    if kind == "missing":
        return StudentRaisedError(f"{message}{'' if message.endswith('?') else ': define it there'}", details)
    if kind == "arity":
        return StudentRaisedError(f"{message}: keep the parameters of the stub", details)
    if kind == "unsendable":
        return WrongAnswerError(f"{name} returned something that cannot be looked at: {message}", details)
    what = _replaced(message, place) or explained(message, place) or _explained(type_name, base, message, frame, place)
    details["raised"] = f"{type_name}: {message}"
    if error.get("importing") is True:
        what = _on_import(_text(error.get("file")) or "the file", base, what, place)
    return StudentRaisedError(what, details)


def _replaced(message: str, place: str) -> str:
    """Say what to write instead of a name that Python or NumPy has no more; nothing for other messages."""
    if found := _NO_NUMPY_NAME.match(message):
        name = next(filter(None, found.groups()))
        if name in REMOVED_FROM_NUMPY:
            return f"NumPy has no np.{name} any more: write {REMOVED_FROM_NUMPY[name]}{place}"
    if (found := _NO_ARRAY_METHOD.match(message)) and found[1] in _METHODS:
        return f"arrays have no method {found[1]} any more: write {_METHODS[found[1]]}{place}"
    if (found := _NO_NAME.match(message)) and found[1] in _PYTHON2:
        return f"Python 3 has no {found[1]}: write {_PYTHON2[found[1]]}{place}"
    if found and found[1] in ("get_ipython", "display"):
        return f"only notebooks have {found[1]}{place}: take that line out"
    return ""


def _explained(type_name: str, base: str, message: str, frame: Mapping[str, Any] | None, place: str) -> str:
    """Say what an exception means where students often do not know, else what it says."""
    if base == "EOFError" and "input" in (frame or {}).get("source", ""):
        return f"it asks for input, and there is nobody to type{place}: take that line out"
    if base == "SystemExit":
        return f"it tried to end Python{place}: return the answer instead"
    if base == "MemoryError" or message.startswith("[Errno 12]"):
        message = message.removeprefix("[Errno 12] ")
        more = f", {message[:1].lower()}{message[1:]}" if message else ""
        return f"it ran out of memory{more}{place}: are its arrays larger than they need to be?"
    if base == "RecursionError":
        return f"it calls itself without end{place}: what should stop it?"
    if type_name == "BdbQuit":
        return f"it starts a debugger, and there is nobody to type{place}: take that line out"
    return f"{type_name}: {message}{place}" if message else f"{type_name}{place}"


def _on_import(file: str, base: str, what: str, place: str) -> str:
    if base == "SystemExit":
        return f"{file} ends Python while it is imported{place}: take that line out"
    return f"{file} cannot be imported: {what}"


def describe_remark(remark: Any) -> str:
    """Return the sentence for something that a worker noticed while importing, nothing for what is no remark."""
    if not isinstance(remark, dict) or (frame := plain_frame(remark.get("frame"))) is None:
        return ""
    kind, module, name = (_text(remark.get(key)) for key in ("kind", "module", "name"))
    module = module.removeprefix(f"{OWN}.")
    if kind == "shadowed":
        return f"{describe_frame(frame)}: the installed {module} is taken, not the file of that name: rename the file"
    if kind == "init":
        what = f"{module}/__init__.py fails ({name})"
    elif module == "numpy" and name in REMOVED_FROM_NUMPY:
        what = f"NumPy has no {name} any more: use {REMOVED_FROM_NUMPY[name]}"
    elif name:
        what = f"{module} has no {name} here"
    else:
        what = f"'{module}' is neither in the submission nor installed here"
    return f"{describe_frame(frame)}: {what}; what does not use it is graded all the same"


def describe_frame(frame: Mapping[str, Any]) -> str:
    """Return ``layers.py line 12, in affine_forward: out = x @ w``."""
    line = f" line {frame['line']}" if frame["line"] else ""
    inside = f", in {frame['function']}" if frame["function"] else ""
    source = f": {frame['source']}" if frame["source"] else ""
    return f"{frame['file']}{line}{inside}{source}"


def plain_frame(frame: Any) -> dict[str, Any] | None:
    """Return a worker's frame with only clean, short, expected fields, or None."""
    if not isinstance(frame, dict):
        return None
    line = frame.get("line")
    texts = {key: one_line(_text(frame.get(key)), 160) for key in ("file", "function", "source")}
    return {**texts, "line": line if type(line) is int else 0}


def _text(value: Any) -> str:
    return one_line(value, 400) if isinstance(value, str) else ""
