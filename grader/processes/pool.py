"""Processes of ours that do jobs, one after the other each, and that end when their parent does.

They run the author's checks, as ``grader run`` does; student code runs in their workers, as always.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from grader.errors import FaultError, GraderError, InputError
from grader.processes.signals import end_after, end_when_told, ending
from grader.sandbox import scratch

__all__ = ["ENDED", "TRIES", "Done", "Failure", "Pool", "cores", "error_of", "serve"]

Job = TypeVar("Job")
Result = TypeVar("Result")
Make = Callable[..., AbstractContextManager[Callable[[Job], Result]]]

_PATIENCE = 5.0
TRIES = 2  # a process may end for want of memory: its job is tried once more, by another
Failure = tuple[int, str]  # of an error: its exit code, and what it says
ENDED: Failure = FaultError.exit_code, "the grader's process ended in the middle, twice: is there enough memory?"
"""What is said of a job that ended every process that it was given to."""


@dataclass(frozen=True)
class Done(Generic[Job, Result]):
    """A job, and what came of it: a result, or an error."""

    job: Job
    outcome: Result | GraderError

    def result(self) -> Result:
        """Return the result.

        Raises:
            GraderError: there is none.
        """
        if isinstance(self.outcome, GraderError):
            raise self.outcome
        return self.outcome


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool(Generic[Job, Result]):
    """Processes that make ready once, and then do one job after the other. Use it in a ``with`` block.

    Args:
        make: gives a process what does jobs, as a context manager; a function of a module's top level.
        arguments: what it is called with; plain values.
        count: how many jobs are done at once.
    """

    def __init__(self, make: Make[Job, Result], arguments: Sequence[Any] = (), count: int = 1) -> None:
        self._make, self._arguments = make, tuple(arguments)
        self._hands: dict[Connection, _Hand[Job]] = {}
        try:
            for _ in range(count):
                self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Pool[Job, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Done[Job, Result]]:
        """Do jobs, and yield what comes of each as soon as it is known. A job is asked for when a hand is free.

        Raises:
            GraderError: a process cannot make ready.
        """
        waiting, again = iter(jobs), list[tuple[Job, int]]()
        more = True
        while True:
            for hand in self._hands.values():
                if not (hand.ready and hand.job is None):
                    continue
                if again:
                    hand.take(*again.pop())
                elif more:
                    for job in waiting:
                        hand.take(job, 1)
                        break
                    else:
                        more = False
            busy = [line for line, hand in self._hands.items() if hand.job is not None]
            if not (busy or again or more):
                return
            starting = [line for line, hand in self._hands.items() if not hand.ready]
            for line in wait([*busy, *(starting if again or more else [])]):
                assert isinstance(line, Connection)
                yield from self._hear(line, again)

    def _hear(self, line: Connection, again: list[tuple[Job, int]]) -> Iterator[Done[Job, Result]]:
        """Take what a process says: that it is ready, what came of its job, or, by its end, nothing."""
        hand = self._hands[line]
        try:
            failure, result = line.recv()
        except (EOFError, OSError):
            if not hand.ready:
                raise FaultError("a process of the grader ended before it was ready: is there enough memory?") from None
            yield from self._replace(line, again)
            return
        if hand.job is None:
            if failure is not None:
                raise error_of(failure)
            hand.ready = True
            return
        (job, _), hand.job = hand.job, None
        yield Done(job, result if failure is None else error_of(failure))

    def _replace(self, line: Connection, again: list[tuple[Job, int]]) -> Iterator[Done[Job, Result]]:
        """Start another process for one that has ended, and have its job tried again."""
        taken = self._hands[line].job
        self._end(line)
        self._start()
        if taken is None:
            return
        job, tries = taken
        if tries < TRIES:
            again.append((job, tries + 1))
        else:
            yield Done(job, error_of(ENDED))

    def close(self) -> None:
        """End all processes; what they are at is given up."""
        for hand in self._hands.values():
            hand.process.terminate()
        for line in list(self._hands):
            self._end(line)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a copy of this process would have its memory, and its threads
        here, there = context.Pipe()
        folder = tempfile.mkdtemp(prefix="grader-process-")
        try:
            process = context.Process(
                target=_lend_a_hand, args=(there, self._make, self._arguments, folder), daemon=True
            )
            process.start()
        except BaseException:
            here.close()
            scratch.remove(folder)
            raise
        finally:
            there.close()
        self._hands[here] = _Hand(process, here, folder)

    def _end(self, line: Connection) -> None:
        hand = self._hands.pop(line)
        hand.process.terminate()
        hand.process.join(_PATIENCE)
        if hand.process.exitcode is None:
            hand.process.kill()
            hand.process.join()
        line.close()
        scratch.remove(hand.folder)


@dataclass
class _Hand(Generic[Job]):
    """A process, its folder, whether it is ready, and what it is at: a job, and which try at it this is."""

    process: SpawnProcess
    line: Connection
    folder: str
    ready: bool = False
    job: tuple[Job, int] | None = None

    def take(self, job: Job, tries: int) -> None:
        self.job = job, tries
        try:
            self.line.send(job)
        except OSError:  # it has ended, which is heard of next
            return


def _lend_a_hand(line: Connection, make: Make[Any, Any], arguments: tuple[Any, ...], folder: str) -> None:
    """Serve the parent, as long as there is one.

    Temporary files are in ``folder``, which the parent removes, should this process be killed: else it goes with it.
    """
    end_when_told()
    parent = multiprocessing.parent_process()
    assert parent is not None  # it was spawned
    end_after(parent.join)
    tempfile.tempdir = folder
    try:
        serve(line, make, arguments)
    finally:
        scratch.remove(folder)


def serve(line: Connection, make: Make[Any, Any], arguments: tuple[Any, ...]) -> None:
    """Do the jobs that come, until nobody is there to send any. The process ends when it is told (``signals``)."""
    try:
        with make(*arguments) as work:
            line.send((None, None))
            while True:
                try:
                    job = line.recv()
                except EOFError:
                    ending()
                    return
                try:
                    answer: tuple[Failure | None, Any] = (None, work(job))
                except Exception as error:
                    answer = (_failure(error), None)
                line.send(answer)
    except Exception as error:  # it cannot make ready, or the parent is gone
        with contextlib.suppress(OSError):
            line.send((_failure(error), None))


def _failure(error: Exception) -> Failure:
    if isinstance(error, GraderError):
        return error.exit_code, str(error)
    place = traceback.extract_tb(error.__traceback__)[-1:]  # a bug of ours, which the parent reports
    where = "".join(f" ({Path(frame.filename).name} line {frame.lineno})" for frame in place)
    return FaultError.exit_code, f"{type(error).__name__}: {error}{where}"


def error_of(failure: Failure) -> GraderError:
    """Return the error that another process told of."""
    code, message = failure
    return InputError(message) if code == InputError.exit_code else FaultError(message)
