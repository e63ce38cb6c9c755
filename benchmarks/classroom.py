"""Measures the budgets of grading a class, as ratios within one run. It needs a machine with nothing else to do.

Usage: python benchmarks/classroom.py [ratio | jobs | memory] [NUMBER]

``ratio`` (NUMBER submissions for each figure, 10 by default): the time for a submission against that in its own code,
where all answer alike, as most do in most cases, and where nobody answers as another.
``jobs`` (NUMBER submissions, 20 by default): how much sooner two jobs are done than one.
``memory`` (NUMBER submissions, 10000 by default): what the grader's own processes take, from first to last.
Without either, all three.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import classes
import machine

import grader.classroom.examiner as examining
from grader.checking.assignment import Assignment, load_assignment
from grader.checking.engine import Runner
from grader.checking.memory import Memory
from grader.checking.precedents import Precedents
from grader.checking.report import Report
from grader.classroom.crew import local_crew
from grader.classroom.examiner import Task, examiner
from grader.classroom.intake.parcel import Parcel
from grader.classroom.terms import Terms
from grader.sandbox.choice import attempt
from grader.sandbox.isolation import TIERS
from grader.sandbox.server import WarmServer

SEED = 20_261_109  # another than the assignment's, as in class grading
SHARE, FLAT = 1.3, 0.05
SPEED_UP = 1.8
SAMPLES = 30  # from fewer, nothing can be told
ROOM = 2**26
WARM = 2  # submissions for each process before anything counts


@dataclass
class Meter:
    """What the student's code took in all runs, on the wall and as calls."""

    seconds: float = 0.0
    calls: int = 0

    def runner(self) -> type[Runner]:
        """Return runs that are counted."""

        class Counted(Runner):
            def report(this) -> Report:  # noqa: N805  # the meter is self
                line = this.student.line
                seconds, calls = line.wall_seconds, line.calls
                report = super().report()
                assert report.complete, report.score
                self.seconds += line.wall_seconds - seconds
                self.calls += line.calls - calls
                return report

        return Counted


def terms(assignment: Assignment, tier: str, cache: Path) -> Terms:
    """Return the terms of grading a class."""
    preload = ("torch",) if any("torch" in question.needs for question in assignment.questions()) else ()
    return Terms(assignment.folder, SEED, tier, cache, preload)


def tasks(assignment: Assignment) -> Iterator[Task]:
    """Yield right submissions without end."""
    parcel = Parcel(classes.solution_files(assignment))
    return (Task(f"student{number:05d}", parcel) for number in itertools.count())


def ratio(what: str, assignment: Assignment, tier: str, cache: Path, count: int, room: int) -> None:
    """What a submission takes beside its own code: graded one after the other, by what ``-j 1`` has one process of.

    ``room`` is for answers that others gave before; without any, nobody's are of use for another.
    """
    meter = Meter()
    shares, walls, insides = [], [], []
    with (
        mock.patch.object(examining, "Runner", meter.runner()),
        mock.patch.object(examining, "Memory", return_value=Memory(precedents=Precedents(room))),
        examiner(terms(assignment, tier, cache)) as grade,
    ):
        below = machine.all_below(os.getpid())
        server = next(process for process in below if process.is_server and process.parent == os.getpid())
        waiting = tasks(assignment)
        for _ in range(WARM):
            grade(next(waiting))
        own, workers, calls = time.process_time(), machine.buried_seconds(server.number), meter.calls
        for _ in range(count):
            before, began = meter.seconds, time.perf_counter()
            grade(next(waiting))
            walls.append(time.perf_counter() - began)
            insides.append(meter.seconds - before)
            shares.append(walls[-1] / (SHARE * insides[-1] + FLAT))
        own, workers = time.process_time() - own, machine.buried_seconds(server.number) - workers
    wall, inside = statistics.median(walls), statistics.median(insides)
    print(
        f"{what}, {tier}, answers {'as from others' if room else 'that are new'}: {wall:.3f} s for a submission, of"
        f" which {inside:.3f} s in {(meter.calls - calls) // count}"
        f" calls of student code; processor time: {own / count:.3f} s of the grader's own, {workers / count:.3f} s of"
        f" the workers'. {statistics.median(shares):.2f} of the budget ({SHARE} times student code + {1000 * FLAT:.0f}"
        f" ms; {min(shares):.2f} to {max(shares):.2f}); {machine.busy()}",
        flush=True,
    )


def tiers() -> list[str]:
    """Return the tiers that there are here."""
    with WarmServer() as server:
        return [tier for tier in TIERS if not attempt(server.at(tier)).why]


def ratios(folder: Path, count: int) -> None:
    """All tiers, for the whole assignment, its questions about numpy, and twelve quick ones of them."""
    parts = {
        "assignment2": load_assignment(classes.SOLUTION),
        "its questions about numpy": classes.part(classes.needs_no_torch(), folder / "numpy"),
        "twelve quick questions": classes.part(classes.TWELVE, folder / "twelve"),
    }
    for what, assignment in parts.items():
        for tier in tiers():
            ratio(what, assignment, tier, folder / "cache", count, ROOM)
        ratio(what, assignment, tiers()[0], folder / "cache", count, 0)


def pace(assignment: Assignment, cache: Path, hands: int, count: int) -> float:
    """Return submissions a second while all processes are at work: neither the first nor the last ones count."""
    with local_crew(terms(assignment, "full" if "full" in tiers() else "lite", cache), hands) as crew:
        graded = crew.run(tasks(assignment))
        for done in itertools.islice(graded, WARM * hands):
            assert not done.result().problem
        began = time.perf_counter()
        for done in itertools.islice(graded, count):
            assert not done.result().problem
        return count / (time.perf_counter() - began)


def jobs(folder: Path, count: int) -> None:
    """Two jobs against one."""
    for what, names in {"numpy": classes.needs_no_torch(), "twelve quick": list(classes.TWELVE)}.items():
        assignment = classes.part(names, folder / f"jobs-{what}")
        one, two = (pace(assignment, folder / "cache", hands, count) for hands in (1, 2))
        print(
            f"{what} questions: {60 * one:.0f} submissions a minute with one job, {60 * two:.0f} with two:"
            f" {two / one:.2f} times as many; budget: at least {SPEED_UP}; {machine.busy()}",
            flush=True,
        )


def memory(folder: Path, count: int) -> None:
    """The grader's own processes while ``grader grade`` is at a large class of small submissions.

    They get ready in the first tenth, which is not counted; at the end the files about the class are written.
    """
    assignment = classes.one_question(folder)
    submissions = classes.copies(assignment, count, folder / "class")
    out = folder / "out"
    samples: dict[str, list[tuple[float, int]]] = {}
    began, first = 0.0, 0
    with classes.grading(assignment, submissions, out, folder / "scratch", "--seed", str(SEED)) as grade:
        while grade.poll() is None and (done := classes.done(out)) < count:
            now = time.perf_counter()
            if done:
                if not first:
                    began, first = now, done
                for name, kilobytes in _own(grade.pid).items():
                    samples.setdefault(name, []).append((now - began, kilobytes))
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        while grade.poll() is None:
            samples.setdefault("coordinator, at the end", []).append((0.0, _own(grade.pid)["coordinator"]))
            time.sleep(0.1)
    assert grade.returncode == 0, classes.log_of(out).read_text(encoding="utf-8")
    pace = (count - first) / seconds
    print(f"{count} small submissions: {1000 / pace:.0f} ms each; {machine.busy()}")
    for name, taken in samples.items():
        _print_slope(name, taken, pace)


def _own(coordinator: int) -> dict[str, int]:
    """Return the memory of ``grader grade`` itself, of the processes that grade, and of their servers, in kilobytes."""
    below = machine.all_below(coordinator)
    examiners = [process for process in below if process.is_examiner]
    numbers = {process.number for process in examiners}
    servers = [process for process in below if process.is_server and process.parent in numbers]
    found = {"coordinator": machine.Process(coordinator, 0, "").kilobytes}
    for title, several in (("examiner", examiners), ("server", servers)):
        found |= {f"{title} {process.number}": process.kilobytes for process in several}
    return found


def _print_slope(name: str, taken: list[tuple[float, int]], pace: float) -> None:
    """Print how a process's memory goes, at so many submissions a second."""
    times, sizes = zip(*taken, strict=True)
    text = f"  {name}: {max(sizes) / 1024:.1f} MB at most"
    if len(taken) >= SAMPLES and times[-1] > 0:
        tenth = len(taken) // 10
        slope = statistics.linear_regression(times, sizes).slope / pace * 1000
        share = statistics.mean(sizes[-tenth:]) / statistics.mean(sizes[:tenth])
        text += (
            f", {share:.3f} times as much at last as at first, {slope:+.0f} KB for every 1000 submissions; budget: flat"
        )
    print(text)


def main(what: str, number: int | None) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(classes.ROOT):
        folder = Path(name)
        folder.chmod(0o755)
        if what in ("ratio", ""):
            ratios(folder, number or 10)
        if what in ("jobs", ""):
            jobs(folder, number or 20)
        if what in ("memory", ""):
            memory(folder, number or 10_000)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    wanted = arguments.pop(0) if arguments and not arguments[0].isdigit() else ""
    if wanted not in ("ratio", "jobs", "memory", "") or not all(argument.isdigit() for argument in arguments):
        sys.exit(__doc__)
    main(wanted, int(arguments[0]) if arguments else None)
