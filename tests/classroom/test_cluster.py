"""Grading on a cluster: the same grades as on one machine, whatever ends in the middle, and nothing left there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client

from grader.authoring.hinting import record_hints
from grader.checking.assignment import load_assignment
from grader.checking.hintfile import known_misconceptions, read_hints
from grader.classroom import cluster
from grader.classroom.crew import Crew, cluster_crew, local_crew
from grader.classroom.examiner import Graded, Task
from grader.classroom.intake.parcel import Parcel
from grader.classroom.shipment import pack
from grader.classroom.terms import Terms
from grader.errors import FaultError, GraderError, InputError

from . import deadly
from .machines import HERE, ROOT, Machines

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tiers that a cluster needs are Linux's")

CONFIG = """
title = "Two small functions"
points = 5
questions = ["double", "triple"]

[limits]
call_seconds = 60

[files]
"layers.py" = []
"""
CHECK = '''"""{name}: {factor} times a vector."""

from grader import Question, expect

question = Question("{name}", file="layers.py", points={points}, returns="out")


@question.check()
def multiplies(student, rng):
    """gives {factor} times x"""
    x = rng.normal(size=4)
    expect.close(student.{name}(x), {factor} * x, "out")


@question.check(hidden=True)
def multiplies_more(student, rng):
    """gives {factor} times a matrix"""
    x = rng.normal(size=(2, 3))
    expect.close(student.{name}(x), {factor} * x, "out")
'''
CATALOGUE = """from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("triple")


@catalogue.wrong("twice-only", "You add x once too few.")
def triple(x):
    return 2 * x
"""
LAYERS = """def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def triple(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION
"""
RIGHT = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    return 3 * x\n"
HALF = RIGHT.replace("3 * x", "2 * x")
STUBS = "def double(x):\n    raise NotImplementedError\n\n\ndef triple(x):\n    raise NotImplementedError\n"
ENDLESS = "def double(x):\n    while True:\n        pass\n\n\ndef triple(x):\n    return 3 * x\n"
BROKEN = "def double(x):\n    return 1 / 0\n\n\ndef triple(x:\n"
ALL = {"right": RIGHT, "half": HALF, "stubs": STUBS, "broken": BROKEN}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course's folder, with a cache that has what is recorded of its misconceptions."""
    home = tmp_path_factory.mktemp("course")
    folder = home / "solutions" / "small"
    for name in ("checks", "misconceptions"):
        (folder / name).mkdir(parents=True)
    (folder / "assignment.toml").write_text(CONFIG)
    (folder / "layers.py").write_text(LAYERS)
    (folder / "data.bin").write_bytes(b"\0\xff")
    for name, factor, points in (("double", 2, 2), ("triple", 3, 3)):
        (folder / "checks" / f"{name}.py").write_text(CHECK.format(name=name, factor=factor, points=points))
    (folder / "misconceptions" / "triple.py").write_text(CATALOGUE)
    record_hints(load_assignment(folder), cache=home / "cache")
    return home


@pytest.fixture(scope="module")
def terms(home: Path) -> Terms:
    return Terms(home / "solutions" / "small", 7, "auto", home / "cache")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with Machines(tmp_path_factory.mktemp("machines") / "files", failures=1) as made:
        made.add_worker("--nworkers", "2", count=2)
        yield made


def tasks(count: int, **more: str) -> list[Task]:
    texts = list(ALL.values())
    made = {f"s{number:02}": texts[number % len(texts)] for number in range(count)}
    return [Task(key, Parcel({"layers.py": text.encode()})) for key, text in (made | more).items()]


def graded(crew: Crew, jobs: Iterable[Task]) -> dict[str, Any]:
    """Return the reports by key, without what depends on the clock; each submission must come once."""
    found: dict[str, Any] = {}
    with crew:
        for done in crew.run(jobs):
            assert done.job.key not in found
            found[done.job.key] = plain(done.outcome)
    return found


def plain(outcome: Graded | GraderError) -> Any:
    if isinstance(outcome, GraderError):
        return outcome
    return timeless(json.loads(outcome.report)) if outcome.report else outcome.problem


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if "seconds" not in key}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def quietly(line: str) -> None:
    assert line.startswith("isolation lite for all"), f"there is nothing to tell: {line}"


def crew_on(machines: Machines, terms: Terms, most: int | None = None) -> Crew:
    return cluster_crew(terms, machines.address, most, quietly)


@pytest.fixture(scope="module")
def alone(terms: Terms) -> dict[str, Any]:
    """Return what one machine says."""

    jobs = [*tasks(4), Task("empty", Parcel({"notes.txt": b"later"}))]
    return graded(local_crew(Terms(terms.folder, 7, "auto", terms.cache), 1), jobs)


def wanted(alone: dict[str, Any], count: int) -> dict[str, Any]:
    return {f"s{n:02}": alone[f"s{n % 4:02}"] | {"submission": f"s{n:02}"} for n in range(count)}


# The same grades


def test_grades_are_those_of_one_machine(machines: Machines, terms: Terms, alone: dict[str, Any]) -> None:
    asked = finished = 0

    def jobs() -> Iterator[Task]:
        nonlocal asked
        for task in [*tasks(12), Task("empty", Parcel({"notes.txt": b"later"}))]:
            asked += 1
            assert asked <= finished + 4, "no more than two for each thread"
            yield task

    found: dict[str, Any] = {}
    with crew_on(machines, terms) as crew:
        for done in crew.run(jobs()):
            finished += 1
            found[done.job.key] = plain(done.outcome)
        with Client(machines.address, set_as_default=False) as client:
            kept = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
    assert kept <= 4, "what is done is given up, however many there are"
    assert found == {**wanted(alone, 12), "empty": alone["empty"]}
    named = [check["misconception"] for question in found["s01"]["questions"] for check in question["checks"]]
    assert "twice-only" in named
    assert [found[f"s0{n}"]["score"] for n in range(4)] == [5, 2, 0, 0]
    machines.clear()


def test_student_code_reaches_neither_scheduler_nor_assignment(machines: Machines, terms: Terms) -> None:
    host, _, port = machines.address.removeprefix("tcp://").partition(":")
    attack = f"import socket\nsocket.create_connection(({host!r}, {port})).close()\n"
    look = f"import glob\nassert glob.glob({str(machines.folder)!r} + '/grader-desk-*/small/checks')\n"
    jobs = tasks(0, attack=attack + RIGHT, look=look + RIGHT, right=RIGHT)
    waiting, found = iter(jobs), {}
    with crew_on(machines, terms, most=1) as crew:
        for left, done in zip((2, 1, 0), crew.run(waiting), strict=True):
            assert waiting.__length_hint__() == left, "one at a time"
            found[done.job.key] = plain(done.outcome)
            exec(attack + (look if left == 2 else ""))  # here, all can be reached
    assert [found[key]["score"] for key in ("attack", "look", "right")] == [0, 0, 5]
    statuses = {
        one["status"] for key in ("attack", "look") for part in found[key]["questions"] for one in part["checks"]
    }
    assert statuses == {"error"}
    machines.clear()


def test_a_shipment_has_all_but_misconceptions(terms: Terms, tmp_path: Path) -> None:
    shipment = pack(terms)
    assert set(shipment.files.files) == {
        "assignment.toml",
        "layers.py",
        "data.bin",
        "checks/double.py",
        "checks/triple.py",
    }
    there = shipment.unpack(tmp_path)
    assert (there.folder, there.seed, there.cache) == (tmp_path / "small", 7, None)
    assignment = load_assignment(terms.folder)
    for question in assignment.order:
        assert there.hints is not None
        recorded = read_hints(there.hints[question])
        assert recorded is not None
        assert list(recorded.known) == list(known_misconceptions(assignment, question, 0, terms.cache))
    assert known_misconceptions(assignment, "triple", 0, terms.cache)


# What ends in the middle


def test_what_is_killed_is_replaced_and_its_submissions_are_graded_again(
    machines: Machines, terms: Terms, alone: dict[str, Any]
) -> None:
    found: dict[str, Any] = {}
    with crew_on(machines, terms) as crew, Client(machines.address, set_as_default=False) as client:
        for done in crew.run(tasks(20)):
            assert done.job.key not in found
            found[done.job.key] = plain(done.outcome)
            if len(found) == 1:
                worker = next(iter(client.run(os.getpid).values()))
                os.kill(worker, signal.SIGKILL)
            if len(found) == 12:
                desks = machines.desks("grader.classroom.desk")
                for process in desks:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
        client.wait_for_workers(2, timeout=60)
        assert worker not in client.run(os.getpid).values()
    assert desks
    assert found == wanted(alone, 20)
    machines.clear()


def test_a_submission_that_ends_workers_is_the_only_one_without_a_grade(
    machines: Machines, terms: Terms, alone: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.setattr(deadly.grade_there, "__module__", "deadly")  # by which name workers know it
    monkeypatch.setattr(cluster, "grade_there", deadly.grade_there)
    monkeypatch.setitem(sys.modules, "deadly", deadly)
    jobs = tasks(8)
    jobs.insert(1, Task("deadly", Parcel({"layers.py": RIGHT.encode()})))
    found = graded(cluster_crew(terms, machines.address, None, str), jobs)
    fault = found.pop("deadly")
    assert isinstance(fault, FaultError)
    assert str(fault) == "the workers that grade this end again and again: is there enough memory?"
    assert found == wanted(alone, 8)
    with Client(machines.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    machines.clear()


def start(home: Path, machines: Machines, *options: str, submissions: dict[str, str]) -> subprocess.Popen[str]:
    """Start ``grader grade``."""
    shutil.rmtree(home / "in", ignore_errors=True)
    for key, text in submissions.items():
        (home / "in" / key).mkdir(parents=True)
        (home / "in" / key / "layers.py").write_text(text)
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", "small", "in", "--out", "out", "--scheduler", machines.address,
         *options],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GRADER_CACHE": str(home / "cache"), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"it has ended before it said {text}: {process.communicate()[1]}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_command_that_is_ended(home: Path, machines: Machines, number: signal.Signals) -> None:
    shutil.rmtree(home / "out", ignore_errors=True)
    with start(home, machines, submissions={"a": ENDLESS, "b": RIGHT}) as process:
        until(process, "1 of 2")
        busy = machines.desks()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert busy
    assert process.returncode == (130 if number == signal.SIGINT else -9)
    if number == signal.SIGINT:
        assert machines.desks() == []
        assert err.splitlines()[-1] == ("grader: interrupted: every grade so far is kept, and the same command goes on")
        assert "1 graded" in out
    machines.clear()


def test_a_scheduler_that_is_killed(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "out", ignore_errors=True)
    with Machines(tmp_path / "first") as machines:
        machines.add_worker("--no-nanny", "--nthreads", "2")
        with start(home, machines, submissions={"a": ENDLESS, "b": RIGHT}) as process:
            until(process, "1 of 2")
            machines.scheduler.kill()
            _, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert err.count("\n") == 1
        assert err.startswith(f"grader: the scheduler at {machines.address} is gone (")
        assert err.endswith("start the cluster again, and the same command goes on\n")
        machines.clear()
    with Machines(tmp_path / "second") as machines:
        with start(home, machines, submissions={"a": HALF, "b": RIGHT}) as process:
            until(process, f"there are no workers at {machines.address}: waiting for some")
            machines.add_worker("--no-nanny")
            until(process, "there are workers now")
            out, err = process.communicate(timeout=60)
        assert (process.returncode, "mean 40%, 1 graded before" in out) == (0, True), out + err
        machines.clear()


# Who may grade


STRANGE = r"^another version of the grader, or none, is on tcp://[^,]*: install the same one on all machines"


def test_a_worker_with_another_grader_is_named(machines: Machines, terms: Terms, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "grader", tmp_path / "grader")
    with (tmp_path / "grader" / "errors.py").open("a") as file:
        file.write("# another one\n")
    late = r"^the worker tcp://.* cannot grade: it has another version of the grader"
    with crew_on(machines, terms) as crew, machines.visitor(PYTHONPATH=str(tmp_path)):
        with pytest.raises(InputError, match=late):
            list(crew.run(tasks(12)))
        with pytest.raises(InputError, match=STRANGE):
            graded(crew_on(machines, terms), tasks(1))
    machines.clear()


def test_a_worker_without_a_grader_is_named(machines: Machines, terms: Terms, tmp_path: Path) -> None:
    (tmp_path / "grader").mkdir()
    (tmp_path / "grader" / "__init__.py").touch()
    with machines.visitor(PYTHONPATH=str(tmp_path)), pytest.raises(InputError, match=STRANGE):
        graded(crew_on(machines, terms), tasks(1))
    machines.clear()


def test_a_worker_that_cannot_give_the_tier_is_named(machines: Machines, terms: Terms) -> None:
    with crew_on(machines, terms) as crew, machines.visitor(prefix=(str(HERE / "without_landlock.py"),)):
        with pytest.raises(
            InputError, match=r"^the worker tcp://.* cannot grade: --isolation \w+: this machine cannot"
        ):
            list(crew.run(tasks(12)))
        want = (
            r"^student code cannot be kept apart as isolation full or lite says on tcp://[^,]* \(.*landlock.*\): take"
        )
        with pytest.raises(InputError, match=want):
            graded(crew_on(machines, terms), tasks(1))
    machines.clear()


# Nobody there


def refused(home: Path, address: str) -> str:
    """Run the command, which must end with one line, and return that."""
    (home / "in" / "a").mkdir(parents=True, exist_ok=True)
    (home / "in" / "a" / "layers.py").write_text(RIGHT)
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "small", "in", "--out", "nobody", "--scheduler", address],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GRADER_CACHE": str(home / "cache")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@contextlib.contextmanager
def listener(said: bytes | None) -> Iterator[str]:
    """Give the address of a server that is none of dask's, or, if it is to say nothing, of none at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if said is None:
            server.close()
            yield address
            return

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with server.accept()[0] as line:
                        line.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        yield address
        server.shutdown(socket.SHUT_RDWR)


def test_no_scheduler_is_there(home: Path) -> None:
    with listener(None) as address:
        assert f"no scheduler of dask answers at {address} (" in refused(home, address)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 4000])
def test_another_server_is_there(terms: Terms, said: bytes) -> None:
    with listener(said) as address:
        not_reached(terms, address)


def test_a_scheduler_with_tls_needs_settings(terms: Terms) -> None:
    with pytest.raises(
        InputError, match=r"^tls://127\.0\.0\.1:9 is one with TLS, and dask's settings here name no key"
    ):
        graded(cluster_crew(terms, "tls://127.0.0.1:9", None, quietly), tasks(1))


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "udp://127.0.0.1:8786"])
def test_what_is_no_address(terms: Terms, address: str) -> None:
    not_reached(terms, address)


def test_a_worker_is_no_scheduler(machines: Machines, terms: Terms) -> None:
    with Client(machines.address, set_as_default=False) as client:
        address = next(iter(client.nthreads()))
    not_reached(terms, address)


def not_reached(terms: Terms, address: str) -> None:
    with pytest.raises(InputError, match=f"^no scheduler of dask answers at {address} [(].*[)]: start one"):
        graded(cluster_crew(terms, address, None, quietly), tasks(1))


def test_student_code_with_a_network_is_refused(terms: Terms) -> None:
    with pytest.raises(InputError, match=r"^--isolation process leaves student code a network, .*: leave out the one"):
        cluster_crew(Terms(terms.folder, 7, "process"), "tcp://127.0.0.1:1", None, quietly)


def test_what_is_not_installed_is_named(terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "grader.classroom.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as caught:
        cluster_crew(terms, "tcp://127.0.0.1:1", None, quietly)
    assert str(caught.value) == "--scheduler needs distributed, which is not installed: pip install 'grader[dask]'"


def test_nothing_of_dask_is_imported_without_need(home: Path) -> None:
    script = (
        "import sys, grader.cli.grade, grader.classroom.crew, grader.classroom.examiner; "
        "sys.exit(any(name in sys.modules for name in ('dask', 'distributed')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


def test_processes_can_be_looked_for(machines: Machines) -> None:
    """A search that finds nothing would show nothing."""
    environment = {**os.environ, "TMPDIR": f"{machines.folder}/grader-desk-x"}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=environment) as process:
        assert [found.pid for found in machines.desks()] == [process.pid]
        assert isinstance(machines.desks()[0], psutil.Process)
        process.communicate(b"\n")
