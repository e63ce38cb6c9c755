"""Grades a class on the workers of a running cluster of dask.distributed, wherever they are."""

from __future__ import annotations

import contextlib
import queue
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from types import TracebackType

from distributed import Future, KilledWorker

from grader.classroom.connection import connected, heard, quiet
from grader.classroom.desks import Answer, Caretaker, Desks, grade_there
from grader.classroom.examiner import Graded, Task
from grader.classroom.inspection import inspect
from grader.classroom.shipment import Shipment, pack
from grader.classroom.terms import Terms
from grader.errors import FaultError
from grader.processes.pool import Done, error_of
from grader.sandbox.text import one_line

__all__ = ["Cluster"]

_LOOK_SECONDS = 2.0  # how often it is seen whether anybody is there, while no grade comes
_AHEAD = 2  # submissions for each thread of the cluster: one that is graded, one that waits beside it
_Outcome = Done[Task, Graded]


@dataclass(frozen=True)
class _Away:
    """A task that is with the cluster, and whether nothing else is."""

    future: Future[Answer]
    task: Task
    alone: bool


class Cluster:
    """A crew on a cluster. Use it in a ``with`` block.

    Args:
        terms: of which the tier may be ``auto``: then it is the best that all workers have.
        address: the scheduler's, e.g. ``tcp://host:8786``.
        most: how many submissions may be there at once; as many as keep all threads busy, if None.
        tell: is told in a line what a person may want to know, e.g. that there are no workers yet.
    """

    def __init__(self, terms: Terms, address: str, most: int | None, tell: Callable[[str], None]) -> None:
        self._terms = terms
        self._address = address
        self._most = most
        self._tell = tell
        self._name = f"grader-{secrets.token_hex(8)}"  # others may grade on the same cluster
        self._count = 0
        self._threads = 1
        self._deserted = False
        self._suspected = False
        self._answers = 0
        self._away: dict[object, _Away] = {}  # by key: what is being graded
        self._done: queue.SimpleQueue[object] = queue.SimpleQueue()  # keys

    def __enter__(self) -> Cluster:
        """Send the assignment to the workers, once there are any.

        Raises:
            InputError: there is no scheduler, or the machines differ in what matters.
        """
        shipment = pack(self._terms)
        with contextlib.ExitStack() as stack:
            stack.enter_context(quiet())
            self._client = stack.enter_context(connected(self._address))
            with heard(self._address):
                self._look()
                while self._deserted:
                    with contextlib.suppress(TimeoutError):
                        self._client.wait_for_workers(1, timeout=_LOOK_SECONDS)
                    self._look()
                self._send(shipment, stack)
            self._end = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing of ours on the cluster."""
        self._end.close()

    def _send(self, shipment: Shipment, stack: contextlib.ExitStack) -> None:
        shipment = replace(shipment, tier=inspect(self._client, self._terms, self._tell))
        stack.callback(self._dismiss)
        self._client.register_plugin(Caretaker(self._name, self._client.id))
        self._client.register_plugin(Desks(self._name, shipment))

    def _dismiss(self) -> None:
        """Give up what is being graded, and end everything of ours on the cluster."""
        with contextlib.suppress(OSError, CancelledError, RuntimeError, ValueError):  # the scheduler may be gone
            if self._client.status == "running":
                self._client.cancel([away.future for away in self._away.values()], force=True)
                self._client.unregister_worker_plugin(self._name)

    def run(self, jobs: Iterable[Task], /) -> Iterator[_Outcome]:
        """Grade, as :class:`Crew` says.

        Raises:
            InputError: the scheduler is gone, or a worker cannot grade as the others do.
            FaultError: the solution does not have every point on a worker, or a task cannot be run there.
        """
        waiting = iter(jobs)
        suspects: list[Task] = []  # whose workers have ended again and again
        while True:
            while len(self._away) < self._room and (task := next(waiting, None)) is not None:
                self._submit(task)
            if not self._away:
                if not suspects:
                    return
                self._submit(suspects.pop(), alone=True)  # so that no other can be what ends them
            with heard(self._address):
                outcome = self._await(suspects)
            if outcome is not None:
                yield outcome

    @property
    def _room(self) -> int:
        """How many submissions may be there at once."""
        return self._most or max(_AHEAD * self._threads, 1)

    def _submit(self, task: Task, *, alone: bool = False) -> None:
        self._count += 1
        key = (self._name, self._count)
        with heard(self._address):
            future = self._client.submit(grade_there, self._name, task, key=key, pure=False)
            self._away[key] = _Away(future, task, alone)
            future.add_done_callback(lambda done: self._done.put(done.key))

    def _await(self, suspects: list[Task]) -> _Outcome | None:
        """Wait for one that is done, and return what came of it; look around now and then."""
        try:
            key = self._done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            self._look()
            return None
        away = self._away[key]
        try:
            answer = away.future.result(timeout=_LOOK_SECONDS)
        except TimeoutError:  # whoever knew it is gone: it is graded once more
            self._done.put(key)
            self._look()
            return None
        except KilledWorker:
            outcome = self._suspect(away, suspects)
        except (OSError, CancelledError):
            raise
        except Exception as error:  # what runs there raises nothing
            inspect(self._client, self._terms, self._tell)
            raise FaultError(
                f"a worker cannot run a task ({one_line(f'{type(error).__name__}: {error}', 500)})"
            ) from error
        else:
            outcome = _outcome(away.task, answer)
        del self._away[key]
        away.future.release()
        self._answers += 1
        if self._answers % self._room == 0:
            self._look()  # the cluster may have grown
        return outcome

    def _suspect(self, away: _Away, suspects: list[Task]) -> _Outcome | None:
        if not away.alone:
            if not self._suspected:
                self._tell(
                    "workers end again and again while they grade: is there enough memory? Their own logs may say"
                )
            self._suspected = True
            suspects.append(away.task)
            return None
        message = "the workers that grade this end again and again: is there enough memory?"
        return Done(away.task, FaultError(message))

    def _look(self) -> None:
        """See whether the scheduler is there, and how many threads its workers have.

        Raises:
            OSError: it is not.
        """
        if self._client.status != "running":
            raise OSError("it no longer answers")
        self._threads = sum(self._client.nthreads().values())
        if not self._threads and not self._deserted:
            self._tell(f"there are no workers at {self._address}: waiting for some, e.g. dask worker {self._address}")
        if self._threads and self._deserted:
            self._tell("there are workers now")
        self._deserted = not self._threads


def _outcome(task: Task, answer: Answer) -> _Outcome:
    """Return what a worker says of a task.

    Raises:
        GraderError: it can grade nothing.
    """
    if answer.failure is None:
        assert answer.graded is not None
        return Done(task, answer.graded)
    if not answer.ready:
        code, message = answer.failure
        raise error_of((code, f"the worker {answer.worker} cannot grade: {message}"))
    return Done(task, error_of(answer.failure))
