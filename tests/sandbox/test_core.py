"""Grader and workers take turns on one core, and have all of them back afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from grader.sandbox import core
from grader.sandbox.choice import Choice
from grader.sandbox.core import on_one_core
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cores cannot be chosen")


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """All cores are free: tests that run beside these take theirs by other names."""
    monkeypatch.setattr(core, "_SIGN", f"\0test {os.getpid()} on core {{}}")


@pytest.fixture
def other() -> Iterator[int]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


@linux
def test_both_are_on_one_core_and_then_on_any(other: int) -> None:
    before = os.sched_getaffinity(0)
    with on_one_core(lambda: other):
        (mine,) = os.sched_getaffinity(0)
        assert os.sched_getaffinity(other) == {mine}
        assert core._present() == mine
    assert os.sched_getaffinity(0) == os.sched_getaffinity(other) == before


@linux
def test_so_is_what_they_start() -> None:
    found: list[set[int]] = []
    with WarmServer() as server:
        with server.on_one_core(), closing(WorkerProcess(Layout({}), Limits(), server)) as worker:
            mine = os.sched_getaffinity(0)
            assert os.sched_getaffinity(worker._process.pid) == mine
            thread = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
            thread.start()
            thread.join()
            assert found == [mine]
        with closing(WorkerProcess(Layout({}), Limits(), server)) as worker:
            assert os.sched_getaffinity(worker._process.pid) == os.sched_getaffinity(0)


@linux
def test_a_server_that_takes_anothers_place_is_let_go_too() -> None:
    before = os.sched_getaffinity(0)
    with WarmServer() as server:
        with server.on_one_core():
            WorkerProcess(Layout({}), Limits(), server).close()
            first = server.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            WorkerProcess(Layout({}), Limits(), server).close()
            assert server.pid not in (None, first)
        assert server.pid is not None
        assert os.sched_getaffinity(server.pid) == before


@linux
def test_no_two_are_kept_on_one(other: int) -> None:
    """Each of some threads takes one: as many different ones as there are, and then none."""
    before = os.sched_getaffinity(0)
    found: list[frozenset[int]] = []

    def take(left: int) -> None:
        with on_one_core(lambda: None):
            found.append(frozenset(os.sched_getaffinity(0)))
            if left:
                thread = threading.Thread(target=unbound, args=(left - 1,))
                thread.start()
                thread.join()

    def unbound(left: int) -> None:
        os.sched_setaffinity(0, before)
        take(left)

    take(len(before))
    bound = [cores for cores in found if len(cores) == 1] if len(before) > 1 else found[:1]
    assert len(set(bound)) == len(bound) == len(before)
    assert found[-1] == before


@linux
def test_an_error_leaves_nothing_bound(other: int) -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), on_one_core(lambda: other):
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == os.sched_getaffinity(other) == before


@linux
def test_one_that_has_ended_is_no_matter() -> None:
    before = os.sched_getaffinity(0)
    with subprocess.Popen(["sleep", "1000"]) as ends:
        with on_one_core(lambda: ends.pid):
            ends.kill()
            ends.wait()
        with on_one_core(lambda: ends.pid):
            pass
    assert os.sched_getaffinity(0) == before


@linux
def test_where_it_is_not_allowed_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    before = os.sched_getaffinity(0)
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with on_one_core(lambda: None):
        assert os.sched_getaffinity(0) == before


def test_elsewhere_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(core, "_present", None, raising=False)
    with on_one_core(lambda: 1), Choice("process") as choice, choice.on_one_core():
        pass
