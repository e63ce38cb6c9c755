"""Measures the budgets of `grader audit` on two cores: assignment2 in two minutes, one question in three seconds.

All are audited once more with what was kept of the first time.

Usage: python benchmarks/audit.py [QUESTION ...]

With questions, these are audited instead of all. Right answers are worked out before the clock starts, as they are for
an author who audits again and again.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from grader.authoring.audit import audit
from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.submission import open_submission

SOLUTION = Path(__file__).resolve().parents[1] / "solutions" / "assignment2"
ONE = "relu_backward"
WHOLE_SECONDS, ONE_SECONDS = 120, 3


def processor_seconds() -> float:
    """Return what this process and those that it waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(names: list[str], cache: Path, budget: float, *, fresh: bool) -> None:
    """Audit questions and print what it takes."""
    hands = len(os.sched_getaffinity(0))
    before, began = processor_seconds(), time.perf_counter()
    result = audit(load_assignment(SOLUTION), names, hands=hands, cache=cache, fresh=fresh)
    wall, used = time.perf_counter() - began, processor_seconds() - before
    answers = sum(question.wrong + question.right for question in result.questions)
    mutants = sum(question.mutants for question in result.questions)
    print(
        f"{', '.join(names) or 'all questions'}, {result.kept} of {result.answers} outcomes kept:"
        f" {wall:.1f} s on {hands} cores, {wall / budget:.2f} of the budget; {used:.0f} s of processor time for"
        f" {answers} answers and {mutants} mutants ({1000 * used / max(answers + mutants, 1):.0f} ms each)"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        assignment = load_assignment(SOLUTION)
        report = run(assignment, open_submission(SOLUTION, assignment), Options(cache=Path(folder)))
        assert report.complete, report.score
        measure([ONE], Path(folder), ONE_SECONDS, fresh=True)
        measure(sys.argv[1:], Path(folder), WHOLE_SECONDS, fresh=True)
        measure(sys.argv[1:], Path(folder), ONE_SECONDS, fresh=False)
