"""Measures what `%check` takes beyond the student's own code, after the first call: a student who has solved all.

Usage: python benchmarks/notebook.py [REPEATS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from grader.notebook.progress import progress_for
from grader.notebook.session import Session

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 0.3  # seconds
QUESTIONS = ("affine_forward", "batchnorm_backward", "conv_forward_naive", "FullyConnectedNet", "three_layer_convnet")


def call(session: Session, name: str) -> tuple[float, float]:
    """Check one question, and return the seconds on the wall: all, and those in the student's own code."""
    began = time.perf_counter()
    result = session.check([name], progress_for(None), {})
    str(result)
    whole = time.perf_counter() - began
    assert result.passed, result
    return whole, result.report.student_seconds


def compare(session: Session, name: str, repeats: int) -> None:
    """Print what the first call of a session, and what the following ones take."""
    first, _ = call(session, name)
    calls = [call(session, name) for _ in range(repeats)]
    beyond = [whole - inside for whole, inside in calls]
    middle, inside = statistics.median(beyond), statistics.median(inside for _, inside in calls)
    print(
        f"{name}: {middle:.2f} s beyond {inside:.2f} s in the student's code ({min(beyond):.2f} to {max(beyond):.2f});"
        f" {middle / BUDGET:.2f} of the budget; the first call {first:.2f} s"
    )


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    here = Session()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "assignments" / "assignment2", folder, dirs_exist_ok=True)
        for source in (ROOT / "solutions" / "assignment2").glob("*.py"):
            shutil.copy(source, folder)
        os.chdir(folder)
        try:
            for question in QUESTIONS:
                compare(here, question, times)
        finally:
            here.close()
            os.chdir(ROOT)
