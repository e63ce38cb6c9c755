"""``grader audit``: whether the checks of an assignment are any good."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from grader.cli.questions import names_of
from grader.cli.questions import option as questions_option
from grader.cli.targets import Target
from grader.errors import InputError

__all__ = ["command"]


HELP = """Grade the grader: prove that the checks of ASSIGNMENT tell right from wrong.

\b
What is proven, from solutions/ASSIGNMENT:
  - the solution gets full marks and no hint, the stubs get nothing
  - every wrong answer in misconceptions/ loses points on its own question and on no other, and is named by its sentence
  - every other right answer there gets full marks
  - mechanical mutants of the solution (another operator, axis, constant …) are refused
  - every check decides something

The outcome of each answer is kept, and the answer is not run again before the solution, the checks, the answer or
the grader changes. What might have ended otherwise at another time, such as a call that took too long, is not kept.

What does not hold is listed below the table. Mutants that are as right as the solution, and checks to keep anyway, are
declared with a reason in misconceptions/audit.toml; see docs/auditing.md.

\b
Examples:
  grader audit assignment2
  grader audit assignment2 -q relu_backward     (while you write it)
  grader audit assignment2 --fresh              (whatever is kept)
  grader audit assignment2 --json audit.json
  grader audit assignment2 --unexplained graded/    (what to describe next)

\b
Exit codes:
  0    all is proven
  1    something is not
  2    the command or the assignment's files are wrong; one line says what
  3    a fault of the grader itself
  130  interrupted (Ctrl-C)
"""


@click.command("audit", help=HELP)
@click.argument("assignment")
@questions_option
@click.option("-j", "--jobs", type=click.IntRange(1, 64), metavar="N", help="How many answers to run at once.")
@click.option("--fresh", is_flag=True, help="Run all answers again, also those whose outcome is kept from before.")
@click.option("--json", "json_file", metavar="FILE", help="Write what was found as JSON, too; - for standard output.")
@click.option(
    "--unexplained",
    "results",
    metavar="RESULTS",
    multiple=True,
    help="List instead the wrong answers in these graded reports (files or folders) that no misconception explains.",
)
def command(
    assignment: str,
    questions: tuple[str, ...],
    jobs: int | None,
    fresh: bool,
    json_file: str | None,
    results: tuple[str, ...],
) -> int:
    """Grade the grader: prove that the checks of ASSIGNMENT tell right from wrong."""
    wanted = names_of(questions, "audit")
    target = Target("--json", json_file) if json_file is not None else None

    from grader.authoring.audit import audit
    from grader.checking.assignment import find_assignment
    from grader.checking.places import cache_folder, shown
    from grader.cli.progressline import ProgressLine
    from grader.cli.proof import show
    from grader.processes.pool import cores
    from grader.reports.console import console_for

    here = Path.cwd()
    found, _ = find_assignment(assignment, here)
    if results:
        return _unexplained(found.name, results, wanted, target)
    if found.published:
        raise InputError(f"{shown(found.folder, here)} is what students get: audit where solutions/{found.name} is")
    with ProgressLine() as progress:
        result = audit(found, wanted, hands=jobs or cores(), cache=cache_folder(), fresh=fresh, on_progress=progress)
    if target is not None:
        from grader.checking.strictjson import dump

        target.write(dump(result.to_dict()))
    to_stdout = target is not None and target.standard
    console = console_for(sys.stderr if to_stdout else sys.stdout, os.environ)
    show(console, result, found.title)
    return result.exit_code


def _unexplained(assignment: str, results: tuple[str, ...], wanted: list[str], target: Target | None) -> int:
    """List what the catalogue does not explain of graded submissions: what to describe next."""
    from grader.authoring.unexplained import group_unexplained, read_results, render

    reports = [report for report in read_results(map(Path, results)) if report.get("assignment") == assignment]
    if not reports:
        raise InputError(f"none of the reports is about {assignment}: give those that grader run {assignment} wrote")
    groups = [group for group in group_unexplained(reports) if not wanted or group.question in wanted]
    if target is not None:
        from dataclasses import asdict

        from grader.checking.strictjson import dump

        target.write(dump({"schema": "grader.unexplained/1", "groups": [asdict(group) for group in groups]}))
    click.echo(render(groups), nl=False, err=target is not None and target.standard)
    return 0
