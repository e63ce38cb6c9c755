"""Colours for light and dark, and the style sheet. Every pair that text is set in has a contrast of 4.5 or more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

__all__ = ["PALETTE", "sheet"]

PALETTE: Mapping[str, tuple[str, str]] = {
    "page": ("#ffffff", "#15171a"),
    "card": ("#f8f7f4", "#1d2024"),
    "line": ("#dedbd4", "#363b42"),
    "edge": ("#8b8880", "#767d86"),
    "ink": ("#1b1d20", "#e9e7e2"),
    "quiet": ("#5a5e64", "#a6abb2"),
    "good": ("#176f43", "#63cb8f"),
    "bad": ("#b3261e", "#ff9186"),
    "half": ("#85540a", "#e6b65c"),
    "info": ("#125d98", "#7cbbf3"),
    "fault": ("#84268a", "#e09ae3"),
    "hint": ("#fdf5df", "#2b2617"),
    "ok": ("#58b58a", "#4c9e78"),  # from here on, of drawings only; red is darker than green for all eyes
    "amber": ("#e3ab3f", "#d9a441"),
    "no": ("#b3261e", "#b8453b"),
    "bar": ("#5b7fae", "#7f9fca"),
}
_LIGHT = ('[data-jp-theme-light="true"]', ".vscode-light", 'html[theme="light"]')  # of JupyterLab, VS Code, Colab
_DARK = ('[data-jp-theme-light="false"]', ".vscode-dark", 'html[theme="dark"]')
_HEAD = re.compile(r"(?:(?<=[{}])|\A)([^{}@]+)\{")  # of a rule; declarations end in }
_COMMA = re.compile(r",(?![^()]*\))")  # between two selectors
_END = re.compile(r"(::[-a-z]+)?\Z")
_NEVER = ":not(#gr-never)"  # says nothing, and counts like an id


@cache
def sheet(*, notebook: bool = False) -> str:
    """Return the style sheet. In a ``notebook``, the notebook's own scheme goes before the system's."""
    light, dark = (_variables(scheme) for scheme in (0, 1))
    parts = [f".gr{{{light}}}", f"@media (prefers-color-scheme:dark){{.gr{{{dark}}}}}"]
    if notebook:
        parts += [f"{','.join(f'{host} .gr' for host in _LIGHT)}{{{light}}}"]
        parts += [f"{','.join(f'{host} .gr' for host in _DARK)}{{{dark}}}"]
    parts += [f"@media print{{.gr.gr.gr{{{light}}}}}"]
    text = files("grader.reports.html").joinpath("style.css").read_text(encoding="utf-8")
    return "\n".join([*parts, _HEAD.sub(_strengthened, text) if notebook else text])


def _strengthened(head: re.Match[str]) -> str:
    """Return a rule's selectors such that they win over any of a notebook's own, and stay as they are to each other."""
    return ",".join(_END.sub(rf"{_NEVER}\1", selector, count=1) for selector in _COMMA.split(head[1])) + "{"


def _variables(scheme: int) -> str:
    colours = "".join(f"--{name}:{pair[scheme]};" for name, pair in PALETTE.items())
    return f"color-scheme:{('light', 'dark')[scheme]};{colours}"
