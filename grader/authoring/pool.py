"""Several workbenches at once, each in a process of its own, which is given one job after the other.

These processes run the author's checks, as ``grader run`` does; student code runs in their workers, as always. When
the audit ends, however it does, they end, and take their workers with them.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from grader.authoring.bench import Bench
from grader.authoring.jobs import Job, Outcome
from grader.authoring.signals import end_when_told
from grader.checking.assignment import load_assignment
from grader.errors import FaultError, GraderError, InputError
from grader.sandbox.server import warm_launcher

__all__ = ["Pool"]

_PATIENCE = 5.0


class Pool:
    """Benches for one assignment's folder. Use it in a ``with`` block.

    Args:
        folder: the assignment's.
        cache: the folder for caches.
        count: how many jobs are done at once.
        preload: what student code is going to import, see ``WarmServer``.
    """

    def __init__(self, folder: Path, cache: Path | None, count: int, preload: Sequence[str] = ()) -> None:
        context = multiprocessing.get_context("spawn")  # a copy of this process would have its memory, and its threads
        self._processes = []
        self._lines: list[Connection] = []
        try:
            for _ in range(count):
                here, there = context.Pipe()
                process = context.Process(target=_serve, args=(there, folder, cache, tuple(preload)), daemon=True)
                process.start()
                self._processes.append(process)
                self._lines.append(here)
                there.close()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Do jobs, and yield what comes of each as soon as it is known.

        Raises:
            GraderError: as the bench did.
            FaultError: a process ended by itself.
        """
        waiting = list(jobs)[::-1]
        idle, busy = list(self._lines), list[Connection]()
        while waiting or busy:
            while waiting and idle:
                line = idle.pop()
                line.send(waiting.pop())
                busy.append(line)
            ready = wait(busy)
            for line in [line for line in busy if line in ready]:
                try:
                    outcome = line.recv()
                except (EOFError, OSError) as error:
                    raise FaultError("a process of the audit ended by itself: is there enough memory?") from error
                if isinstance(outcome, BaseException):
                    raise outcome
                busy.remove(line)
                idle.append(line)
                yield outcome

    def close(self) -> None:
        """End all processes; what they are at is given up."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()
        for line in self._lines:
            line.close()


def _serve(line: Connection, folder: Path, cache: Path | None, preload: Sequence[str]) -> None:
    """Do the jobs that come, until nobody is there to send any."""
    end_when_told()
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as scratch, warm_launcher(preload) as launcher:
        bench: Bench | None = None
        while True:
            try:
                job = line.recv()
            except (EOFError, OSError):
                return
            try:
                bench = bench or Bench(load_assignment(folder), cache, Path(scratch), launcher)
                answer: Outcome | GraderError = bench.run(job)
            except GraderError as error:
                answer = InputError(str(error)) if error.exit_code == InputError.exit_code else FaultError(str(error))
            except Exception as error:  # a bug of ours, which the parent reports
                answer = FaultError(f"{type(error).__name__}: {error}")
            line.send(answer)
