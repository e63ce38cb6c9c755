"""Fingerprints: an array in a few numbers, the same for float32 and float64, another for other values.

A fingerprint is the shape, the norm, and the inner products with a few fixed random arrays, as shares of the norm. It
says which of the arrays that were seen before this is, and next to nothing about its elements.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.random import Random
from grader.checking.tolerance import FLOOR

__all__ = ["SAME", "Fingerprint", "fingerprint"]

PROJECTIONS = 4
UNIT = 1e-6  # of the norm: what projections are multiples of
SAME = 1e-4  # of the norm: float32 arithmetic moved them by 2.4e-5 at most, another mistake by 5.9e-4 at least
USUAL = 2**12  # elements of arrays whose directions are kept: small ones come again and again
MOST = 2**18  # elements that are looked at: no answer has more
_TEXT = re.compile(r"\(([\dx]*)\) (\S+)((?: -?\d+)+)(?: !((?: -?\d+)+))?")


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of an array.

    ``projections`` are those of the finite elements, in units of a millionth of ``norm``; ``odd`` those of the pattern
    of NaN and infinities, empty where there are none.
    """

    shape: tuple[int, ...]
    norm: float
    projections: tuple[int, ...]
    odd: tuple[int, ...] = ()

    def matches(self, other: Fingerprint) -> bool:
        """Whether two arrays are the same but for rounding."""
        if self.shape != other.shape or self.odd != other.odd:
            return False
        scale = max(self.norm, other.norm, FLOOR)
        mine, theirs = ((1.0, *(UNIT * p for p in one.projections)) for one in (self, other))
        return all(abs(a * self.norm - b * other.norm) <= SAME * scale for a, b in zip(mine, theirs, strict=True))

    @property
    def telling(self) -> bool:
        """Whether it says more than that the array is empty, zero, or nothing but NaN and infinities."""
        return self.norm > FLOOR

    def __str__(self) -> str:
        """Write it in one line, which ``parse`` reads."""
        odd = f" ! {' '.join(map(str, self.odd))}" if self.odd else ""
        return f"({'x'.join(map(str, self.shape))}) {self.norm:.7g} {' '.join(map(str, self.projections))}{odd}"

    @classmethod
    def parse(cls, text: str) -> Fingerprint:
        """Read what ``str`` writes.

        Raises:
            ValueError: it is something else.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"no fingerprint: {text!r}")
        shape, norm, projections, odd = found.groups()
        lengths = tuple(map(int, shape.split("x"))) if shape else ()
        return cls(lengths, float(norm), tuple(map(int, projections.split())), tuple(map(int, (odd or "").split())))


def fingerprint(array: NDArray[Any]) -> Fingerprint:
    """Return an array's fingerprint."""
    values = np.asarray(array).ravel()[:MOST].astype(np.float64)  # of a vast one, only these
    finite = np.isfinite(values)
    kinds = np.isnan(values) + 2.0 * np.isposinf(values) + 3.0 * np.isneginf(values)
    values = np.where(finite, values, 0.0)
    largest = float(np.max(np.abs(values), initial=0.0))
    scaled = values / largest if largest else values  # a square of the values themselves might overflow
    length = float(np.sqrt(scaled @ scaled))
    odd, shares = [], []
    for index in range(PROJECTIONS):
        direction = _usual(index, values.size) if values.size <= USUAL else _direction(index, values.size)
        shares.append(round(float(scaled @ direction) / length / UNIT) if length else 0)
        odd.append(round(float(kinds @ direction) / UNIT))
    return Fingerprint(
        shape=tuple(int(n) for n in np.shape(array)),
        norm=float(f"{min(largest * length, 1e300):.7g}"),
        projections=tuple(shares),
        odd=() if finite.all() else tuple(odd),
    )


def _direction(index: int, size: int) -> NDArray[Any]:
    direction: NDArray[Any] = Random("fingerprint", index).uniform(-1.0, 1.0, size=size)
    return direction


@functools.lru_cache(maxsize=512)
def _usual(index: int, size: int) -> NDArray[Any]:
    return _direction(index, size)
