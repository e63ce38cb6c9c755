"""The desks of a worker: what they are at ends with them, also their getting ready."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.classroom import desks
from grader.classroom.examiner import Task
from grader.classroom.intake.parcel import Parcel
from grader.processes.pool import ENDED

PATIENCE = 60.0


class Endless:
    """A desk that never gets ready."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    def prepare(self, shipment: threading.Event) -> None:
        shipment.set()
        assert self._ended.wait(PATIENCE)
        raise EOFError

    def end(self) -> None:
        self._ended.set()

    close = end


def test_a_desk_that_gets_ready_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "Desk", Endless)
    begun = threading.Event()
    made = desks.Desks("desks", cast(Any, begun))
    worker = cast(Any, SimpleNamespace(address="tcp://127.0.0.1:1"))
    made.setup(worker)
    answers: list[desks.Answer] = []
    thread = threading.Thread(target=lambda: answers.append(made.grade(Task("ann", Parcel({})))))
    thread.start()
    assert begun.wait(PATIENCE)
    asyncio.run(made.teardown(worker))
    thread.join(PATIENCE)
    (answer,) = answers
    assert (answer.failure, answer.ready) == (ENDED, False)
