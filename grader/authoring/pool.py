"""Several workbenches at once, each in a process of its own, which is given one job after the other."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.authoring.bench import Bench
from grader.authoring.jobs import Job, Outcome
from grader.checking.assignment import load_assignment
from grader.processes.pool import Pool
from grader.sandbox.server import WarmServer, warm_launcher

__all__ = ["benches"]


def benches(folder: Path, cache: Path | None, count: int, preload: Sequence[str] = ()) -> Pool[Job, Outcome]:
    """Return benches for one assignment's folder.

    Args:
        folder: the assignment's.
        cache: the folder for caches.
        count: how many jobs are done at once.
        preload: what student code is going to import, see ``WarmServer``.
    """
    return Pool(_bench, (folder, cache, tuple(preload)), count)


@contextlib.contextmanager
def _bench(folder: Path, cache: Path | None, preload: Sequence[str]) -> Iterator[Callable[[Job], Outcome]]:
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as scratch, warm_launcher(preload) as launcher:
        bench = Bench(load_assignment(folder), cache, Path(scratch), launcher)
        ready = False  # a server that still gets ready does so while this process does

        def run(job: Job) -> Outcome:
            nonlocal ready
            bound = launcher.on_one_core() if ready and isinstance(launcher, WarmServer) else contextlib.nullcontext()
            ready = True
            with bound:
                return bench.run(job)

        yield run
