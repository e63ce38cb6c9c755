"""The random numbers that checks are given: the same on every machine and with every version of numpy.

A recorded answer is found again by its inputs, so the inputs may not differ in a single bit between the machine
that published and the student's. Only the bit generator (whose stream numpy promises to keep) is used; all else
is made here from its bits, and values are rounded to multiples of 2**-20, which float32 holds exactly, too, up to 16.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draws", "Random"]

Size = int | tuple[int, ...]
_GRAIN = 2.0**20


class Draws:
    """Arrays that were drawn before, for whoever runs the same checks on many submissions; up to ``room`` bytes."""

    def __init__(self, room: int = 64 * 2**20) -> None:
        self._room = room
        self._known: dict[tuple[Any, ...], Any] = {}

    def find(self, what: tuple[Any, ...]) -> Any:
        """Return what was drawn, to be written into, or None."""
        known = self._known.get(what)
        return None if known is None else known.copy()

    def keep(self, what: tuple[Any, ...], drawn: Any) -> None:
        """Keep a copy, while there is room."""
        self._room -= drawn.nbytes
        if self._room >= 0:
            self._known[what] = drawn.copy()


class Random:
    """A seeded source of arrays. The seed is any sequence of texts and numbers, e.g. assignment, check, case.

    ``student_seed`` is one of 32 bits for what the student's code draws; no array here can be told from it.
    With ``draws``, what was drawn from the same seed before is not worked out again; it is the same without.
    """

    def __init__(self, *seed: str | int, draws: Draws | None = None) -> None:
        self._seed = hashlib.sha256("\x1f".join(map(str, seed)).encode()).digest()
        self.student_seed = int.from_bytes(self._seed[16:20], "big")
        self._draws = draws
        self._place = 0  # in the stream
        self._bits: np.random.PCG64 | None = None  # which stands at ``_reached``
        self._reached = 0

    def _unit(self, count: int) -> NDArray[np.float64]:
        """Return the next ``count`` numbers of the stream, in [0, 1), of 53 bits each."""
        if self._bits is None:
            self._bits = np.random.PCG64(int.from_bytes(self._seed[:16], "big"))
        if self._reached < self._place:
            self._bits.advance(self._place - self._reached)
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        self._place += count
        self._reached = self._place
        unit = (raw >> np.uint64(11)).astype(np.float64)
        unit *= 2.0**-53
        return unit

    def _drawn(self, draw: Callable[..., Any], *how: Any, count: int) -> Any:
        """Return what ``draw`` makes of the next ``count`` numbers of the stream, or has made of them before."""
        if self._draws is None:
            return draw(*how)
        what = (self._seed, self._place, draw.__name__, *how)
        try:
            known = self._draws.find(what)
        except TypeError:  # e.g. an array of scales, which is nothing to look up by
            return draw(*how)
        if known is None:
            known = draw(*how)
            self._draws.keep(what, known)
        else:
            self._place += count
        return known

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Size = ()) -> Any:
        """Return numbers between ``low`` and ``high``, every one as likely."""
        shape = _shape(size)
        return self._drawn(self._uniform, low, high, shape, count=math.prod(shape))

    def _uniform(self, low: float, high: float, shape: tuple[int, ...]) -> Any:
        values = low + (high - low) * self._unit(math.prod(shape))
        return np.round(values.reshape(shape) * _GRAIN) / _GRAIN

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Size = ()) -> Any:
        """Return numbers of a normal distribution (by the transform of Box and Muller, 1958)."""
        shape = _shape(size)
        return self._drawn(self._normal, loc, scale, shape, count=2 * math.prod(shape))

    def _normal(self, loc: float, scale: float, shape: tuple[int, ...]) -> Any:
        count = math.prod(shape)
        radius, angle = self._unit(count), self._unit(count)
        values = np.sqrt(-2.0 * np.log1p(-radius)) * np.cos(2.0 * np.pi * angle)
        return np.round((loc + scale * values.reshape(shape)) * _GRAIN) / _GRAIN

    def integers(self, low: int, high: int, size: Size = ()) -> Any:
        """Return whole numbers, ``low`` included and ``high`` not, every one as likely."""
        shape = _shape(size)
        return (low + np.floor(self._unit(math.prod(shape)) * (high - low)).astype(np.int64)).reshape(shape)

    def permutation(self, count: int) -> NDArray[np.intp]:
        """Return the numbers 0 to ``count`` - 1 in a random order."""
        return np.argsort(self._unit(count), kind="stable")

    def distinct(self, size: Size, step: float = 2.0**-6) -> NDArray[np.float64]:
        """Return numbers around zero in a random order, no two closer than ``step``: an input without ties."""
        shape = _shape(size)
        count = math.prod(shape)
        values = (self.permutation(count) - count // 2).astype(np.float64)
        values *= step
        return values.reshape(shape)


def _shape(size: Size) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else tuple(size)
