"""Reads the plain data of pictures, which may have been through a file."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["Grid", "grid", "number", "numbers", "said", "short", "whole"]

Grid = list[list[float]]

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LARGEST = 512  # rows, columns, values


def number(value: Any) -> float:
    """Return a number, which may be a word such as ``NaN``.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("no number")
    return float(value)


def numbers(values: Any) -> list[float]:
    """Return a list of numbers.

    Raises:
        ValueError: it is none, or empty, or too long.
    """
    if not isinstance(values, (list, tuple)) or not 0 < len(values) <= _LARGEST:
        raise ValueError("no list of numbers")
    return [number(value) for value in values]


def grid(rows: Any) -> Grid:
    """Return rows of numbers, all of one length.

    Raises:
        ValueError: they are something else.
    """
    if not isinstance(rows, (list, tuple)) or not 0 < len(rows) <= _LARGEST:
        raise ValueError("no rows of numbers")
    read = [numbers(row) for row in rows]
    if len({len(row) for row in read}) != 1:
        raise ValueError("rows of different lengths")
    return read


def whole(value: Any) -> int:
    """Return an index or a size.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("no whole number")
    return value


def short(value: float) -> str:
    """Return a number in at most six characters."""
    size = abs(value)
    if not math.isfinite(value) or value == 0:
        return said(value)
    if not 0.0095 <= size < 9999.5:
        mantissa, _, power = f"{value:.0e}".partition("e")
        text = f"{mantissa}e{int(power)}"
    else:
        digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.0995 else 3
        text = f"{value:.{digits}f}"
    return text.replace("-", "−")


def said(value: float, digits: int = 3) -> str:
    """Return a number as it is written in a picture, with a real minus sign."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    short = f"{value or 0.0:.{digits}g}"
    if "e+" in short and abs(value) < 1e6:
        short = f"{float(short):.0f}"
    return short.replace("-", "−")
