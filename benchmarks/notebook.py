"""Measures the grader in a notebook: what `%load_ext grader` takes, and `%check`, of which a student has solved all.

Usage: python benchmarks/notebook.py [REPEATS]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import busy

from grader.notebook.progress import progress_for
from grader.notebook.session import Session

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 0.3  # seconds
QUESTIONS = ("affine_forward", "batchnorm_backward", "conv_forward_naive", "FullyConnectedNet", "three_layer_convnet")
STARTING = """
import time
began = time.perf_counter()
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
ready = time.perf_counter()
import numpy
numpy_is_there = time.perf_counter()
shell.run_line_magic("load_ext", "grader")
print(ready - began, time.perf_counter() - numpy_is_there)
"""  # every notebook of a course has numpy


def loading(repeats: int) -> None:
    """What `%load_ext grader` adds to the start of a shell, in new processes."""
    found = []
    for _ in range(repeats + 1):
        done = subprocess.run([sys.executable, "-c", STARTING], cwd=ROOT, check=True, capture_output=True, text=True)
        found.append([float(number) for number in done.stdout.split()[-2:]])
    shells, loads = zip(*found[1:], strict=True)  # the first fills the system's cache of files
    middle = statistics.median(loads)
    ratio = statistics.median(load / shell for shell, load in zip(shells, loads, strict=True))
    print(
        f"%load_ext grader: {middle:.2f} s ({min(loads):.2f} to {max(loads):.2f}), {middle / BUDGET:.2f} of the budget,"
        f" {ratio:.2f} of what IPython's own start takes"
    )


def call(session: Session, name: str) -> tuple[float, float]:
    """Check one question, and return the seconds on the wall: all, and those in the student's own code."""
    began = time.perf_counter()
    result = session.check([name], progress_for(None), {})
    result._repr_html_()
    whole = time.perf_counter() - began
    assert result.passed, result
    return whole, result.report.student_seconds


def run(name: str) -> float:
    """Check one question on the command line, and return the seconds on the wall."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "grader", "run", ".", "-q", name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


def compare(session: Session, name: str, repeats: int) -> None:
    """Print what the first call of a session, and what the following ones take, in turn with the command line."""
    first, _ = call(session, name)
    run(name)
    calls, runs = zip(*((call(session, name), run(name)) for _ in range(repeats)), strict=True)
    beyond = [whole - inside for whole, inside in calls]
    middle, inside = statistics.median(beyond), statistics.median(inside for _, inside in calls)
    ratio = statistics.median(whole / other for (whole, _), other in zip(calls, runs, strict=True))
    print(
        f"{name}: {middle:.2f} s beyond {inside:.2f} s in the student's code ({min(beyond):.2f} to {max(beyond):.2f}),"
        f" {middle / BUDGET:.2f} of the budget; {ratio:.2f} of `grader run . -q {name}`; the first call {first:.2f} s"
    )


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(busy())
    loading(times)
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
