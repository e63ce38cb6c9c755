"""Plain data as strict JSON in ASCII, whatever numbers and texts are in it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["dump", "dump_in_lines"]

_HALVES = re.compile(r"\\ud[89a-f]")  # of characters: they may not belong together


def dump(data: Mapping[str, Any], indent: int | None = 2) -> str:
    """Return plain data as a JSON text that ends in a newline. What JSON has no number for becomes a word.

    Without ``indent`` it is one line, for programs: that takes a tenth of the time.
    """
    return _text(data, indent) + "\n"


def dump_in_lines(data: Any, depth: int) -> str:
    """Return plain data as a JSON text with a line for each item; what is deeper than ``depth`` levels is in its line.

    It can be read, and takes not much longer than one line for all.
    """
    return _lines(data, depth, "\n") + "\n"


def _lines(data: Any, depth: int, start: str) -> str:
    inner = f"{start}  "
    if depth and isinstance(data, dict) and data:
        items = [f"{_text(str(key), None)}: {_lines(value, depth - 1, inner)}" for key, value in data.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{start}}}"
    if depth and isinstance(data, list) and data:
        return f"[{inner}{f',{inner}'.join(_lines(item, depth - 1, inner) for item in data)}{start}]"
    return _text(data, None)


def _text(data: Any, indent: int | None) -> str:
    try:
        text = json.dumps(data, indent=indent, allow_nan=False, default=_plain)  # it mostly is what JSON can hold
    except (TypeError, ValueError):
        text = ""
    if not text or _HALVES.search(text):
        text = json.dumps(_plain(data), indent=indent, allow_nan=False)
    return text


def _plain(value: Any) -> Any:
    """Return a value as what strict JSON can hold."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # half a character is none
    if isinstance(value, float):
        return value if math.isfinite(value) else _word(value)
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # an array, or a number of numpy's
        return _plain(value.tolist())
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return _plain(str(value))


def _word(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
