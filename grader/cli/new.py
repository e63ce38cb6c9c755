"""``grader new``: the beginning of an assignment."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


HELP = """Begin an assignment called NAME, in solutions/NAME, with one worked question.

\b
Examples:
  grader new assignment3
  grader publish assignment3
  grader run assignment3 --submission solutions/assignment3
  grader audit assignment3

\b
Exit codes:
  0    made
  2    there is one of that name, or it is no name; one line says what
"""


@click.command("new", help=HELP)
@click.argument("name")
def command(name: str) -> int:
    """Begin an assignment called NAME, in solutions/NAME, with one worked question."""
    from grader.authoring import scaffold
    from grader.checking.places import shown

    here = Path.cwd()
    home = next((folder for folder in (here, *here.parents) if (folder / "solutions").is_dir()), here)
    made = scaffold.create(name, home)
    click.echo(f"Made {shown(made, here)}: begin in its assignment.toml and checks/.")
    click.echo(f"Then: grader run {name} --submission {shown(made, here)}")
    return 0
