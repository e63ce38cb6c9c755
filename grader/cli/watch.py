"""``grader watch``: check one's code again on every save."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from grader.cli.questions import names_of
from grader.cli.questions import option as questions_option
from grader.errors import InputError

__all__ = ["command"]


HELP = """Check your code for ASSIGNMENT again each time you save a file.

Only the questions that the saved change can affect are checked: a function, and all that uses it, also from another
file. Comments and layout affect nothing. Leave it running beside your editor; it says what went right, what broke,
and what to do next.

\b
Keys:
  n         the next question that is not right, and only that
  a, Enter  check all questions
  h         hint: all there is to tell about the question in the foreground
  o         open the whole report in a browser
  q         quit
  ?         these keys

\b
Examples:
  grader watch assignment2
  grader watch assignment2 -q conv_forward_naive -q conv_backward_naive
  grader watch assignment2 --submission ~/inbox/kim

\b
Exit codes:
  0    you quit, and every question is right
  1    you quit, and points are missing
  2    the command, the assignment or the folder is wrong; one line says what
  3    a fault of the grader itself: it costs no points
  130  interrupted (Ctrl-C)
"""


@click.command("watch", help=HELP)
@click.argument("assignment")
@click.option("--submission", metavar="PATH", help="Watch the files in this folder instead of your own.")
@questions_option
def command(assignment: str, submission: str | None, questions: tuple[str, ...]) -> int:
    """Check your code for ASSIGNMENT again each time you save a file."""
    wanted = names_of(questions, "watch")
    if submission == "":
        raise InputError("--submission is empty: give a folder, or leave it out to watch your own code")

    from grader.checking.assignment import find_assignment
    from grader.checking.places import cache_folder, file_of, shown
    from grader.checking.submission import open_submission
    from grader.checking.workshop import Workshop
    from grader.reports.console import console_for
    from grader.reports.findings import Scene
    from grader.watching.keyboard import open_keyboard
    from grader.watching.screen import Screen
    from grader.watching.watch import Watch

    here = Path.cwd()
    found, work = find_assignment(assignment, here)
    if submission is None and work is None:
        raise InputError(
            f"{found.name} has no folder in assignments/ to watch:"
            f" run grader publish {found.name} to make it, or give a folder with --submission"
        )
    root = Path(submission).expanduser() if submission is not None else work or here
    with Workshop(found.folder, cache_folder(), device="cpu") as workshop:
        chosen = workshop.questions(wanted)
        opened = open_submission(root, found)
        files = {question.name: file_of(opened, question.file) for question in chosen}
        places = {name: shown(path, opened.root) for name, path in files.items() if path is not None}
        scene = Scene(found.title, f"grader run {assignment}", places)
        console = console_for(sys.stdout, os.environ)
        keyboard = open_keyboard(sys.stdin)
        screen = Screen(console, found.name, scene, keys=keyboard.present)
        if not keyboard.present:
            screen.say("Standard input is no terminal, so there are no keys; Ctrl-C ends this.")
        page = workshop.assignment.place_in(cache_folder(), "watch") / "report.html"
        names = [question.name for question in chosen]
        return Watch(workshop, lambda: open_submission(root, workshop.assignment), names, screen, page).run(keyboard)
