"""The warm server: what its forks share, what they do not, how it ends, and what is left behind."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from processes.observed import founder_of, workers_of

from grader.errors import FaultError, StudentCrashedError
from grader.sandbox import control
from grader.sandbox.choice import attempt
from grader.sandbox.launch import ColdStart, environment
from grader.sandbox.layout import Layout
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer, warm_launcher
from grader.sandbox.student import Student

from .conftest import LIMITS, student_of
from .test_process import ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a warm server needs Linux")

SOURCE = """
import os, random, signal, stat, subprocess, sys, tempfile, time
import numpy as np

def same(x): return x
def ids(x): return os.getpid(), os.getppid()
def chance(x): return os.urandom(4).hex()
def temporary(x): return tempfile.gettempdir(), os.environ["TMPDIR"], os.getcwd()
def mask(x): return [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])]
def interrupted(x):
    try: signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt: return 1
def kinds(x):
    modes = [os.fstat(int(name)).st_mode for name in os.listdir("/proc/self/fd")[:-1]]
    return [("fifo" if stat.S_ISFIFO(mode) else "device" if stat.S_ISCHR(mode) else "other") for mode in modes]
def frames(x):
    frame, names = sys._getframe(), []
    while frame: names.append(frame.f_code.co_name); frame = frame.f_back
    return names
def signals(x):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}: os.kill(os.getppid(), number)
    return x
def kills_server(x):
    os.kill(os.getppid(), signal.SIGKILL)
    while True: signal.pause()
def stops_server(x):
    os.kill(os.getppid(), signal.SIGSTOP)
    return x
def own_exit(x): os._exit(7)
def escape():
    read, write = os.pipe()
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.setsid()
            os.closerange(0, 3)
            os.write(write, str(os.getpid()).encode())
            while True: signal.pause()
        os._exit(0)
    return int(os.read(read, 20))
def escapes(x): return escape()
def escapes_and_dies(x):
    print(escape())
    os._exit(1)
def child(x): return subprocess.Popen(["sleep", "1000000"]).pid
"""
NAMES = (
    *("ids", "chance", "temporary", "mask", "kinds", "frames"),
    *("interrupted", "escapes", "child"),
)

Make = Callable[[], Student]


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmServer]:
    with WarmServer() as launcher:
        yield launcher


def maker(folder: Path, launcher: WarmServer) -> Make:
    def make() -> Student:
        return student_of(folder, SOURCE, LIMITS, launcher, **dict.fromkeys(NAMES, "all:any"))

    return make


@pytest.fixture
def make(tmp_path: Path, warm: WarmServer) -> Iterator[Make]:
    students: list[Student] = []
    new = maker(tmp_path, warm)

    def remembered() -> Student:
        students.append(new())
        return students[-1]

    yield remembered
    for student in students:
        student.close()


def ready(launcher: WarmServer) -> None:
    """Have one worker made, so that what the server does at first is done."""
    with closing(WorkerProcess(Layout({}), LIMITS, launcher)) as worker:
        assert worker.request({"op": "keep", "value": 1})["ok"]


# --- what forks share, and what they do not ---------------------------------------------------------------------------


def test_workers_are_forks_of_one_server(make: Make, warm: WarmServer) -> None:
    first, second = make().ids(1), make().ids(1)
    assert first[1] == second[1] == warm.pid
    assert first[0] != second[0]


def test_what_the_system_draws_is_each_workers_own(make: Make) -> None:
    assert make().chance(1) != make().chance(1)


def test_temporary_files_are_each_workers_own(make: Make) -> None:
    one, other = make().temporary(1), make().temporary(1)
    assert len(set(one)) == len(set(other)) == 1
    assert one[0] != other[0]


def test_signals_come_as_in_any_process(make: Make) -> None:
    student = make()
    assert student.mask(1) == []
    assert student.interrupted(1) == 1


def test_no_socket_and_nothing_of_another_worker_is_inherited(make: Make) -> None:
    make().same(1)
    student = make()
    kinds = student.kinds(1)
    assert sorted(kinds) == ["device", "fifo", "fifo", "fifo", "fifo", "fifo"]  # printed to: twice, and for marks


def test_nothing_of_the_server_is_on_the_stack(make: Make, tmp_path: Path) -> None:
    with closing(student_of(tmp_path, SOURCE, LIMITS, ColdStart(), frames="all:any")) as cold:
        assert set(make().frames(1)) == set(cold.frames(1))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_the_servers_descriptors_cannot_be_seen(warm: WarmServer) -> None:
    ready(warm)
    with pytest.raises(PermissionError):
        os.listdir(f"/proc/{warm.pid}/fd")


def test_signals_of_a_worker_do_not_touch_the_server(make: Make, warm: WarmServer) -> None:
    before = warm.pid
    assert make().signals(1) == 1
    assert make().ids(1)[1] == before == warm.pid


def test_an_interrupt_of_one_worker_harms_no_other(make: Make) -> None:
    one, other = make(), make()
    process, _ = other.ids(1)
    assert one.interrupted(1) == 1
    assert other.ids(1)[0] == process


# --- what they leave behind -------------------------------------------------------------------------------------------


def test_what_has_left_its_session_is_ended_too(make: Make) -> None:
    student, bystander = make(), make()
    spared = [os.pidfd_open(int(ask(1))) for ask in (bystander.child, bystander.escapes)]
    try:
        for _ in range(3):
            with ended(int(student.escapes(1))):
                student.close()
        assert select.select(spared, [], [], 0)[0] == []
        assert bystander.same(1) == 1
    finally:
        for descriptor in spared:
            os.close(descriptor)


def test_what_has_left_a_worker_that_died_is_ended_too(make: Make) -> None:
    with pytest.raises(StudentCrashedError) as caught:
        make().escapes_and_dies(1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(caught.value.details["output"]), 0)


def test_what_has_left_its_session_ends_with_the_server(tmp_path: Path) -> None:
    with WarmServer() as launcher:
        student = maker(tmp_path, launcher)()
        escaped = ended(int(student.escapes(1)))
        worker = ended(int(student.ids(1)[0]))
        with escaped, worker:
            launcher.close()
    student.close()


def memory_of(process: int) -> int:
    """Return the pages of memory that a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1])


@pytest.mark.parametrize("tier", ["process", "full"])
def test_hundreds_of_workers_leave_nothing_behind(tier: str) -> None:
    before = set(threading.enumerate())
    with WarmServer(tier=tier) as launcher:
        if why := attempt(launcher).why:
            pytest.skip(f"{tier}: {why}")
        assert launcher.pid is not None
        founder = founder_of(launcher.pid)
        for process in (launcher.pid, founder):  # they cannot lose one in each fork
            _, hard = resource.prlimit(process, resource.RLIMIT_NOFILE)
            resource.prlimit(process, resource.RLIMIT_NOFILE, (24, hard))
        counts, sizes = [], []
        for _ in range(2):
            for _ in range(150):
                ready(launcher)
            counts.append(len(os.listdir("/proc/self/fd")))
            sizes.append([memory_of(process) for process in (launcher.pid, founder)])
        assert workers_of(launcher.pid) == set()
        assert counts[0] == counts[1]
        for before_them, after in zip(*sizes, strict=True):
            assert after - before_them < 64, "it grows"  # pages of 4 KiB, after 150 workers
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()


def test_a_closed_server_is_gone_and_so_is_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    launcher = WarmServer()
    ready(launcher)
    assert launcher.pid is not None
    with ended(launcher.pid):
        launcher.close()
    launcher.close()
    assert launcher.pid is None
    assert list(tmp_path.iterdir()) == []


# --- when it fails ----------------------------------------------------------------------------------------------------


def test_a_server_that_was_killed_is_started_anew(tmp_path: Path) -> None:
    with WarmServer() as launcher:
        students = [maker(tmp_path, launcher)() for _ in range(2)]
        first = launcher.pid
        for student in students:
            assert student.ids(1)[1] == first
        with pytest.raises(FaultError, match=r"^the warm server ended.*exit code -9.*run this submission again$"):
            students[0].kills_server(1)
        for student in students:
            with contextlib.suppress(FaultError):  # the second may hear of it in a call, or before
                student.same(1)
            assert student.ids(1)[1] == launcher.pid != first
            student.close()


def test_workers_end_with_a_server_that_was_killed(tmp_path: Path) -> None:
    with WarmServer() as launcher, closing(maker(tmp_path, launcher)()) as student:
        worker, parent = student.ids(1)
        with ended(worker):
            os.kill(parent, signal.SIGKILL)
        assert student.line.output() == ""


def test_a_server_without_its_founder_is_started_anew(tmp_path: Path) -> None:
    with WarmServer(tier="full") as launcher:
        if why := attempt(launcher).why:
            pytest.skip(f"full: {why}")
        first = launcher.pid
        with ended(founder_of(first)):
            os.kill(founder_of(first), signal.SIGKILL)
        ready(launcher)
        assert launcher.pid != first


def test_a_founder_ends_with_its_server_alone() -> None:
    with WarmServer() as launcher:
        ready(launcher)
        founder = founder_of(launcher.pid)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            os.kill(founder, number)
        ready(launcher)
        assert founder_of(launcher.pid) == founder
        with ended(founder):
            launcher.close()


def test_a_server_that_answers_no_more_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_ANSWER_SECONDS", 0.5)
    with WarmServer() as launcher, closing(maker(tmp_path, launcher)()) as student:
        worker, stopped = student.ids(1)
        with ended(worker), ended(stopped):
            student.stops_server(1)
            student.close()
        monkeypatch.undo()
        assert student.ids(1)[1] == launcher.pid != stopped


FAKES = {
    "ends": ("sys.exit('no server here')", "no server here"),
    "ends in silence": ("sys.exit(3)", "exit code 3"),
    "says something else": ("say(b'GRD1'); socket.recv(9)", "exit code"),
    "says a list": ("say(b'[1]'); socket.recv(9)", "exit code"),
    "names no process": ("say(b'{}'); socket.recv(999); say(b'{}'); socket.recv(9)", "exit code"),
    "names every process": ("say(b'{}'); socket.recv(999); say(b'{\"value\": -1}'); socket.recv(9)", "no process"),
    "names the first process": ("say(b'{}'); socket.recv(999); say(b'{\"value\": 1}'); socket.recv(9)", "no process"),
    "names none": ("say(b'{}'); socket.recv(999); say(b'{\"value\": null}'); socket.recv(9)", "no process"),
    "names text": ("say(b'{}'); socket.recv(999); say(b'{\"value\": \"7\"}'); socket.recv(9)", "exit code"),
    "names true": ("say(b'{}'); socket.recv(999); say(b'{\"value\": true}'); socket.recv(9)", "exit code"),
}


@pytest.mark.parametrize("fake", FAKES)
def test_what_is_no_server_is_a_fault_in_one_line(fake: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    body, reason = FAKES[fake]
    python = tmp_path / "python"
    text = "import sys\nfrom socket import fromfd, AF_UNIX, SOCK_SEQPACKET\nsocket = fromfd(0, AF_UNIX, SOCK_SEQPACKET)"
    python.write_text(f"#!{sys.executable}\n{text}\nsay = socket.send\n{body}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with WarmServer() as launcher, pytest.raises(FaultError) as caught:
        launcher.launch(str(tmp_path))
    message = str(caught.value)
    assert message.startswith("the warm server ended, and once more when started anew (")
    assert reason in message
    assert message.isprintable()


def test_no_python_to_start_a_server_with_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(FaultError, match=r"^a warm server could not be started: .*No such file"):
        WarmServer()
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_is_not_here_is_a_fault() -> None:
    message = r"^a warm server could not be started: ModuleNotFoundError: No module named 'no_such': install"
    with WarmServer(["no_such"]) as launcher:
        for _ in range(2):
            with pytest.raises(FaultError, match=message):
                WorkerProcess(Layout({}), LIMITS, launcher)


THREAD = "import os, threading\ndef start(): threading.Thread(target=threading.Event().wait, daemon=True).start()\n"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], WarmServer]:
    """Return a function that starts a server which also imports a module with a given source."""
    monkeypatch.setattr(control, "environment", lambda scratch: environment(scratch) | {"PYTHONPATH": str(tmp_path)})

    def start(source: str) -> WarmServer:
        (tmp_path / "own.py").write_text(source)
        return WarmServer(["own"])

    return start


def test_a_server_with_threads_is_refused(own: Callable[[str], WarmServer]) -> None:
    with own(THREAD + "start()\n") as launcher, pytest.raises(FaultError, match="the server has 2 threads"):
        WorkerProcess(Layout({}), LIMITS, launcher)


def test_the_servers_threads_are_counted_before_each_fork(own: Callable[[str], WarmServer]) -> None:
    with own(THREAD + "os.register_at_fork(after_in_parent=start)\n") as launcher:
        ready(launcher)
        with pytest.raises(FaultError, match=r"the server cannot fork a worker: .*the server has 2 threads"):
            WorkerProcess(Layout({}), LIMITS, launcher)


def test_a_worker_that_cannot_be_confined_ends(own: Callable[[str], WarmServer]) -> None:
    source = "import sys\ndef confine(request): raise OSError('no such layer')\n"
    source += "sys.modules['_grader.worker.service'].confine = confine\n"
    message = "a worker could not be set up: no such layer"
    with own(source) as launcher, pytest.raises(FaultError, match=message):
        ready(launcher)


def test_a_closed_server_launches_nothing(tmp_path: Path) -> None:
    launcher = WarmServer()
    launcher.close()
    with pytest.raises(FaultError, match="a warm server that is closed"):
        launcher.launch(str(tmp_path))


def test_a_server_serves_one_process(warm: WarmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(FaultError, match="start one in each process"):
        warm.launch("")


def test_an_interrupt_while_the_server_answers_ends_it_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: object) -> None:
        raise KeyboardInterrupt

    with WarmServer() as launcher:
        ready(launcher)
        first = launcher.pid
        assert first is not None
        with monkeypatch.context() as patch, ended(first):
            patch.setattr(control.Control, "_answer", interrupt)
            with pytest.raises(KeyboardInterrupt):
                WorkerProcess(Layout({}), LIMITS, launcher)
        ready(launcher)
        assert launcher.pid != first


# --- the door ---------------------------------------------------------------------------------------------------------


def test_the_door_gives_a_server_where_there_can_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with warm_launcher() as launcher:
        assert isinstance(launcher, WarmServer)
        ready(launcher)
    assert launcher.pid is None
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        with warm_launcher() as launcher:
            assert launcher == ColdStart()

    def refused(process: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refused)
    with warm_launcher() as launcher:
        assert launcher == ColdStart()


# --- torch ------------------------------------------------------------------------------------------------------------

TORCH = """
import sys
before = set(sys.modules)
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
def trains(x):
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 14 * 14, 10))
    for optimiser in (torch.optim.SGD(net.parameters(), lr=0.1), torch.optim.Adam(net.parameters())):
        for _ in range(3):
            optimiser.zero_grad()
            F.cross_entropy(net(torch.randn(64, 3, 16, 16)), torch.zeros(64, dtype=torch.int64)).backward()
            optimiser.step()
    a = torch.ones(700, 700)
    return (a @ a).numpy().sum()
def later(x): return sorted(name for name in set(sys.modules) - before if name == "torch._dynamo.eval_frame")
def settings(x): return torch.get_num_threads(), torch.cuda.is_initialized()
"""


def test_torch_works_in_a_fork_and_imports_nothing_late(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with WarmServer(["torch"]) as launcher:
        for _ in range(2):
            names = dict.fromkeys(("later", "settings"), "all:any") | {"trains": "out:number"}
            with closing(student_of(tmp_path, TORCH, LIMITS, launcher, **names)) as student:
                assert student.settings(1) == (1, False)
                assert student.trains(1) == 700**3
                assert student.later(1) == []
