"""``grader list``: which assignments there are, and which questions, and how far one is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import GraderError, InputError

if TYPE_CHECKING:
    from grader.checking.assignment import Assignment
    from grader.checking.question import Question

__all__ = ["command"]


HELP = """Show the assignments around here, or the questions of ASSIGNMENT and how far your code is.

Your code is read, not run: "started" says that something is written, not that it is right.

\b
Examples:
  grader list
  grader list assignment2

\b
Exit codes:
  0    shown
  2    there is no such assignment, or its files are wrong; one line says what
"""


@click.command("list", help=HELP)
@click.argument("assignment", required=False)
def command(assignment: str | None) -> int:
    """Show the assignments around here, or the questions of ASSIGNMENT and how far your code is."""
    if assignment is None:
        return _assignments(Path.cwd())
    return _questions(assignment, Path.cwd())


def _assignments(here: Path) -> int:
    from grader.checking.assignment import list_assignments, load_assignment
    from grader.checking.places import shown
    from grader.reports.console import console_for
    from grader.reports.findings import number
    from grader.reports.listing import Row, show

    found = list_assignments(here)
    if not found:
        raise InputError(
            f"no assignments: neither solutions/ nor assignments/ is in {here} or above it; change to where they are"
        )
    rows = []
    for name, folders in sorted(found.items()):
        places = ", ".join(shown(folder.parent, here) for folder in folders)
        try:
            config = load_assignment(folders[0])
            rows.append(Row((name, number(config.points), places, config.title)))
        except GraderError as error:
            rows.append(Row((name, "", places, str(error)), ("", "", "", "red")))
    console = console_for(sys.stdout, os.environ)
    show(console, ("assignment", "points", "where", "title"), rows)
    return 0


def _questions(name: str, here: Path) -> int:
    from grader.checking.assignment import find_assignment
    from grader.checking.places import shown
    from grader.reports.console import console_for
    from grader.reports.findings import Scene, number
    from grader.reports.listing import Row, show
    from grader.reports.terminal import heading

    assignment, work = find_assignment(name, here)
    questions = assignment.questions()
    states = _states(assignment, work, questions)
    styles = {"started": "green", "not started": "dim"}
    rows = [
        Row(
            (question.name, number(question.points), states[question.name], question.file, question.title),
            ("", "", styles.get(states[question.name], "red"), "", ""),
        )
        for question in questions
    ]
    console = console_for(sys.stdout, os.environ)
    console.print(heading(assignment.name, Scene(assignment.title)))
    show(console, ("question", "points", "your code", "file", "title"), rows)
    total = number(sum(question.points for question in questions))
    where = f"Your code: {shown(work, here)}" if work is not None else "There is no folder for your code yet"
    console.print(f"\n{len(questions)} questions, {total} points. {where}.")
    return 0


def _states(assignment: Assignment, work: Path | None, questions: list[Question]) -> dict[str, str]:
    """Return how far the student's code for each question is."""
    from grader.checking.places import file_of
    from grader.checking.progress import states
    from grader.checking.submission import open_submission
    from grader.errors import SubmissionError

    if work is None:
        return dict.fromkeys((question.name for question in questions), "–")
    try:
        submission = open_submission(work, assignment)
    except SubmissionError:  # none of the files is there
        return dict.fromkeys((question.name for question in questions), "missing file")
    found: dict[str, str] = {}
    for file in {question.file for question in questions}:
        names = [question.name for question in questions if question.file == file]
        found |= states(file_of(submission, file), names)
    return found
