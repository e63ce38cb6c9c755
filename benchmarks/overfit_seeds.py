"""Counts how often the overfit checks fail the solution, over many seeds.

Usage: python benchmarks/overfit_seeds.py [SEEDS]
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner
from grader.checking.options import Options
from grader.checking.submission import open_submission

SOLUTION = Path(__file__).resolve().parents[1] / "solutions" / "assignment2"
NETS = ("FullyConnectedNet", "ThreeLayerConvNet")


def verdict(name: str, seed: int) -> tuple[str, int, str, str]:
    """Return the status and the message of one net's overfit check with one seed."""
    assignment = load_assignment(SOLUTION)
    runner = Runner(assignment, open_submission(SOLUTION, assignment), Options([name], seed=seed))
    (question,) = runner.questions
    try:
        (check,) = (check for check in question.checks if check.id == "learns_fifty_images")
        result = runner.check(question, check, 1.0)
    finally:
        runner.student.close()
    return name, seed, result.status, result.message


def main(seeds: int) -> int:
    """Print every failure, and the count."""
    failures = 0
    with ProcessPoolExecutor() as pool:
        jobs = [pool.submit(verdict, name, seed) for name in NETS for seed in range(seeds)]
        for job in jobs:
            name, seed, status, message = job.result()
            if status != "passed":
                failures += 1
                print(f"{name}, seed {seed}: {status}: {message}")
    print(f"{failures} of {len(jobs)} right networks failed ({seeds} seeds, {', '.join(NETS)})")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
