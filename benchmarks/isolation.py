"""Measures what each tier of isolation costs: a worker's whole life, as ratios within one run.

Usage: python benchmarks/isolation.py [REPEATS]
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox.choice import Choice, attempt
from grader.sandbox.isolation import TIERS
from grader.sandbox.launch import Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer

SOURCE = "import numpy as np\ndef f(x): return np.ones(3) @ np.ones(3)\n"


def life(layout: Layout, launcher: Launcher, calls: int) -> float:
    """Return the seconds on the wall that a worker takes from its start over some calls to its end."""
    began = time.perf_counter()
    worker = WorkerProcess(layout, Limits(), launcher)
    try:
        assert worker.request({"op": "load", "module": "layers"})["ok"]
        for _ in range(calls):
            request = {"op": "call", "module": "layers", "name": "f", "args": (1.0,), "kwargs": {}, "keep": []}
            assert worker.request(request)["ok"]
    finally:
        worker.close()
    return time.perf_counter() - began


def compare(library: str, preload: Sequence[str], folder: Path, repeats: int) -> None:
    """Print the tiers' costs, one worker of each in turn, so that a drifting machine harms none."""
    (folder / "layers.py").write_text(SOURCE, encoding="utf-8")
    folder.chmod(0o755)
    layout = Layout({"layers": str(folder / "layers.py")}, search=[str(folder)])
    with WarmServer(preload) as server:
        tiers = [tier for tier in TIERS if not attempt(server.at(tier)).why]
        for calls in (1, 100):
            rounds = [{tier: life(layout, server.at(tier), calls) for tier in tiers} for _ in range(repeats)]
            for tier in tiers:
                times = statistics.median(one[tier] for one in rounds)
                ratios = [one[tier] / one["process"] for one in rounds]
                print(
                    f"{library} loaded, {calls} calls, {tier}: {1000 * times:.1f} ms, {statistics.median(ratios):.2f} "
                    f"times as long as process ({min(ratios):.2f} to {max(ratios):.2f})"
                )


def choosing(repeats: int) -> None:
    """Print what finding out the best tier takes, against no choice: both from nothing to the first answer."""
    layout = Layout({})
    rows = []
    for _ in range(repeats):
        row = []
        for wanted in ("process", "auto"):
            began = time.perf_counter()
            with Choice(wanted) as choice:
                worker = WorkerProcess(layout, Limits(), choice)
                assert worker.request({"op": "keep", "value": 1})["ok"]
                worker.close()
            row.append(time.perf_counter() - began)
        rows.append(row)
    ratio = statistics.median(auto / process for process, auto in rows)
    print(f"choosing the best tier and one worker: {ratio:.2f} times as long as one worker that is started cold")


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"as {'root' if os.geteuid() == 0 else 'an ordinary user'}")
    with tempfile.TemporaryDirectory() as name:
        compare("numpy", (), Path(name), times)
        if importlib.util.find_spec("torch") is not None:
            compare("torch", ("torch",), Path(name), max(times // 2, 1))
    choosing(max(times // 4, 1))
