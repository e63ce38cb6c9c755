"""Grader and workers take turns on one core, and have all of them back afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.sandbox import core
from grader.sandbox.choice import Choice
from grader.sandbox.core import on_one_core
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cores cannot be chosen")


@pytest.fixture
def other() -> Iterator[int]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


@linux
def test_both_are_on_one_core_and_then_on_any(other: int) -> None:
    before = os.sched_getaffinity(0)
    with on_one_core(other):
        (mine,) = os.sched_getaffinity(0)
        assert os.sched_getaffinity(other) == {mine}
        assert core._present() == mine
    assert os.sched_getaffinity(0) == os.sched_getaffinity(other) == before


@linux
def test_so_is_what_they_start(tmp_path: Path) -> None:
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
def test_an_error_leaves_nothing_bound(other: int) -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), on_one_core(other):
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == os.sched_getaffinity(other) == before


@linux
def test_one_that_has_ended_is_no_matter() -> None:
    before = os.sched_getaffinity(0)
    with subprocess.Popen(["sleep", "1000"]) as ends:
        with on_one_core(ends.pid):
            ends.kill()
            ends.wait()
        with on_one_core(ends.pid):
            pass
    assert os.sched_getaffinity(0) == before


@linux
def test_where_it_is_not_allowed_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    before = os.sched_getaffinity(0)
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with on_one_core():
        assert os.sched_getaffinity(0) == before


def test_elsewhere_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(core, "_present", None, raising=False)
    with on_one_core(1), Choice("process") as choice, choice.on_one_core():
        pass
