"""Where the terminal face is drawn, and how its lines wrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

__all__ = ["Indented", "console_for"]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # the command line's to handle


def console_for(stream: TextIO, environment: Mapping[str, str]) -> Console:
    """Return a console that writes to a stream: colours and movement on a terminal, plain text everywhere else."""
    plain = bool(environment.get("NO_COLOR")) or environment.get("TERM") in ("dumb", "unknown")
    return _Console(
        file=stream,
        force_terminal=False if plain or not stream.isatty() else None,
        no_color=plain or None,
        color_system=None if plain or not stream.isatty() else "auto",
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


class Indented:
    """Text whose every line, however it wraps, begins with a prefix."""

    def __init__(self, text: Text, prefix: str | Text, first: str | Text | None = None) -> None:
        self.text = text
        self.prefix = prefix
        self.first = prefix if first is None else first

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - len(self.prefix), 10)
        for index, piece in enumerate(self.text.wrap(console, width, tab_size=4)):
            piece.rstrip()
            yield Text.assemble(self.prefix if index else self.first, piece, no_wrap=True, overflow="ignore")
