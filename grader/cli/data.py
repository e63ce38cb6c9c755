"""``grader data``: image data sets that are fetched on request."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

__all__ = ["command"]


HELP = """Data sets to train on, beyond those that come with an assignment.

What is fetched is kept for all assignments, in one folder: GRADER_DATA, or this user's data folder.

\b
Examples:
  grader data list
  grader data get cifar10
  grader data get cifar10 --from Downloads/cifar-10-binary.tar.gz

\b
Exit codes:
  0    done
  2    it cannot be done; one line says why, and what to do
"""

LIST_HELP = """Show the data sets that can be fetched, and which are here.

\b
Examples:
  grader data list

\b
Exit codes:
  0    shown
"""

GET_HELP = """Fetch the data set NAME, unless it is here already.

A download that was broken off goes on where it stopped. Without a network, give what you downloaded elsewhere
with --from: the published file, or the folder with all of them.

\b
Examples:
  grader data get mnist
  grader data get cifar10 --from Downloads/cifar-10-binary.tar.gz
  grader data get mnist --from Downloads/

\b
Exit codes:
  0    it is here
  2    it cannot be had; one line says why, and what to do
"""


@click.group("data", help=HELP, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int | None:
    """Data sets to train on, beyond those that come with an assignment."""
    if context.invoked_subcommand is not None:
        return None
    click.echo(context.get_help(), err=True)
    return 2


@command.command("list", help=LIST_HELP)
def list_command() -> int:
    """Show the data sets that can be fetched, and which are here."""
    from grader.checking.places import shown
    from grader.datasets import DATASETS, Store, data_folder
    from grader.reports.console import console_for
    from grader.reports.listing import Row, show

    store = Store(data_folder())
    rows = []
    for dataset in DATASETS.values():
        here, begun = store.has(dataset), store.begun(dataset)
        state = "here" if here else f"{begun / dataset.download_bytes:.0%} downloaded" if begun else "not fetched"
        size = f"{dataset.download_bytes / 1e6:.0f} MB"
        rows.append(Row((dataset.name, size, state, dataset.title), ("", "", "green" if here else "dim", "")))
    console = console_for(sys.stdout, os.environ)
    show(console, ("data set", "download", "state", "what it is"), rows)
    console.print(f"\nFolder: {shown(store.folder, Path.cwd())}. To fetch one: grader data get NAME", soft_wrap=True)
    return 0


@command.command("get", help=GET_HELP)
@click.argument("name")
@click.option(
    "--from", "given", multiple=True, metavar="PATH", help="The published file, or a folder with it; may be repeated."
)
@click.option("--to", "folder", metavar="DIR", help="Keep it here; loaders find it if GRADER_DATA is set to that.")
def get_command(name: str, given: tuple[str, ...], folder: str | None) -> int:
    """Fetch the data set NAME, unless it is here already."""
    from grader.checking.places import shown
    from grader.cli.dataprogress import DataProgress
    from grader.datasets import DATASETS, Store, data_folder
    from grader.errors import UnknownNameError
    from grader.reports.console import console_for

    if name not in DATASETS:
        raise UnknownNameError("data set", name, DATASETS, "see grader data list")
    dataset = DATASETS[name]
    store = Store(Path(folder).expanduser().absolute() if folder is not None else data_folder())
    here = store.has(dataset)
    with DataProgress(console_for(sys.stderr, os.environ)) as progress:
        path = store.fetch(dataset, progress, [Path(place).expanduser() for place in given])
    place = shown(path, Path.cwd())
    click.echo(f"{name} was here already: {place}" if here else f"{name} is here: {place}")
    if folder is not None and path.parent != data_folder():
        click.echo(f"Loaders look there if you set GRADER_DATA={path.parent}")
    return 0
