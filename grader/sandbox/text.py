"""Text that is shown. What a student's code made is rendered harmless: no terminal escapes, no controls, no floods."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["clean", "clip", "listed", "one_line"]

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\Z)"  # strings: window titles, links
    r"|\x1b[ -/]*[0-~]?"  # all other escapes
    r"|\x9b[0-?]*[ -/]*[@-~]"  # control sequences, one byte
    r"|[\x90\x98\x9d-\x9f].*?(?:\x07|\x9c|\x1b\\|\Z)",  # strings, one byte
    re.DOTALL,
)
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but not tab and newline
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # the direction of writing, and no width
    "\u2028\u2029"  # lines and paragraphs of their own
    "\ud800-\udfff"  # halves of characters
    "\U000e0000-\U000e007f"  # tags
    "]"
)


def clean(text: str) -> str:
    """Return ``text`` without escapes and control characters; newlines and tabs stay."""
    lines = _ESCAPES.sub("", text.replace("\r\n", "\n")).split("\n")
    shown = (line.rstrip("\r").rpartition("\r")[2] for line in lines)  # the rest was written over
    return _UNSEEN.sub("", "\n".join(shown))


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of ``text``: its head and its tail, and how much lies between."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    return f"{text[:head]}\n… {len(text) - head - tail} characters left out …\n{text[-tail:]}"


def one_line(text: str, limit: int) -> str:
    """Return ``text``, cleaned, as one line of at most ``limit`` characters."""
    line = " ".join(clean(text).split())
    if len(line) <= limit:
        return line
    head, tail = limit * 2 // 3, limit // 3 - 3
    return f"{line[:head]} … {line[-tail:]}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return ``a, b and c``, or ``a, b, c and 7 more``."""
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most} more"]
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"
