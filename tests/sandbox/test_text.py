"""Student text rendered harmless."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.text import clean, clip, listed, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nof two lines", "plain\ttext\nof two lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hhome", "home"),
        ("\x9b31mred", "red"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x9d0;title\x9cb", "ab"),
        ("a\x1b]0;a title that never ends", "a"),
        ("a\x1b(0b\x1bcc", "abc"),
        ("a\x1b", "a"),
        ("bell\x07 null\x00 back\x08", "bell null back"),
        ("10%\r50%\r100%", "100%"),
        ("10%\r100%\r", "100%"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("a\u2066b\u2069c\u200ed\u061ce\ufefff", "abcdef"),
        ("one\u2028two", "onetwo"),
        ("half \ud800 a character", "half  a character"),
        ("tag\U000e0041", "tag"),
        ("ünïcödé 数学 🙂 क्‍ष", "ünïcödé 数学 🙂 क्‍ष"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b[]();m\r\n\x07\x9b\x9d\u202e"), max_size=80))
@settings(deadline=None, derandomize=True)
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    cleaned = clean(text)
    assert not any((ord(char) < 32 and char not in "\t\n") or 0x7F <= ord(char) <= 0x9F for char in cleaned)
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_a_long_line_takes_no_longer_for_each_character() -> None:
    assert clean("x" * 3_000_000 + "\r" + "y" * 3_000_000) == "y" * 3_000_000


def test_clip_keeps_head_and_tail() -> None:
    assert clip("short", 10) == "short"
    clipped = clip("a" * 100 + "b" * 100, 30)
    assert clipped == "a" * 20 + "\n… 170 characters left out …\n" + "b" * 10


def test_one_line_is_one_line() -> None:
    assert one_line("a\n\n  b\tc ", 10) == "a b c"
    line = one_line("head " + "x\n" * 500 + "tail", 60)
    assert len(line) <= 60
    assert line.startswith("head x")
    assert line.endswith("x tail")


def test_lists_are_short() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed([*"abcd"]) == "a, b, c and d"
    assert listed([*"abcde"]) == "a, b, c and 2 more"
