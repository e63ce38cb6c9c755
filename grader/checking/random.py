"""The random numbers that checks are given: the same on every machine and with every version of numpy.

A recorded answer is found again by its inputs, so the inputs may not differ in a single bit between the machine
that published and the student's. Only the bit generator (whose stream numpy promises to keep) is used; all else
is made here from its bits, and values are rounded to multiples of 2**-20, which float32 holds exactly, too, up to 16.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Random"]

Size = int | tuple[int, ...]
_GRAIN = 2.0**20


class Random:
    """A seeded source of arrays. The seed is any sequence of texts and numbers, e.g. assignment, check, case.

    ``student_seed`` is one of 32 bits for what the student's code draws; no array here can be told from it.
    """

    def __init__(self, *seed: str | int) -> None:
        digest = hashlib.sha256("\x1f".join(map(str, seed)).encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest[:16], "big"))
        self.student_seed = int.from_bytes(digest[16:20], "big")

    def _unit(self, count: int) -> NDArray[np.float64]:
        """Return ``count`` numbers in [0, 1), of 53 bits each."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        unit = (raw >> np.uint64(11)).astype(np.float64)
        unit *= 2.0**-53
        return unit

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Size = ()) -> Any:
        """Return numbers between ``low`` and ``high``, every one as likely."""
        shape = _shape(size)
        values = low + (high - low) * self._unit(math.prod(shape))
        return np.round(values.reshape(shape) * _GRAIN) / _GRAIN

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Size = ()) -> Any:
        """Return numbers of a normal distribution (by the transform of Box and Muller, 1958)."""
        shape = _shape(size)
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
