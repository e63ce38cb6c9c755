"""The commands and where they are. Nothing of a command is imported before it runs."""

from __future__ import annotations

import importlib
from typing import NamedTuple

import click

__all__ = ["COMMANDS", "cli"]


class _Place(NamedTuple):
    module: str
    summary: str


COMMANDS = {
    "run": _Place("grader.cli.run", "Check your code, or grade a submission."),
    "watch": _Place("grader.cli.watch", "Check your code again on every save."),
    "list": _Place("grader.cli.list", "Show assignments, or one's questions and how far you are."),
    "publish": _Place("grader.cli.publish", "Make what students get, from solutions/ (for instructors)."),
    "audit": _Place("grader.cli.audit", "Grade the grader: are the checks any good? (for instructors)"),
    "new": _Place("grader.cli.new", "Begin a new assignment (for instructors)."),
    "grade": _Place("grader.cli.grade", "Grade a whole class (for instructors)."),
    "data": _Place("grader.cli.data", "Fetch images to train on: CIFAR-10, MNIST."),
    "doctor": _Place("grader.cli.doctor", "What this machine has: Python, torch, CUDA, isolation."),
}


class _Commands(click.Group):
    """A group that imports a command's module when it is needed, and lists them without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name].module).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and name not in COMMANDS:
            from grader.errors import UnknownNameError

            raise UnknownNameError("command", name, COMMANDS, "see grader --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from grader import __version__

        click.echo(f"grader {__version__}")
        context.exit()


HELP = """Check and grade implementation assignments of deep-learning courses.

\b
For students:
  grader list                              which assignments are there?
  grader list assignment2                  which questions, and how far am I?
  grader run assignment2                   is my code right?
  grader run assignment2 -q affine_forward is this function right?
  grader watch assignment2                 check again each time I save

\b
Exit codes:
  0    all is well: every point
  1    points lost, or differences found
  2    the command or its input is wrong; one line says what
  3    a fault of the grader itself
  130  interrupted (Ctrl-C)
"""


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
@click.pass_context
def cli(context: click.Context) -> int | None:
    """The root of all commands; without one, it shows its help."""
    if context.invoked_subcommand is not None:
        return None
    click.echo(context.get_help(), err=True)
    return 2
