"""``grader publish``: from the instructor's folder to what students get."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import InputError

if TYPE_CHECKING:
    from grader.authoring.publish import PublishResult

__all__ = ["command"]


HELP = """Make assignments/ASSIGNMENT, which students get, from solutions/ASSIGNMENT.

Solutions are cut out, hidden checks stay behind, and the answers of the references are recorded, so that
students need no torch. Files in assignments/ASSIGNMENT that were edited by hand are kept as they are.

\b
Examples:
  grader publish assignment2
  grader publish assignment2 --zip assignment2.zip
  grader publish assignment2 --check     (in CI: are the two the same?)

\b
Exit codes:
  0    done; with --check, nothing to do
  1    with --check: assignments/ASSIGNMENT is not what publishing would make
  2    the assignment's files are wrong, e.g. a marker without its end; one line says what
"""


@click.command("publish", help=HELP)
@click.argument("assignment")
@click.option("--check", is_flag=True, help="Write nothing; fail if anything would be written.")
@click.option("--zip", "archive", metavar="FILE", help="Pack what students get into this file, too.")
def command(assignment: str, check: bool, archive: str | None) -> int:
    """Make assignments/ASSIGNMENT, which students get, from solutions/ASSIGNMENT."""
    if check and archive is not None:
        raise click.UsageError("--check writes nothing, --zip writes a file: give one of them")

    from grader.checking.assignment import find_assignment
    from grader.checking.places import cache_folder, shown
    from grader.cli.progressline import ProgressLine

    here = Path.cwd()
    found, _ = find_assignment(assignment, here)
    if found.published:
        raise InputError(
            f"{shown(found.folder, here)} is already what students get: publish where solutions/{found.name} is"
        )
    if archive is not None:
        _writable(Path(archive))

    from grader.authoring import publish

    with ProgressLine() as progress:
        result = publish.publish(found, check=check, cache=cache_folder(), on_progress=progress)
    name = shown(result.target, here)
    if check:
        for difference in result.differences:
            click.echo(difference)
        if result.differences:
            click.echo(f"grader: {name} is not up to date; run: grader publish {found.name}", err=True)
            return 1
        click.echo(f"{name} is up to date.")
        return 0
    _say(result, name)
    if archive is not None:
        count = publish.pack(result.target, Path(archive))
        click.echo(f"Packed {count} files into {archive}.")
    return 0


def _say(result: PublishResult, name: str) -> None:
    for verb, files in (("wrote", result.written), ("removed", result.removed), ("kept", result.kept)):
        for file in files:
            click.echo(f"  {verb:8}{file}" + (" (edited there by hand)" if verb == "kept" else ""))
    parts = [f"{len(result.written)} written", f"{result.unchanged} unchanged"]
    parts += [f"{len(result.removed)} removed"] if result.removed else []
    parts += [f"{len(result.kept)} kept"] if result.kept else []
    click.echo(f"{name}: {', '.join(parts)}.")


def _writable(archive: Path) -> None:
    """Refuse a place for the archive before the work begins."""
    if archive.is_dir():
        raise InputError(f"--zip {archive} is a folder: give a file in it")
    if not archive.absolute().parent.is_dir():
        raise InputError(f"--zip {archive} cannot be written: there is no folder {archive.absolute().parent}")
