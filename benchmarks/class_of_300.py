"""Shows that a class gets the same grades whatever happens: killed on the way, other jobs, another order.

Usage: python benchmarks/class_of_300.py [STUDENTS]

A class of 300 (or as many as are said), made of right, wrong, unfinished, broken and hostile submissions to twelve
questions of assignment2, is graded in one go; once more, killed with SIGKILL twice and gone on with, and then with one
of its processes killed alone; and in another order. Exits with 1 where anything differs or is left behind.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import Popen
from typing import Any

import classes
import machine
from students import KINDS, VICTIM, Student, students

from grader.classroom.record.attempt import Attempt
from grader.classroom.record.results import Results
from grader.classroom.terms import basis_of

SEED = 20_261_109
LIMITS = {"call_seconds": 2, "question_seconds": 6, "memory_mb": 1024}  # so that it ends soon for the hostile ones, too
PATIENCE = 20.0  # seconds in which what is left by a killed process has to be gone
_TIMES = {"seconds", "student_seconds"}

Grades = Mapping[str, Attempt]


class Class:
    """A class, and what is done with it. ``found`` are the sentences that nobody wants to read."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.assignment = classes.part(classes.TWELVE, folder / "twelve", LIMITS)
        made = students(self.assignment, classes.PUBLISHED, count)
        self.students = {f"student{number:04d}": student for number, student in enumerate(made)}
        self.found: list[str] = []

    def handed_in(self, names: Mapping[str, str], place: str) -> Path:
        """Write all submissions, each by the name that is given for it."""
        for name, student in self.students.items():
            student.write(self.folder / place, names[name])
        return self.folder / place

    def grade(self, submissions: Path, out: str, *more: str) -> float:
        """Grade in one go, and return the seconds."""
        began = time.perf_counter()
        with self._started(submissions, out, *more) as process:
            self._finished(process, out)
        self._nothing_left(out)
        return time.perf_counter() - began

    def grade_killed(self, submissions: Path, out: str, jobs: int) -> float:
        """Grade; kill all of it after a third and after more than half; kill one process later; return the seconds."""
        began = time.perf_counter()
        options = ("--seed", str(SEED), "-j", str(jobs))
        before = 0
        for share in (0.3, 0.6):
            with self._started(submissions, out, *options) as process:
                self._after(process, out, share)
                process.send_signal(signal.SIGKILL)
                process.wait()
            self._nothing_left(out)
            stored = len(self.grades(out))
            print(f"killed with SIGKILL: {stored} of {len(self.students)} grades are stored", flush=True)
            if not before < stored < len(self.students):
                self.found.append(f"a kill came too early or too late ({stored} grades), so it shows nothing")
            before = stored
        with self._started(submissions, out, *options) as process:
            self._after(process, out, 0.8)
            examiner = next(one for one in machine.all_below(process.pid) if one.is_examiner)
            os.kill(examiner.number, signal.SIGKILL)
            self._finished(process, out)
        self._nothing_left(out)
        return time.perf_counter() - began

    def grades(self, out: str) -> Grades:
        """Return what is stored."""
        with Results.open(self.folder / out, basis_of(self.assignment, SEED)) as results:
            return {attempt.key: attempt for attempt in results.latest()}

    def compare(self, what: str, first: Grades, second: Grades, names: Mapping[str, str]) -> None:
        """Note who has other grades, or other words."""
        for name, student in self.students.items():
            one, other = first.get(name), second.get(names[name])
            if one is None or other is None:
                self.found.append(f"{what}: {name} has no result")
            elif (difference := _difference(_grade(one), _grade(other), "")) is not None:
                self.found.append(f"{what}: {name} ({self._told(name)}) has another grade: {difference}")
            elif (difference := _difference(_words(one, student), _words(other, student), "")) is not None:
                self.found.append(
                    f"{what}: {name} ({self._told(name)}) has the same grade in other words: {difference}"
                )
        if len(second) != len(self.students):
            self.found.append(f"{what}: {len(second)} results for {len(self.students)} submissions")

    def judge(self, grades: Grades) -> None:
        """Note whose grade is not what it should be, whatever happens."""
        for name, student in self.students.items():
            attempt = grades[name]
            points, whole = _points(attempt, "score"), _points(attempt, "max_score")
            asked = [student.question] if student.question else list(whole)
            if attempt.state == "fault":
                self.found.append(f"{name} ({self._told(name)}): a fault of the grader's: {attempt.problem}")
            elif student.kind == "right" and any(points[question] != whole[question] for question in asked):
                self.found.append(f"{name} ({self._told(name)}) does not have every point")
            elif student.kind == "wrong" and all(points[question] == whole[question] for question in asked):
                self.found.append(f"{name} ({self._told(name)}) has every point")
            elif student.kind == "hostile" and points.get(VICTIM):
                self.found.append(f"{name} ({self._told(name)}) has points for {VICTIM}")

    def table(self, grades: Grades) -> None:
        """Print how each kind did."""
        print(f"{'':12}{'students':>9}{'graded':>8}{'refused':>9}{'faults':>8}{'mean':>7}{'named':>7}  what was seen")
        for kind in KINDS:
            those = [grades[name] for name, student in self.students.items() if student.kind == kind]
            states = Counter(attempt.state for attempt in those)
            shares = [one.score / one.max_score for one in those if one.score is not None and one.max_score]
            mean = f"{sum(shares) / len(shares):.0%}" if shares else "-"
            named = sum(any(check["misconception"] for check in _checks(one)) for one in those)
            seen = Counter(word for one in those for word in {check["status"] for check in _checks(one)})
            words = ", ".join(f"{word} {number}" for word, number in seen.most_common() if word != "passed")
            print(
                f"{kind:12}{len(those):>9}{states['graded']:>8}{states['refused']:>9}{states['fault']:>8}{mean:>7}"
                f"{named:>7}  {words}"
            )

    def _told(self, name: str) -> str:
        student: Student = self.students[name]
        return f"{student.kind}: {student.what}"

    def _started(self, submissions: Path, out: str, *more: str) -> Any:
        return classes.grading(self.assignment, submissions, self.folder / out, self.folder / f"{out}.scratch", *more)

    def _finished(self, process: Popen[bytes], out: str) -> None:
        if process.wait() not in (0, 1):
            log = classes.log_of(self.folder / out).read_text(encoding="utf-8", errors="replace")
            self.found.append(f"{out}: grader grade ended with {process.returncode}: {log[-500:]}")

    def _after(self, process: Popen[bytes], out: str, share: float) -> None:
        """Wait until a share of the class is graded."""
        while process.poll() is None:
            if classes.done(self.folder / out) >= share * len(self.students):
                return
            time.sleep(0.02)
        self.found.append(f"{out}: grader grade ended before it could be killed")

    def _nothing_left(self, out: str) -> None:
        for process in machine.left_behind(PATIENCE):
            self.found.append(f"{out}: a process is left: {process.command or process.number}")
        for path in sorted((self.folder / f"{out}.scratch").iterdir()):
            self.found.append(f"{out}: a temporary file is left: {path.name}")


def _checks(attempt: Attempt) -> Sequence[Mapping[str, Any]]:
    return [check for question in (attempt.report or {}).get("questions", ()) for check in question["checks"]]


def _points(attempt: Attempt, which: str) -> Mapping[str, float]:
    return {question["id"]: question[which] for question in (attempt.report or {}).get("questions", ())}


def _grade(attempt: Attempt) -> Any:
    """Return what decides: points, statuses, and the names of mistakes."""
    decided = [{name: check[name] for name in ("id", "score", "status", "misconception")} for check in _checks(attempt)]
    return {"state": attempt.state, "score": attempt.score, "points": _points(attempt, "score"), "checks": decided}


def _words(attempt: Attempt, student: Student) -> Any:
    """Return all else that is told, without the submission's own name.

    What hostile code printed is left out: it is ended in the middle, sooner or later.
    """
    text = json.dumps({"problem": attempt.problem, "report": attempt.report})
    words = json.loads(text.replace(attempt.key, "it"))
    for question in (words["report"] or {}).get("questions", ()) if student.kind == "hostile" else ():
        for check in question["checks"]:
            check["details"].pop("output", None)
    return words


def _difference(one: Any, other: Any, place: str) -> str | None:
    """Return where two reports differ first, times and names aside; None if they do not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in _TIMES:
                found = _difference(one.get(key), other.get(key), f"{place}.{key}" if place else key)
                if found is not None:
                    return found
        return None
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            if (found := _difference(*pair, f"{place}[{index}]")) is not None:
                return found
        return None
    return None if one == other else f"{place}: {str(one)[:200]!r}, then {str(other)[:200]!r}"


def main(count: int) -> int:
    """Grade three times, compare, and return the exit code."""
    machine.adopt_orphans()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        group = Class(folder, count)
        same = {name: name for name in group.students}
        other = {name: f"by{count - number:04d}" for number, name in enumerate(group.students)}
        submissions = group.handed_in(same, "class")
        seconds = group.grade(submissions, "whole", "--seed", str(SEED), "-j", "2")
        whole = group.grades("whole")
        print(f"{count} submissions, {len(classes.TWELVE)} questions, two jobs: {seconds:.0f} s; {machine.busy()}")
        group.table(whole)
        group.judge(whole)
        seconds = group.grade_killed(submissions, "killed", 3)
        print(f"killed twice, three jobs: {seconds:.0f} s; {machine.busy()}", flush=True)
        group.compare("killed twice", whole, group.grades("killed"), same)
        seconds = group.grade(group.handed_in(other, "other"), "reordered", "--seed", str(SEED), "-j", "1")
        print(f"in another order, one job: {seconds:.0f} s; {machine.busy()}", flush=True)
        group.compare("in another order", whole, group.grades("reordered"), other)
    print("\n".join(group.found) or f"all {count} have a result, the same each time; nothing is left behind")
    return 1 if group.found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
