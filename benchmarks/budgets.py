"""Measures the budgets of `grader run`, as ratios within one run.

Usage: python benchmarks/budgets.py [REPEATS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from grader.checking import numeric
from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner
from grader.checking.options import Options
from grader.checking.random import Random
from grader.checking.submission import open_submission

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = ROOT / "solutions" / "assignment2"
GRADER = [sys.executable, "-m", "grader", "run", "assignment2", "--submission", str(SOLUTION)]


def seconds(command: list[str]) -> float:
    """Return how long a command takes on the wall."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def startup(repeats: int) -> tuple[float, float]:
    """One question, warm, against the import of torch: pairs in turn, so that a drifting machine harms neither.

    Returns:
        the seconds that each takes.
    """
    one = [*GRADER, "--question", "affine_forward"]
    torch = [sys.executable, "-c", "import torch"]
    seconds(one), seconds(torch)
    pairs = [(seconds(one), seconds(torch)) for _ in range(repeats)]
    ratios = [ours / theirs for ours, theirs in pairs]
    ours = statistics.median(pair[0] for pair in pairs)
    print(
        f"one question, warm: {ours:.2f} s, {statistics.median(ratios):.2f} of `import torch` "
        f"({min(ratios):.2f} to {max(ratios):.2f}); budget: below 1"
    )
    return ours, statistics.median(pair[1] for pair in pairs)


def whole_run(repeats: int, what: str, torch: bool, start: float) -> None:
    """All questions on the solution, against the time inside student code, both on the wall of the same run."""
    assignment = load_assignment(SOLUTION)
    names = [question.name for question in assignment.questions() if torch or "torch" not in question.needs]
    ratios = []
    with tempfile.TemporaryDirectory() as cache:
        for repeat in range(repeats + 1):  # the first fills the cache of right answers
            began = time.perf_counter()
            runner = Runner(assignment, open_submission(SOLUTION, assignment), Options(names, cache=Path(cache)))
            report = runner.run()
            assert report.complete, report.score
            whole, inside = time.perf_counter() - began, runner.student.line.wall_seconds
            if repeat:
                ratios.append(whole / (2 * inside + start))
    print(
        f"{what}: {whole:.2f} s, of which {inside:.2f} s in {runner.student.line.calls} calls of student code; "
        f"{statistics.median(ratios):.2f} of the budget (twice that, plus the start-up; "
        f"{min(ratios):.2f} to {max(ratios):.2f})"
    )


def gradient_calls() -> None:
    """A gradient check makes as many calls for large arrays as for small ones."""
    counts = []
    for size in (3, 300):
        x, w, calls = np.ones((size, size)), np.ones((size, 2)), []

        def forward(x: np.ndarray, w: np.ndarray, calls: list[int] = calls) -> np.ndarray:
            calls.append(1)
            return x @ w

        upstream = np.ones((size, 2))
        gradients = [upstream @ w.T, x.T @ upstream]
        numeric.derivative(forward, [x, w], gradients, upstream, Random("benchmark"), ["dx", "dw"])
        counts.append(len(calls))
    print(f"a gradient check of two inputs: {counts[0]} calls for 3 x 3, {counts[1]} for 300 x 300; budget: equal")


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    one, torch_import = startup(times)
    whole_run(times, "questions about numpy", False, one)
    whole_run(times, "all questions, with the import of torch as part of the start-up", True, one + torch_import)
    gradient_calls()
