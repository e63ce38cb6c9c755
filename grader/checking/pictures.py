"""Pictures of answers as plain numbers, few and bounded: what a face draws where a picture tells more than a sentence.

A picture is a dict with ``kind``: ``map`` (what came, what should have and the error, over two axes), ``bars`` (the
error of several arrays), ``curve`` (losses in training) or ``filters`` (what a first layer learnt); the other keys are
in ``docs/report.md``. Numbers have 4 digits; those that are not finite are words: ``NaN``, ``Infinity``, ``-Infinity``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.checking.tolerance import relative_error
from grader.sandbox.text import one_line

__all__ = ["Part", "Picture", "Remark", "bars", "curve", "error_map", "filters", "of_failure"]

Picture: TypeAlias = dict[str, Any]

Part: TypeAlias = tuple[str, NDArray[Any] | None, Any]
"""An array's name, what came for it (None, if that is no array of real numbers), and the array that should have."""

CELLS = 24  # rows and columns of a map
BARS = 24
POINTS = 160  # of a curve
FILTERS, FILTER = 32, 11  # how many, and their rows and columns
_FEW = 3  # so many places are listed
_MOST = 0.75  # where less is wrong there, that it is only there may be chance


@dataclass(frozen=True)
class Remark:
    """What a check that passes has to say, and to show."""

    text: str
    pictures: Sequence[Picture] = field(default_factory=tuple)


def of_failure(told: str, parts: Sequence[Part], limit: float) -> list[Picture]:
    """Return pictures of arrays that were compared, of which the one that is ``told`` about is wrong."""
    got, want = next((got, want) for name, got, want in parts if name == told)
    drawn = None if got is None else error_map(told, got, np.asarray(want), limit)
    found = [] if drawn is None else [drawn]
    return [*found, bars(parts, limit)] if len(parts) > 1 else found


def error_map(name: str, got: NDArray[Any], want: NDArray[Any], limit: float) -> Picture | None:
    """Return the worst slice over the last two axes, or a window of it around the worst element.

    None, if the shapes differ or nothing is wrong, or for a single number.
    """
    if got.shape != want.shape or want.size < 2:
        return None
    error = relative_error(got, want)
    wrong = ~(error <= limit)
    if not wrong.any():
        return None
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), want.shape))
    fixed, (row, column) = (place[:-2], place[-2:]) if want.ndim > 1 else ((), (0, place[0]))
    rows, columns = want.shape[-2:] if want.ndim > 1 else (1, want.shape[0])
    top, left = _start(row, rows), _start(column, columns)
    window = np.s_[top : top + CELLS, left : left + CELLS]

    def cells(values: NDArray[Any]) -> list[list[float | str]]:
        return [[_plain(value) for value in line] for line in values[fixed].reshape(rows, columns)[window]]

    return {
        "kind": "map",
        "name": one_line(name, 80),
        "shape": list(want.shape),
        "index": list(fixed),
        "top": top,
        "left": left,
        "worst": [row, column],
        "got": cells(got),
        "want": cells(want),
        "error": cells(np.where(wrong, error, 0.0)),
        "where": _where(one_line(name, 80), wrong),
    }


def bars(parts: Sequence[Part], limit: float) -> Picture:
    """Return the largest relative error of every array; for one that cannot be compared, why."""
    found = []
    for name, got, want in parts[:BARS]:
        bar: dict[str, Any] = {"name": one_line(name, 80), "error": None, "note": ""}
        if got is None:
            bar["note"] = "missing"
        elif got.shape != np.shape(want):
            bar["note"] = "wrong shape"
        else:
            bar["error"] = _plain(np.max(relative_error(got, want), initial=0.0))
        found.append(bar)
    return {"kind": "bars", "limit": limit, "bars": found, "left_out": max(len(parts) - BARS, 0)}


def curve(values: Iterable[Any], name: str = "loss", over: str = "step") -> Picture:
    """Return how a number went: some of its values, always the first and the last one."""
    plain = [_plain(value) for value in values]
    chosen = np.unique(np.linspace(0, max(len(plain) - 1, 0), min(len(plain), POINTS)).astype(int)).tolist()
    return {"kind": "curve", "name": name, "over": over, "at": chosen, "values": [plain[i] for i in chosen]}


def filters(weights: NDArray[Any], name: str) -> Picture | None:
    """Return the filters of weights (F, C, H, W), of each channel one; None, if they are something else."""
    if weights.ndim != 4 or not weights.size:
        return None
    drawn = weights.reshape(-1, *weights.shape[2:])[:FILTERS, :FILTER, :FILTER]
    values = [[[_plain(value) for value in line] for line in one] for one in drawn]
    return {"kind": "filters", "name": one_line(name, 80), "shape": list(weights.shape), "filters": values}


def _start(place: int, size: int) -> int:
    """Return where a window around a place begins."""
    return max(0, min(place - CELLS // 2, size - CELLS))


def _plain(value: Any) -> float | str:
    number = float(f"{float(value):.4g}")  # which may be infinite only now
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return number or 0.0


def _where(name: str, wrong: NDArray[np.bool_]) -> str:
    """Say where the wrong elements are, if that is most of a few places on one axis, or of the border; else nothing."""
    if " " in name or wrong.all():
        return ""
    count = np.count_nonzero(wrong)
    for axis in range(wrong.ndim):
        others = tuple(i for i in range(wrong.ndim) if i != axis)
        places = np.flatnonzero(wrong.any(axis=others))
        there = len(places) * wrong.size // wrong.shape[axis]
        if len(places) <= min(_FEW, wrong.shape[axis] // 2) and count >= _MOST * there:
            before, after = ":, " * axis, ", :" * (wrong.ndim - axis - 1)
            slices = [f"{name}[{before}{place}{after}]" for place in places]
            return f"only in {' and '.join([', '.join(slices[:-1])] * (len(slices) > 1) + slices[-1:])}"
    inside = wrong[..., 1:-1, 1:-1] if wrong.ndim > 1 else wrong
    if inside.size and not inside.any() and count >= _MOST * (wrong.size - inside.size):
        return "only in the outermost rows and columns"
    return ""
