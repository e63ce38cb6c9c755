"""Measures `grader watch`: from a save to the first result and to the last, and what it uses while nothing happens.

Usage: python benchmarks/watch.py [REPEATS] [IDLE_SECONDS]
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import all_below, busy

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 0.5  # seconds from a small save to its result
LINES = {  # a line of each solution, and one that says the same otherwise
    "affine_forward": ("layers.py", "x.reshape(x.shape[0], -1)", "x.reshape((x.shape[0], -1))"),
    "sgd_momentum": ("optim.py", "next_w = w + velocity", "next_w = velocity + w"),
}  # fmt: skip


@contextmanager
def watching(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `grader watch` on a folder, in a pipe."""
    command = [sys.executable, "-m", "grader", "watch", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def shown(process: subprocess.Popen[str]) -> list[str]:
    """Return the lines up to the next total."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Total "):
            return lines
    raise RuntimeError("".join(lines))


def used(number: int) -> float:
    """Return the processor time of a process and of all below it that are there, in seconds."""
    ticks = 0
    for process in (number, *(below.number for below in all_below(number))):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def saves(process: subprocess.Popen[str], folder: Path, question: str, repeats: int) -> None:
    """Save a change of one function again and again: its own question is told first, then all others it affects."""
    file, one, other = LINES[question]
    path = folder / file
    texts = [path.read_text(), path.read_text().replace(one, other)]
    assert texts[0] != texts[1], f"{file} no longer says {one}"
    first, last, ran = [], [], []
    for repeat in range(repeats):
        began = time.perf_counter()
        path.write_text(texts[(repeat + 1) % 2])
        lines = shown(process)
        first.append(time.perf_counter() - began)
        assert any(question in line for line in lines), lines
        while any("more to check" in line for line in following(process)):
            shown(process)
        last.append(time.perf_counter() - began)
        began = time.perf_counter()
        command = [sys.executable, "-m", "grader", "run", str(folder), "-q", question]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        ran.append(time.perf_counter() - began)
    middle = statistics.median(first)
    print(
        f"{question}: {middle:.2f} s from the save to its result ({min(first):.2f} to {max(first):.2f}),"
        f" {middle / BUDGET:.2f} of the budget; {statistics.median(last):.2f} s to all that it affects;"
        f" `grader run -q {question}`: {statistics.median(ran):.2f} s"
    )


def following(process: subprocess.Popen[str]) -> list[str]:
    """Return the line below a total: what to do next, or that more is to be checked."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(1)]


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    idle = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    print(busy())
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "assignment2"
        shutil.copytree(ROOT / "assignments" / "assignment2", home)
        for source in (ROOT / "solutions" / "assignment2").glob("*.py"):
            shutil.copy(source, home)
        with watching(home) as watch:
            shown(watch)
            for wanted in LINES:
                saves(watch, home, wanted, times)
            before, begun = used(watch.pid), time.perf_counter()
            time.sleep(idle)
            share = (used(watch.pid) - before) / (time.perf_counter() - begun)
            print(f"while nothing happens: {100 * share:.2f} % of a core; budget: well below 1 %")
