"""Compares a worker that is started cold with one that is forked from a warm server, as ratios within one run.

Usage: python benchmarks/warm_server.py [REPEATS]
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer

SOURCES = {
    "numpy": "import numpy as np\ndef f(x): return np.ones(3) @ np.ones(3)\n",
    "torch": (
        "import torch\nnet = torch.nn.Linear(3, 1)\noptimiser = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "def f(x):\n    net(torch.ones(2, 3)).sum().backward()\n    optimiser.step()\n    return 3.0\n"
    ),
}


def life(layout: Layout, launcher: Launcher) -> float:
    """Return the seconds on the wall that a worker takes from its start over one call to its end."""
    began = time.perf_counter()
    worker = WorkerProcess(layout, Limits(), launcher)
    try:
        for request in (
            {"op": "load", "module": "layers"},
            {"op": "call", "module": "layers", "name": "f", "args": (1.0,), "kwargs": {}, "keep": []},
        ):
            reply = worker.request(request)
            assert reply["ok"], reply
    finally:
        worker.close()
    return time.perf_counter() - began


def compare(library: str, preload: Sequence[str], folder: Path, repeats: int) -> None:
    """Print the ratio for one library: pairs in turn, so that a drifting machine harms neither."""
    file = folder / f"{library}.py"
    file.write_text(SOURCES[library], encoding="utf-8")
    layout = Layout({"layers": str(file)}, search=[str(folder)])
    began = time.perf_counter()
    with WarmServer(preload) as server:
        life(layout, server)
        start = time.perf_counter() - began
        pairs = [(life(layout, ColdStart()), life(layout, server)) for _ in range(repeats)]
        many = 100
        began = time.perf_counter()
        for _ in range(many):
            life(layout, server)
        rate = many / (time.perf_counter() - began)
    ratios = [cold / warm for cold, warm in pairs]
    cold, warm = (1000 * statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"{library}: cold {cold:.0f} ms, warm {warm:.1f} ms, {statistics.median(ratios):.1f} times as fast "
        f"({min(ratios):.1f} to {max(ratios):.1f}); {60 * rate:.0f} workers a minute, one after the other; "
        f"the server's own start with the first worker: {1000 * start / cold:.1f} cold starts"
    )


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as name:
        compare("numpy", (), Path(name), times)
        if importlib.util.find_spec("torch") is not None:
            compare("torch", ("torch",), Path(name), max(times // 3, 1))
