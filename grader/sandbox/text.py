"""Text that a student's code made, rendered harmless: no terminal escapes, no control characters, no floods."""

from __future__ import annotations

import re

__all__ = ["clean", "clip"]

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # strings: window titles, links
    r"|\x1b[ -/]*[0-~]?"  # all other escapes
    r"|\x9b[0-?]*[ -/]*[@-~]",  # control sequences, one byte
    re.DOTALL,
)
_BACKSPACED = re.compile(r"[^\n]*\r(?!\n)")  # a line written over by the next one
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")


def clean(text: str) -> str:
    """Return ``text`` without escapes and control characters; newlines and tabs stay."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return _CONTROLS.sub("", _BACKSPACED.sub("", text))


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of ``text``: its head and its tail, and how much lies between."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    return f"{text[:head]}\n… {len(text) - head - tail} characters left out …\n{text[-tail:]}"
