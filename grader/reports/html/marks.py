"""A sign for every status: told apart by its shape, not only by its colour."""

from __future__ import annotations

from collections.abc import Mapping

from grader.reports.html.elements import Element, h

__all__ = ["mark", "tone"]

_TONES: Mapping[str, str] = {
    "passed": "good",
    "partial": "half",
    "failed": "bad",
    "error": "bad",
    "timeout": "bad",
    "crashed": "bad",
    "todo": "quiet",
    "skipped": "info",
    "fault": "fault",
}
_LINES: Mapping[str, str] = {  # in a square of 16, drawn with a stroke
    "passed": "M2.5 8.5 6.3 12.3 13.5 4",
    "partial": "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12z",
    "failed": "M3.5 3.5l9 9M12.5 3.5l-9 9",
    "error": "M8 2.2 14.5 13.6H1.5zM8 6.6v3.2M8 11.5v.6",
    "timeout": "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM8 4.8V8l2.4 1.6",
    "crashed": "M9.4 1.8 3.6 9.2h4.2l-1.2 5 5.8-7.4H8.2z",
    "todo": "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12z",
    "skipped": "M3 8h10",
    "fault": "M8 1.8l6.2 6.2-6.2 6.2L1.8 8zM8 5.2v3.4M8 10.4v.6",
}
_FILLED: Mapping[str, str] = {"partial": "M8 2a6 6 0 0 1 0 12z"}


def tone(status: str) -> str:
    """Return the name of a status's colour."""
    return _TONES.get(status, "quiet")


def mark(status: str) -> Element:
    """Return the sign of a status; it is silent, since the word stands beside it."""
    paths = [h("path", d=_LINES.get(status, _LINES["todo"]))]
    if status in _FILLED:
        paths.append(h("path", d=_FILLED[status], class_="gr-full"))
    return h("svg", *paths, class_=f"gr-mark gr-{tone(status)}", viewBox="0 0 16 16", aria_hidden="true")
