"""A line on the terminal that says what is being done."""

from __future__ import annotations

import sys

import click

__all__ = ["ProgressLine"]


class ProgressLine:
    """One line on the terminal that says what is being done, and is gone afterwards. Elsewhere, nothing."""

    def __init__(self) -> None:
        self._width = 0
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> ProgressLine:
        return self

    def __call__(self, text: str) -> None:
        """Say it in place of what was said before."""
        if self._shown:
            text = text.replace("\n", " ")[:76]
            click.echo(f"\r{text.ljust(self._width)}", err=True, nl=False)
            self._width = len(text)

    def __exit__(self, *_: object) -> None:
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", err=True, nl=False)
