"""A cluster of dask.distributed on this machine: real processes, started as its users start them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
from distributed import Client

import grader

ROOT = Path(grader.__file__).parent.parent
HERE = Path(__file__).parent


class Machines:
    """A scheduler and its workers, whose temporary files are all in one folder. Use it in a ``with`` block."""

    def __init__(self, folder: Path, *, failures: int = 3) -> None:
        self.folder = folder
        folder.mkdir()
        self._started: list[subprocess.Popen[str]] = []
        more = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(failures)}
        arguments = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler, said = self._start(arguments, r"Scheduler at:\s+(tcp://[\d.]+:\d+)", **more)
        self.address = said[1]

    def add_worker(self, *options: str, count: int = 1, prefix: tuple[str, ...] = ("-m",), **more: str) -> Any:
        """Start a worker, and return its process when it has joined."""
        arguments = ["distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-dashboard", *options]
        with Client(self.address, set_as_default=False) as client:
            before = len(client.nthreads())
            process, _ = self._start([*arguments, "--local-directory", str(self.folder)], "Start Nanny|Start worker",
                                     prefix=prefix, **more)  # fmt: skip
            client.wait_for_workers(before + count, timeout=60)
        return process

    @contextlib.contextmanager
    def visitor(self, *, prefix: tuple[str, ...] = ("-m",), **more: str) -> Iterator[None]:
        """Have another worker for a while."""
        process = self.add_worker("--no-nanny", prefix=prefix, **more)
        yield
        process.terminate()
        assert process.wait(60) == 0

    def _start(
        self, arguments: list[str], ready: str, *, prefix: tuple[str, ...] = ("-m",), **more: str
    ) -> tuple[subprocess.Popen[str], re.Match[str]]:
        own = {"TMPDIR": str(self.folder), "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
        process = subprocess.Popen(
            [sys.executable, "-P", *prefix, *arguments],
            env={**os.environ, **own, **more},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self._started.append(process)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(ready, line):
                threading.Thread(target=process.stderr.read, daemon=True).start()  # or it would wait for a reader
                return process, found
        raise AssertionError("".join(said))

    def desks(self, module: str = "") -> list[psutil.Process]:
        """Return the grader's processes on these machines: desks, servers, students' workers, or only some."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.environ().get("TMPDIR", "").startswith(f"{self.folder}/grader-")
                if ours and module in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def left(self) -> list[str]:
        """Return the grader's folders on these machines."""
        return [path.name for path in self.folder.iterdir() if path.name.startswith("grader-")]

    def clear(self) -> None:
        """See that nothing is left of the grader, as soon as what is about to end has ended."""
        _, alive = psutil.wait_procs(self.desks(), timeout=60)
        assert not alive
        assert self.left() == []

    def __enter__(self) -> Machines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._started[1:]:
            process.terminate()
        for process in reversed(self._started):  # workers before their scheduler, or they wait for it in vain
            process.terminate()
            process.wait(60)
            if process.stderr is not None:
                with contextlib.suppress(ValueError):
                    process.stderr.close()
        shutil.rmtree(self.folder)
