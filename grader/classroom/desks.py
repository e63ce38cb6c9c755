"""What is sent to a cluster of dask.distributed: the desks of a worker, and who clears them away.

Student code runs in the workers of the desks, never in a process of dask's.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass

from distributed import Scheduler, SchedulerPlugin, Worker, WorkerPlugin, get_worker

from grader.classroom.desk import Desk
from grader.classroom.examiner import Graded, Task
from grader.classroom.shipment import Shipment
from grader.classroom.survey import called
from grader.errors import GraderError
from grader.processes.pool import ENDED, TRIES, Failure

__all__ = ["Answer", "Caretaker", "Desks", "grade_there"]


@dataclass(frozen=True)
class Answer:
    """What came of a task: that it is graded, or a failure; if not even ``ready``, it is that of the whole worker."""

    worker: str
    graded: Graded | None = None
    failure: Failure | None = None
    ready: bool = True


class Desks(WorkerPlugin):
    """The desks of one worker of the cluster: as many as it has threads, each started when it is needed first."""

    def __init__(self, name: str, shipment: Shipment) -> None:
        self.name = name
        self._shipment = shipment

    def setup(self, worker: Worker) -> None:
        """Get ready, on the worker. Nothing is started yet."""
        self._worker = called(worker.address)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._free: list[Desk] = []
        self._busy: set[Desk] = set()

    async def teardown(self, worker: Worker) -> None:
        """End all desks, whatever they are at."""
        await asyncio.to_thread(self._close)

    def grade(self, task: Task) -> Answer:
        """Grade a submission at a desk that is free. Any thread may ask."""
        for _ in range(TRIES):
            desk = None
            try:
                desk = self._take()
                graded = desk.grade(task)
            except GraderError as error:
                if desk is not None:
                    self._give_back(desk)
                return Answer(self._worker, failure=(error.exit_code, str(error)), ready=desk is not None)
            except EOFError:
                if desk is not None:
                    self._give_up(desk)
            else:
                self._give_back(desk)
                return Answer(self._worker, graded)
        return Answer(
            self._worker,
            failure=ENDED,
            ready=desk is not None,
        )

    def _take(self) -> Desk:
        with self._lock:
            if self._closed.is_set():
                raise EOFError
            if self._free:
                desk = self._free.pop()
                self._busy.add(desk)
                return desk
        desk = Desk()
        with self._lock:
            self._busy.add(desk)
            closed = self._closed.is_set()
        try:
            if closed:  # meanwhile
                raise EOFError
            desk.prepare(self._shipment)
        except BaseException:
            self._give_up(desk)
            raise
        return desk

    def _give_back(self, desk: Desk) -> None:
        with self._lock:
            self._busy.discard(desk)
            if not self._closed.is_set():
                self._free.append(desk)
                return
        desk.close()

    def _give_up(self, desk: Desk) -> None:
        with self._lock:
            self._busy.discard(desk)
        desk.close()

    def _close(self) -> None:
        with self._lock:
            self._closed.set()
            free, busy = self._free, list(self._busy)
            self._free = []
        for desk in busy:
            desk.end()  # its own thread sees to the rest
        for desk in free:
            desk.close()


class Caretaker(SchedulerPlugin):
    """Clears desks away when the client is gone, even one that was killed."""

    def __init__(self, name: str, client: str) -> None:
        self.name = name
        self._client = client

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """See whether it is the client."""
        if client == self._client:
            scheduler.loop.add_callback(self._clear, scheduler)

    async def _clear(self, scheduler: Scheduler) -> None:
        with contextlib.suppress(ValueError):  # they are gone already
            await scheduler.unregister_worker_plugin(None, self.name)
        with contextlib.suppress(ValueError):
            await scheduler.unregister_scheduler_plugin(self.name)


def grade_there(name: str, task: Task) -> Answer:
    """Grade a submission, on a worker."""
    desks = get_worker().plugins[name]
    assert isinstance(desks, Desks)
    return desks.grade(task)
