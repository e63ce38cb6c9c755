"""A pool of real processes: what it hands out, what it does about those that end, and what it leaves behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import FaultError, InputError
from grader.processes.pool import Pool

from .observed import ended

linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@contextlib.contextmanager
def working(folder: str = "") -> Iterator[Callable[[object], object]]:
    """Make ready, do what jobs say, and leave a file behind at the end."""

    def work(job: object) -> object:
        match job:
            case "which":
                return os.getpid()
            case "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            case "dies once":
                place = Path(folder, "dead")
                if not place.exists():
                    place.write_text(tempfile.mkdtemp())
                    os.kill(os.getpid(), signal.SIGKILL)
            case "is ours to mend":
                raise ZeroDivisionError("by zero")
            case "is theirs to mend":
                raise InputError("that folder is not there")
            case "ends":
                raise SystemExit(3)
            case "where":
                return tempfile.mkdtemp()
        return job

    try:
        yield work
    finally:
        if folder:
            Path(folder, f"ended-{os.getpid()}").touch()


@contextlib.contextmanager
def unable(error: str) -> Iterator[Callable[[object], object]]:
    if error == "ends":
        os._exit(1)
    raise {"input": InputError, "fault": FaultError, "system": OSError}[error]("no room")
    yield id


def outcomes(pool: Pool[object, object], jobs: list[object]) -> dict[object, object]:
    return {done.job: done.outcome for done in pool.run(jobs)}


def test_every_job_is_done_once() -> None:
    with Pool(working, count=2) as pool:
        assert outcomes(pool, list(range(50))) == {number: number for number in range(50)}
        assert outcomes(pool, []) == {}
        assert len(set(outcomes(pool, ["which"]).values())) == 1, "it goes on after that"


def test_jobs_are_asked_for_when_a_hand_is_free() -> None:
    asked = 0

    def jobs() -> Iterator[int]:
        nonlocal asked
        for number in itertools.count():
            asked += 1
            yield number

    with Pool(working, count=2) as pool:
        for done, _ in enumerate(pool.run(jobs()), start=1):
            assert asked <= done + 2
            if done == 20:
                break


def test_an_error_is_its_jobs_alone() -> None:
    with Pool(working) as pool:
        found = outcomes(pool, ["is ours to mend", "is theirs to mend", 7])
    assert isinstance(found["is ours to mend"], FaultError)
    assert re.fullmatch(r"ZeroDivisionError: by zero \(test_pool.py line \d+\)", str(found["is ours to mend"]))
    assert isinstance(found["is theirs to mend"], InputError)
    assert found[7] == 7


@linux
def test_a_job_whose_process_ends_is_tried_once_more(tmp_path: Path) -> None:
    with Pool(working, (str(tmp_path),), count=2) as pool:
        assert outcomes(pool, [1, "dies once", 2, 3]) == {1: 1, "dies once": "dies once", 2: 2, 3: 3}


@linux
@pytest.mark.parametrize("job", ["dies", "ends"])
def test_a_job_that_ends_every_process_is_given_up(job: str) -> None:
    with Pool(working, count=2) as pool:
        found = outcomes(pool, [1, job, 2])
    assert (found[1], found[2]) == (1, 2)
    with pytest.raises(FaultError, match="ended in the middle, twice: is there enough memory"):
        raise found[job] if isinstance(found[job], FaultError) else AssertionError(found)


@linux
def test_a_process_that_ends_between_jobs_is_replaced() -> None:
    with Pool(working) as pool:
        (first,) = outcomes(pool, ["which"]).values()
        assert isinstance(first, int)
        os.kill(first, signal.SIGKILL)
        (second,) = outcomes(pool, ["which"]).values()
    assert first != second


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        ("input", InputError, "no room"),
        ("fault", FaultError, "no room"),
        ("system", FaultError, "OSError: no room"),
        ("ends", FaultError, "ended before it was ready"),
    ],
)
def test_one_that_cannot_make_ready_says_why(error: str, kind: type[Exception], message: str) -> None:
    with Pool(unable, (error,)) as pool, pytest.raises(kind, match=message):
        list(pool.run([1]))


@linux
def test_processes_end_in_good_order_with_the_pool(tmp_path: Path) -> None:
    with Pool(working, (str(tmp_path),)) as pool:
        next(pool.run(iter(range(4))))
    (left,) = tmp_path.iterdir()
    assert not Path("/proc", left.name.removeprefix("ended-")).exists()


def test_temporary_files_go_with_the_process_that_made_them(tmp_path: Path) -> None:
    with Pool(working, (str(tmp_path),), 1) as pool:
        (place,) = outcomes(pool, ["where"]).values()
        assert isinstance(place, str)
        assert Path(place).is_dir()
        assert outcomes(pool, ["dies once"]) == {"dies once": "dies once"}
        assert not Path((tmp_path / "dead").read_text()).exists()
        assert not Path(place).parent.exists()
        (other,) = outcomes(pool, ["where"]).values()
        assert isinstance(other, str)
        assert Path(other).is_dir()
    assert not Path(other).parent.exists()


LONELY = """
import contextlib, os, sys, tempfile, time
from pathlib import Path
from grader.processes.pool import Pool

@contextlib.contextmanager
def endless(folder):
    def work(job):
        Path(folder, f"at-work-{os.getpid()}").touch()
        print(tempfile.mkdtemp(), flush=True)
        time.sleep(10**6)
    try:
        yield work
    finally:
        Path(folder, f"ended-{os.getpid()}").touch()

if __name__ == "__main__":
    with Pool(endless, (sys.argv[1],)) as pool:
        list(pool.run([1]))
"""


@linux
def test_processes_end_in_good_order_when_their_parent_is_killed_in_the_middle_of_a_job(tmp_path: Path) -> None:
    script, place = tmp_path / "lonely.py", tmp_path / "place"
    script.write_text(LONELY)
    place.mkdir()
    with subprocess.Popen([sys.executable, str(script), str(place)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        temporary = Path(parent.stdout.readline().decode().strip())
        assert temporary.is_dir()
        (begun,) = place.iterdir()
        number = begun.name.removeprefix("at-work-")
        parent.kill()
    assert ended(int(number)), "it goes on"
    assert (place / f"ended-{number}").exists()
    assert not temporary.parent.exists()
