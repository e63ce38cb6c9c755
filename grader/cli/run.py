"""``grader run``: check one's own code, or grade one submission."""

from __future__ import annotations

import itertools
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.questions import names_of
from grader.cli.questions import option as questions_option
from grader.cli.targets import Target
from grader.errors import InputError
from grader.sandbox.isolation import TIERS

if TYPE_CHECKING:
    from grader.sandbox.choice import Choice

__all__ = ["command"]


HELP = """Check your code for ASSIGNMENT: a name that grader list shows, or a folder.

Runs every question's checks on the files in assignments/ASSIGNMENT (or in --submission), says what is wrong and
what to do next. Your files are only read.

\b
Examples:
  grader run assignment2
  grader run assignment2 -q affine_forward -q relu_forward
  grader run assignment2 --html report.html
  grader run assignment2 --submission ~/inbox/kim --json kim.json

\b
Exit codes:
  0    every point
  1    points lost
  2    the command, the assignment or the folder is wrong; one line says what
  3    a fault of the grader itself: it costs no points
  130  interrupted (Ctrl-C); the report holds what was known by then
"""


@click.command("run", help=HELP)
@click.argument("assignment")
@click.option("--submission", metavar="PATH", help="Grade the files in this folder instead of your own.")
@questions_option
@click.option("--seed", type=int, metavar="N", help="Draw other inputs than the assignment's own.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Whether to compare with a GPU, too: where there is one, never, or always. Such checks have no points.",
)
@click.option(
    "--hints",
    metavar="LEVEL",
    help="How much to tell of what is wrong: none, what, where or why. No more than the course allows.",
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", *TIERS]),
    default="auto",
    show_default=True,
    help="How the code is kept apart; auto takes the best that this machine gives. See grader doctor.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON, too; - for standard output.")
@click.option(
    "--junit", "junit_file", metavar="FILE", help="Write the report as JUnit XML, too; - for standard output."
)
@click.option(
    "--html", "html_file", metavar="FILE", help="Write the report as a page for browsers, too; - for standard output."
)
def command(
    assignment: str,
    submission: str | None,
    questions: tuple[str, ...],
    seed: int | None,
    device: str,
    hints: str | None,
    isolation: str,
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
) -> int:
    """Check your code for ASSIGNMENT: a name that grader list shows, or a folder."""
    wanted = names_of(questions, "run")
    if submission == "":
        raise InputError("--submission is empty: give a folder, or leave it out to check your own code")
    targets = _targets({"--json": json_file, "--junit": junit_file, "--html": html_file})

    from grader.checking.devices import may_use_cuda
    from grader.sandbox.choice import Choice

    if isolation == "auto" and may_use_cuda(device):
        isolation = "process"  # the better tiers hide the GPU
    with Choice(isolation) as launcher:  # it gets ready meanwhile
        return _run(assignment, submission, wanted, seed, device, hints, launcher, targets)


def _run(
    assignment: str,
    submission: str | None,
    wanted: list[str],
    seed: int | None,
    device: str,
    hints: str | None,
    launcher: Choice,
    targets: dict[str, Target],
) -> int:
    from grader.checking import engine
    from grader.checking.assignment import find_assignment
    from grader.checking.levels import level_of, limited, lower
    from grader.checking.options import Options
    from grader.checking.places import cache_folder
    from grader.checking.submission import open_submission
    from grader.cli.drawing import Drawing

    here = Path.cwd()
    found, work = find_assignment(assignment, here)
    if submission is None and work is None:
        raise InputError(
            f"{found.name} has no folder in assignments/ to grade:"
            f" run grader publish {found.name} to make it, or give a folder with --submission"
        )
    level = found.hints if hints is None else level_of(hints)
    if found.published:
        level = lower(level, found.hints)
    opened = open_submission(Path(submission).expanduser() if submission is not None else work or here, found)

    again = ["grader", "run", assignment]
    again += ["--submission", submission] if submission is not None else []
    again += ["--seed", str(seed)] if seed is not None else []
    again += ["--device", device] if device != "auto" else []
    again += ["--hints", hints] if hints is not None else []
    again += ["--isolation", launcher.wanted] if launcher.wanted != "auto" else []
    to_stdout = any(target.standard for target in targets.values())
    drawing = Drawing(sys.stderr if to_stdout else sys.stdout, found, opened, shlex.join(again), wanted)
    options = Options(
        questions=wanted, seed=seed, device=device, cache=cache_folder(), observer=drawing, launcher=launcher
    )

    began = datetime.now(UTC)
    with drawing:
        report = limited(engine.run(found, opened, options), level)
    try:
        if "--json" in targets:
            from grader.reports import json

            targets["--json"].write(json.render(report))
        if "--junit" in targets:
            from grader.reports import junit

            targets["--junit"].write(junit.render(report, began, platform.node() or "localhost"))
        if "--html" in targets:
            from grader.reports import html

            targets["--html"].write(html.page(report, drawing.scene))
    finally:
        drawing.finish(report)
    return report.exit_code


def _targets(named: Mapping[str, str | None]) -> dict[str, Target]:
    """Return where reports go, by the option that says so, all of them found to be writable."""
    targets = {option: Target(option, place) for option, place in named.items() if place is not None}
    for one, other in itertools.combinations(targets.values(), 2):
        if one.same(other):
            raise InputError(f"{one.option} and {other.option} both go to {one.place}: give one of them another file")
    return targets
