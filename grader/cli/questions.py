"""The option by which commands take some questions of an assignment only."""

from __future__ import annotations

from collections.abc import Sequence

import click

from grader.errors import InputError

__all__ = ["names_of", "option"]

option = click.option(
    "-q",
    "--question",
    "questions",
    metavar="ID",
    multiple=True,
    help="Only this question; give it several times, or separate them by commas.",
)


def names_of(questions: Sequence[str], purpose: str) -> list[str]:
    """Return the names that the option was given, none for all questions.

    Raises:
        InputError: it was given, but without a name; ``purpose`` says what would be done with all.
    """
    wanted = [name.strip() for part in questions for name in part.split(",") if name.strip()]
    if questions and not wanted:
        raise InputError(f"--question is empty: name a question, or leave it out to {purpose} all")
    return wanted
