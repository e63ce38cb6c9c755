"""Numbers as colours, and colours as a small PNG. What is zero is transparent, so that it fits any page."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Sequence

from grader.reports.html.pictures.reading import Grid

__all__ = ["Colour", "largest", "png", "severity", "signed"]

Colour = tuple[int, int, int, int]

_BELOW, _ABOVE, _WRONG, _NOT_FINITE = (58, 127, 214), (226, 124, 28), (222, 66, 56), (147, 72, 170)
_FAINTEST = 60  # of what is wrong, however little


def largest(*grids: Grid) -> float:
    """Return the largest finite absolute value, or 1 if there is none above zero."""
    finite = [abs(value) for rows in grids for row in rows for value in row if math.isfinite(value)]
    return max(finite, default=0.0) or 1.0


def signed(rows: Grid, most: float, strongest: int = 255) -> list[list[Colour]]:
    """Return colours for values from ``-most``, blue, to ``most``, orange; those that are no number are violet."""

    def colour(value: float) -> Colour:
        if not math.isfinite(value):
            return (*_NOT_FINITE, strongest)
        share = min(abs(value) / most, 1.0)
        return (*(_BELOW if value < 0 else _ABOVE), round(strongest * share))

    return [[colour(value) for value in row] for row in rows]


def severity(rows: Grid, most: float, strongest: int = 255) -> list[list[Colour]]:
    """Return colours for errors from zero, no colour, to ``most``, red."""

    def colour(value: float) -> Colour:
        if value == 0:
            return (*_WRONG, 0)
        share = min(value / most, 1.0) if math.isfinite(value) else 1.0
        return (*_WRONG, round(_FAINTEST + (strongest - _FAINTEST) * share))

    return [[colour(value) for value in row] for row in rows]


def png(pixels: Sequence[Sequence[Colour]]) -> str:
    """Return pixels as the address of a PNG that holds them itself."""
    raw = b"".join(b"\0" + b"".join(map(bytes, row)) for row in pixels)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
