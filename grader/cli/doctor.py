"""``grader doctor``: what this machine has, and how well it can keep student code apart."""

from __future__ import annotations

import os
import sys

import click

from grader.cli.targets import Target

__all__ = ["command"]


HELP = """Say what this machine has: Python, numpy, torch, CUDA, and the tiers of isolation for student code.

Each tier is tried with a real process; where it cannot be had, it is said why.

\b
Examples:
  grader doctor
  grader doctor --json doctor.json

\b
Exit codes:
  0    said
  2    the file cannot be written; one line says why
"""


@click.command("doctor", help=HELP)
@click.option("--json", "json_file", metavar="FILE", help="Write it as JSON, too; - for standard output.")
def command(json_file: str | None) -> int:
    """Say what this machine has: Python, numpy, torch, CUDA, and the tiers of isolation for student code."""
    target = Target("--json", json_file) if json_file is not None else None

    from grader.checking.machine import examine
    from grader.checking.strictjson import dump
    from grader.reports.console import console_for
    from grader.reports.machine import draw

    machine = examine()
    console = console_for(sys.stderr if target is not None and target.standard else sys.stdout, os.environ)
    for line in draw(machine):
        console.print(line)
    if target is not None:
        target.write(dump(machine.to_dict()))
    return 0
