"""One process at a time, whatever becomes of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grader.datasets.lock import WAITING, alone
from grader.datasets.store import Store
from grader.errors import InputError

from .conftest import Server, cifar_archive, contents, nobody, small_cifar

ARCHIVE = cifar_archive()
NAME = "cifar-10-binary.tar.gz"
HOLD = """
import pathlib, sys
from grader.datasets.lock import alone
with alone(pathlib.Path(sys.argv[1]), lambda: None):
    print("here", flush=True)
    sys.stdin.read()
"""


def test_two_downloads_at_a_time_are_one(server: Server, tmp_path: Path) -> None:
    """Both begin before the first is done: the second waits, and finds all there."""
    server.files[NAME] = ARCHIVE
    dataset, second = small_cifar(ARCHIVE, server.url(NAME)), threading.Event()
    said: list[str] = []

    def tell(what: str, done: int, total: int) -> None:
        said.append(what)
        second.set()

    other = threading.Thread(target=lambda: Store(tmp_path).fetch(dataset, tell))

    def first(what: str, done: int, total: int) -> None:
        if not other.is_alive() and not said:
            other.start()
            assert second.wait(20)

    Store(tmp_path).fetch(dataset, first)
    other.join(20)
    assert said == [WAITING]
    assert len(server.asked) == 1
    assert contents(tmp_path) == ["small.npz"]


def test_a_killed_process_keeps_nobody_out(server: Server, tmp_path: Path) -> None:
    server.files[NAME] = ARCHIVE
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        with alone(tmp_path, lambda: other.send_signal(signal.SIGKILL)):
            assert other.wait(20) == -signal.SIGKILL
    assert Store(tmp_path).fetch(small_cifar(ARCHIVE, server.url(NAME)), nobody).exists()
    assert contents(tmp_path) == ["small.npz"]


def test_each_in_turn(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def one() -> None:
        for _ in range(25):
            with alone(tmp_path, lambda: None):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (inside, most) == ([0], [1])
    assert contents(tmp_path) == []


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), alone(tmp_path, lambda: None):
        raise RuntimeError
    with alone(tmp_path, lambda: pytest.fail("nobody is there")):
        assert contents(tmp_path) == [".lock"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give another folder with --to"), alone(tmp_path / "a", lambda: None):
        pass
