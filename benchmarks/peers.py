"""Grades the same class with nbgrader, with otter-grader and with ours, on the same cores, and prints the ratios.

Usage: python benchmarks/peers.py [STUDENTS] [--cache FOLDER]

Twelve functions of assignment2 that take a student's code next to no time, handed in by a class in which every second
student has one of them wrong. nbgrader and otter-grader get them as a notebook whose tests do what our checks do. Each
is installed into an environment of its own, in FOLDER, by default in the user's cache.

What is timed is each one's own way to grade without containers, until there is something for each student to read:
``nbgrader autograde`` and ``nbgrader generate_feedback`` of the class, and ``otter run`` of each submission, which run
student code with the powers of who grades it; and ``grader grade`` of ten times as many students, which keeps all of
them apart in processes with the best isolation that there is here, looks for the mistake behind each wrong answer, and
writes a page for each student. The time to start is left out for ours and for nbgrader, by difference between
a smaller and a larger class; otter-grader starts anew for each submission.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import classes
import machine
import peer_notebook
from platformdirs import user_cache_dir
from students import catalogue

from grader.checking.assignment import Assignment

SEED = 20_261_109
BUDGET = 50
PEERS = {"nbgrader": ["nbgrader==0.9.6", "numpy"], "otter": ["otter-grader==7.0.0", "numpy", "ipykernel", "pandas"]}
MORE = 10  # times as many for ours, which would else be over too soon to be measured

Files = Mapping[str, bytes]
Graded = tuple[Mapping[str, float], list[float]]  # what it took for a submission, and everybody's points


class PeerError(Exception):
    """A peer cannot be installed, or does not do here what it should."""


def group(assignment: Assignment, count: int) -> list[Files]:
    """Return what a class hands in: the solution and answers with one function wrong, by turns."""
    files = classes.solution_files(assignment)
    wrong = itertools.cycle(catalogue(assignment, right=False))
    return [files if number % 2 == 0 else next(wrong).files for number in range(count)]


def installed(name: str, cache: Path) -> Path:
    """Return the folder of programs of a peer, installed where it is not yet."""
    folder = cache / name
    programs = folder / "bin"
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(programs / "python"), "-m", "pip", "install", "--quiet", *PEERS[name]])
        (folder / "whole").touch()
    return programs


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    there = os.environ | {
        "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    }  # theirs call each other
    done = subprocess.run(
        command, cwd=folder, env=there, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise PeerError(f"{' '.join(command[:4])} … ended with {done.returncode}: {done.stdout[-800:]}")
    return done.stdout


def _timed(command: Sequence[str], folder: Path) -> float:
    began = time.perf_counter()
    _run(command, folder)
    return time.perf_counter() - began


def _write(notebook: peer_notebook.Notebook, path: Path) -> None:
    path.write_text(json.dumps(notebook), encoding="utf-8")


def nbgrader(programs: Path, folder: Path, group: Sequence[Files], solution: Files) -> Graded:
    """Return the seconds for each step of a submission, and everybody's points."""
    source = folder / "source" / "twelve"
    source.mkdir(parents=True)
    _write(peer_notebook.for_nbgrader(solution), source / "twelve.ipynb")
    command = [str(programs / "python"), "-m", "nbgrader"]
    _run([*command, "generate_assignment", "twelve"], folder)
    released = json.loads((folder / "release" / "twelve" / "twelve.ipynb").read_bytes())
    for number, files in enumerate(group):
        place = folder / "submitted" / f"student{number:03d}" / "twelve"
        place.mkdir(parents=True)
        _write(peer_notebook.handed_in(released, files), place / "twelve.ipynb")
    seconds = {}
    for step in ("autograde", "generate_feedback"):
        few = _timed([*command, step, "twelve", "--student=student000"], folder)
        whole = _timed([*command, step, "twelve", "--force"], folder)
        seconds[step] = (whole - few) / (len(group) - 1)
    _run([*command, "export"], folder)
    with (folder / "grades.csv").open(newline="") as file:
        points = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    return seconds, [points[name] for name in sorted(points)]


def otter(programs: Path, folder: Path, group: Sequence[Files], solution: Files) -> Graded:
    """Return the seconds for each step of a submission, and everybody's points."""
    folder.mkdir(parents=True)
    _write(peer_notebook.for_otter(solution), folder / "twelve.ipynb")
    _run([str(programs / "otter"), "assign", "--no-pdfs", "twelve.ipynb", "dist"], folder)
    released = json.loads((folder / "dist" / "student" / "twelve.ipynb").read_bytes())
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    seconds, points = [], []
    for number, files in enumerate(group):
        path = folder / f"student{number:03d}.ipynb"
        _write(peer_notebook.handed_in(released, files), path)
        results = folder / f"results{number:03d}"
        results.mkdir()
        command = [str(programs / "otter"), "run", "--no-logo", "-a", str(archive), "-o", str(results), str(path)]
        seconds.append(_timed(command, folder))
        tests = json.loads((results / "results.json").read_text(encoding="utf-8"))["tests"]
        points.append(sum(test.get("score", 0.0) for test in tests if test.get("max_score")))
    return {"run": statistics.mean(seconds)}, points


def ours(assignment: Assignment, folder: Path, group: Sequence[Files], jobs: int) -> tuple[float, list[float]]:
    """Return the seconds for a submission, and everybody's points, of as many as there are questions."""

    def graded(times: int, name: str) -> float:
        for number, files in enumerate(list(group) * times):
            classes.write(folder / name / f"student{number:05d}", files)
        began = time.perf_counter()
        options = ("--seed", str(SEED), "-j", str(jobs))
        with classes.grading(assignment, folder / name, folder / f"{name}.out", folder / "scratch", *options) as grade:
            if grade.wait():
                raise PeerError(classes.log_of(folder / f"{name}.out").read_text(encoding="utf-8"))
        return time.perf_counter() - began

    graded(1, "first")  # fills the caches
    seconds = graded(1 + MORE, "large") - graded(1, "small")
    with (folder / "small.out" / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    tenths = [sum(float(row[name]) > 0 for name in classes.TWELVE) for row in rows]
    return seconds / (MORE * len(group)), [float(number) for number in tenths]


def main(count: int, cache: Path) -> None:
    """Grade with all of them, and print the table."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(classes.ROOT):
        folder = Path(name)
        folder.chmod(0o755)
        assignment = classes.part(classes.TWELVE, folder / "assignment")
        everybody, solution = group(assignment, count), classes.solution_files(assignment)
        print(
            f"{count} students (ours: {MORE * count}), {len(classes.TWELVE)} functions, every second student has one"
            " wrong; nbgrader autograde and otter run without containers against grader grade with full isolation, or"
            " lite where there is no better; time to start left out but for otter-grader, which starts for each"
        )
        taken: dict[int, float] = {}
        for jobs in (1, 2):
            taken[jobs], _ = ours(assignment, folder / f"ours{jobs}", everybody, jobs)
            print(f"ours, {jobs} jobs: {taken[jobs]:.3f} s for a submission; {machine.busy()}", flush=True)
        for name, peer in (("nbgrader", nbgrader), ("otter", otter)):
            try:
                steps, points = peer(installed(name, cache), folder / name, everybody, solution)
            except PeerError as error:
                print(f"{name}: it does not run here, so nothing is compared: {error}")
                continue
            whole = sum(point == len(classes.TWELVE) for point in points)
            seconds = sum(steps.values())
            parts = " + ".join(f"{step} {part:.2f} s" for step, part in steps.items())
            print(
                f"{PEERS[name][0]}: {parts} for a submission ({whole} of {len(points)} have every point):"
                f" {seconds / taken[1]:.0f} times ours with one job, {seconds / taken[2]:.0f} times ours with two;"
                f" budget: at least {BUDGET}; {machine.busy()}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("students", type=int, nargs="?", default=10)
    parser.add_argument("--cache", type=Path, default=Path(user_cache_dir("grader-benchmarks")))
    given = parser.parse_args()
    main(given.students, given.cache.absolute())
