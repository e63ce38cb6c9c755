"""What is told of an exception: its kind, its message, and the last line of student code that it passed through."""

from __future__ import annotations

import inspect
import linecache
import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

__all__ = ["Failures", "arity", "failure"]

MAX_TEXT = 2000
MAX_SOURCE = 300

Frame = dict[str, Any]


class Failures:
    """Describes exceptions. ``files`` and everything under ``roots`` is student code, shown by its relative path."""

    def __init__(self, files: Iterable[str] = (), roots: Iterable[str] = ()) -> None:
        self.files = {os.path.realpath(file) for file in files}
        self.roots = [os.path.join(os.path.realpath(root), "") for root in roots]
        self._shown: dict[str, str | None] = {}

    def raised(self, error: BaseException, *, importing: bool = False) -> dict[str, Any]:
        """Return the reply for an exception that student code raised."""
        frame = self.last_frame(error)
        stub = isinstance(error, NotImplementedError) and not importing and _raised_there(frame)
        kind = "unwritten" if stub else "raised"
        text = message_of(error)
        if isinstance(error, SyntaxError) and importing:
            file = self.shown(error.filename) if isinstance(error.filename, str) else None
            if file is not None:
                line = error.lineno if type(error.lineno) is int else 0
                source = linecache.getline(str(error.filename), line) if line else ""
                frame = {"file": file, "line": line, "function": "", "source": source.strip()[:MAX_SOURCE]}
            text = error.msg if type(error.msg) is str else text
        return failure(kind, text, frame, error=error, importing=importing)

    def shown(self, filename: str) -> str | None:
        """Return the path of a student's file as the student knows it, None for other files."""
        if filename not in self._shown:
            self._shown[filename] = self._look(filename)
        return self._shown[filename]

    def _look(self, filename: str) -> str | None:
        path = os.path.realpath(filename)
        for root in self.roots:
            if path.startswith(root):
                return path[len(root) :].replace(os.sep, "/")
        return os.path.basename(path) if path in self.files else None

    def last_trace(self, error: BaseException) -> TracebackType | None:
        """Return the deepest part of a traceback that is in student code."""
        found = None
        trace = error.__traceback__
        while trace is not None:
            if self.shown(trace.tb_frame.f_code.co_filename) is not None:
                found = trace
            trace = trace.tb_next
        return found

    def last_frame(self, error: BaseException) -> Frame | None:
        """Return the deepest line of student code that an exception passed through."""
        trace = self.last_trace(error)
        if trace is None:
            return None
        code = trace.tb_frame.f_code
        return {
            "file": self.shown(code.co_filename),
            "line": trace.tb_lineno,
            "function": code.co_name if code.co_name != "<module>" else "",
            "source": linecache.getline(code.co_filename, trace.tb_lineno).strip()[:MAX_SOURCE],
        }


def failure(
    kind: str, message: str, frame: Frame | None = None, *, error: BaseException | None = None, importing: bool = False
) -> dict[str, Any]:
    """Return the reply for a request that could not be answered."""
    names = [cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "builtins"] if error is not None else []
    type_name = type(error).__name__ if error is not None else ""
    return {
        "ok": False,
        "error": {
            "kind": kind,
            "importing": importing,
            "type": type_name,
            "base": names[0] if names else "",
            "message": message[:MAX_TEXT],
            "frame": frame,
        },
    }


def _raised_there(frame: Frame | None) -> bool:
    """Whether student code itself raised an exception, as stubs do, as far as that can be seen.

    torch raises NotImplementedError, too, for what it cannot do.
    """
    return frame is not None and (not frame["source"] or "raise" in frame["source"])


def message_of(error: BaseException) -> str:
    """Return an exception's text, or nothing where it cannot say any."""
    try:
        return str.__getitem__(str(error), slice(MAX_TEXT))
    except BaseException:  # a student's exception may be unable to print itself
        return ""


def arity(
    error: BaseException, function: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the reply for a call that does not fit the function's parameters, None where an exception is another."""
    trace = error.__traceback__
    if not isinstance(error, TypeError) or trace is None or trace.tb_next is not None:  # it came from within
        return None
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
        signature = signature.replace(parameters=bare, return_annotation=signature.empty)
        given = ", ".join([f"{len(args)} argument{'s' * (len(args) != 1)}", *(f"{key}=…" for key in kwargs)])
        return failure("arity", f"{name}{signature} cannot be called with {given}", error=error)
    return None
