"""A desk: a process that grades on behalf of one that is not the grader's own, e.g. a worker of a cluster.

Nothing of the grader's runs in that other process, so neither its threads nor its signals matter here, and the desk's
folder, with the assignment in it, goes with whichever of the two ends last, or, where both are killed in one instant,
when the next desk is made.

It is this very module, run as a program; its standard input is a socket. First comes the shipment, then one task after
the other (see ``pool.serve``).
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import grader
from grader.classroom.examiner import Graded, Task, examiner
from grader.classroom.shipment import Shipment
from grader.classroom.terms import code_identity
from grader.errors import InputError
from grader.processes.folder import ClaimedFolder
from grader.processes.pool import error_of, serve
from grader.processes.signals import end_after, end_when_told, ending

__all__ = ["Desk"]

_PATIENCE = 10.0


class Desk:
    """The other process's end. One thread may use it; any may end it, also before it is ready."""

    def __init__(self) -> None:
        self._home = ClaimedFolder("grader-desk-")
        here, there = socket.socketpair()
        with there:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "grader.classroom.desk"],
                    stdin=there.fileno(),
                    cwd=self._home.path,
                    env=_environment(str(self._home.path)),
                    start_new_session=True,  # a Ctrl-C is for the other process
                )
            except BaseException:
                here.close()
                self._home.remove()
                raise
        self._line = Connection(here.detach())

    def prepare(self, shipment: Shipment) -> None:
        """Have it make ready to grade.

        Raises:
            GraderError: nothing can be graded here; the message says why.
            EOFError: it has ended before it was ready.
        """
        self._ask(shipment)

    def grade(self, task: Task) -> Graded:
        """Grade a submission.

        Raises:
            GraderError: what the process says.
            EOFError: it has ended.
        """
        graded = self._ask(task)
        assert isinstance(graded, Graded)
        return graded

    def _ask(self, what: Shipment | Task) -> object:
        try:
            self._line.send(what)
            failure, answer = self._line.recv()
        except OSError as error:
            raise EOFError from error
        if failure is not None:
            raise error_of(failure)
        return answer

    def end(self) -> None:
        """End the process. Who is waiting for its answer is told by an EOFError. Safe to call again."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process, and remove its folder."""
        self.end()
        self._line.close()
        self._home.remove()  # which it has done itself if it could


def _environment(home: str) -> dict[str, str]:
    """Return an environment in which the grader is the same code as here, and all temporary files are in one place."""
    paths = [str(Path(grader.__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": home}


@contextlib.contextmanager
def _ready(line: Connection, home: Path) -> Iterator[Callable[[Task], Graded]]:
    shipment = line.recv()
    assert isinstance(shipment, Shipment)
    if code_identity() != shipment.grader:
        raise InputError("it has another version of the grader: install the same one, and start the worker again")
    with examiner(shipment.unpack(home)) as grade:
        try:
            yield grade
        finally:
            ending()


def _hung_up(line: int) -> None:
    """Wait until the other process has ended."""
    poll = select.poll()
    poll.register(line, 0)  # nothing but that it hangs up
    poll.poll()


def _main() -> None:
    end_when_told()
    home = Path.cwd()
    line = Connection(os.dup(0))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    try:
        end_after(functools.partial(_hung_up, os.dup(line.fileno())))
        serve(line, _ready, (line, home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    _main()
