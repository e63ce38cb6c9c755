from __future__ import annotations

import base64
import itertools
import math
import struct
import zlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.html.pictures.heatmap import PALE
from grader.reports.html.pictures.paint import Colour, largest, png, severity, signed
from grader.reports.html.pictures.reading import short
from grader.reports.html.theme import PALETTE

Rgb = tuple[float, float, float]


def rgb(colour: str) -> Rgb:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))  # type: ignore[return-value]


def contrast(one: Rgb, other: Rgb) -> float:
    def light(colour: Rgb) -> float:
        parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def over(top: Colour, below: Rgb) -> Rgb:
    share = top[3] / 255
    return tuple(top[i] * share + below[i] * (1 - share) for i in range(3))  # type: ignore[return-value]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_numbers_can_be_read_on_every_colour_behind_them(scheme: int) -> None:
    page, ink = rgb(PALETTE["page"][scheme]), rgb(PALETTE["ink"][scheme])
    shares = [value / 20 for value in range(-20, 21)]
    rows = signed([[*shares, math.nan, math.inf]], 1.0, PALE)
    rows += severity([[*map(abs, shares), math.inf]], 1.0, PALE)
    assert min(contrast(ink, over(colour, page)) for row in rows for colour in row) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_signs_and_lines_of_drawings_can_be_seen(scheme: int) -> None:
    page = rgb(PALETTE["page"][scheme])
    for name in ("good", "bad", "half", "info", "fault", "bar", "edge", "no"):
        assert contrast(rgb(PALETTE[name][scheme]), page) >= 3, name


def test_a_wrong_element_is_never_drawn_as_a_right_one() -> None:
    right, slight, infinite = severity([[0.0, 1e-300, math.inf]], 1e9)[0]
    assert right[3] == 0
    assert slight[3] > 40
    assert infinite[3] == 255


@given(st.lists(st.lists(st.floats(), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_png_holds_its_pixels(values: list[list[float]]) -> None:
    pixels = signed(values, largest(values))
    head, _, data = png(pixels).partition(",")
    raw = base64.b64decode(data)
    assert head == "data:image/png;base64"
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", raw[16:24]) == (3, len(values))
    start = raw.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", raw[start - 8 : start - 4])
    lines = zlib.decompress(raw[start : start + size])
    assert lines == b"".join(b"\0" + bytes(itertools.chain.from_iterable(row)) for row in pixels)


@given(st.floats())
def test_short_numbers_fit_and_keep_their_sign(value: float) -> None:
    text = short(value)
    assert len(text) <= 7
    assert text.startswith("−") == (value < 0)
    if math.isfinite(value) and value:
        said = Fraction(text.replace("−", "-"))  # the largest float, rounded, is none
        assert abs(said - Fraction(value)) <= Fraction(51, 100) * abs(Fraction(value))
