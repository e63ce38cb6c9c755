"""``grader grade``: grade a whole class."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import GraderError, InputError
from grader.sandbox.isolation import TIERS

if TYPE_CHECKING:
    from grader.checking.assignment import Assignment
    from grader.classroom.crew import Crew
    from grader.classroom.grading import Standing

__all__ = ["command"]


HELP = """Grade all SUBMISSIONS for ASSIGNMENT, and keep everything in DIR.

SUBMISSIONS is a folder with one folder or archive per student, or what Gradescope, Canvas or Moodle let you download,
packed or not. It is only read. Student code is kept apart from the grader, from the machine and from the next student.

\b
In DIR you find:
  class-report.html  how the class did, what most got wrong and why, who needs a
                     look from you; also as .txt and .json
  gradebook.csv      a row for each student, a column for each question
  reports/           all that is known of each submission, as JSON: for you
  feedback/          for each student, as .html and .txt; what is hidden stays so
  results.sqlite     all of it, and every earlier attempt

Nothing is lost: each grade is stored at once. If this is interrupted, however it is, the same command goes on where it
was. Once all are graded, it grades what is new or changed: a submission, the assignment, or the grader itself.

\b
Examples:
  grader grade assignment2 submissions/ --out graded/
  grader grade assignment2 submissions.zip --out graded/ -j 8
  grader grade assignment2 submissions/ --out again/ --seed 123456     (the same grades again)
  grader grade assignment2 submissions/ --out graded/ --scheduler tcp://host:8786     (see docs/cluster.md)

\b
Exit codes:
  0    everybody has a grade
  1    some submissions cannot be graded; the class report says which and why
  2    the command, the assignment or SUBMISSIONS is wrong; one line says what
  3    a fault of the grader itself; who met it has no grade, and nobody loses points
  130  interrupted (Ctrl-C)
"""


@click.command("grade", help=HELP)
@click.argument("assignment")
@click.argument("submissions")
@click.option("--out", "out", metavar="DIR", required=True, help="Where results are kept; made if it is not there.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), metavar="N", help="How many to grade at once.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="Draw inputs from this seed, e.g. that of an earlier report. Without it, from a secret one, new for each DIR.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Grade those anew, too, whose grade still holds. If interrupted, it goes on when given again.",
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", *TIERS]),
    default="auto",
    show_default=True,
    help="How student code is kept apart; auto takes full, or else lite, and never process. See grader doctor.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Grade on the workers of the dask.distributed cluster whose scheduler this is, e.g. tcp://host:8786. There, -j"
    " is by default twice the number of its threads.",
)
def command(
    assignment: str,
    submissions: str,
    out: str,
    jobs: int | None,
    seed: int | None,
    force: bool,
    isolation: str,
    scheduler: str | None,
) -> int:
    """Grade all SUBMISSIONS for ASSIGNMENT, and keep everything in DIR."""
    if not submissions:
        raise InputError("SUBMISSIONS is empty: give a folder or an archive")
    if not out:
        raise InputError("--out is empty: give a folder for the results")
    if scheduler is not None and not scheduler:
        raise InputError("--scheduler is empty: give an address, e.g. tcp://host:8786")

    from grader.checking.assignment import find_assignment

    found, _ = find_assignment(assignment, Path.cwd())
    source, folder = Path(submissions).expanduser(), Path(out).expanduser()
    if folder.resolve().is_relative_to(source.resolve()):
        raise InputError(f"--out {out} lies within {submissions}: give a folder elsewhere, or it is graded, too")
    if folder.resolve().is_relative_to(found.folder.resolve()):
        raise InputError(f"--out {out} lies within the assignment, which it would change: give a folder elsewhere")
    return _grade(found, source, folder, jobs, seed, isolation, scheduler, force=force)


def _grade(
    found: Assignment,
    source: Path,
    folder: Path,
    jobs: int | None,
    seed: int | None,
    isolation: str,
    scheduler: str | None,
    *,
    force: bool,
) -> int:
    from grader.checking.places import cache_folder, shown
    from grader.classroom.crew import cluster_crew, local_crew
    from grader.classroom.grading import grade
    from grader.classroom.intake.downloads import open_downloads
    from grader.classroom.record.results import FILE, Results
    from grader.classroom.terms import Terms, basis_of
    from grader.cli.classfiles import ClassFiles
    from grader.cli.classprogress import ClassProgress
    from grader.processes.pool import cores
    from grader.reports.console import console_for
    from grader.sandbox.isolation import enough
    from grader.sandbox.text import listed

    if found.published:
        click.echo(f"{shown(found.folder, Path.cwd())} is what students get: its hidden checks do not count", err=True)
    console = console_for(sys.stdout, os.environ)
    places = [place for entry in found.files for place in (entry.name, *entry.aliases)]
    basis = basis_of(found, secrets.randbits(62) if seed is None else seed)
    interrupted = False
    problem: GraderError | None = None
    with open_downloads(source, places) as downloads, Results.open(folder, basis, reseed=seed is not None) as results:
        for note in downloads.notes:
            console.print(note, style="dim")
        questions = found.questions()
        preload = ("torch",) if any("torch" in question.needs for question in questions) else ()
        terms = Terms(found.folder, results.basis.seed, isolation, cache_folder(), preload)

        def tell(line: str) -> None:
            console.print(line, style="dim", markup=False, soft_wrap=True)

        def crew() -> Crew:
            if scheduler is None:
                return local_crew(terms, jobs or cores())
            return cluster_crew(terms, scheduler, jobs, tell)

        decided, graded = set[str](), 0
        with ClassProgress(console, len(downloads.submissions)) as progress:

            def on_progress(standing: Standing) -> None:
                nonlocal graded
                decided.add(standing.last)
                graded = standing.now
                progress(standing)

            try:
                grade(found, downloads, results, crew, tiers=enough(isolation), force=force, on_progress=on_progress)
            except KeyboardInterrupt:
                interrupted = True
            except GraderError as error:
                problem = error
        files = ClassFiles(found, questions, results, folder, downloads.submissions, decided)
        if problem is not None:
            if graded:  # else all files are as good as they were
                files.write()
            raise problem
        overview = files.write()
        console.print(files.overview(overview, console.width))
        if files.gone:
            tell(
                f"{len(files.gone)} graded before and not in {source} any more ({listed(files.gone)}): left out here,"
                f" and kept in {FILE}"
            )
    click.echo(f"All of it is in {shown(folder, Path.cwd())}", err=True)
    if interrupted:
        click.echo("grader: interrupted: every grade so far is kept, and the same command goes on", err=True)
        return 130
    return 3 if overview.faults else 1 if overview.refused else 0
