"""The tiers of isolation, by real processes: what each stops, and that right code does not notice.

Every attack is first seen to succeed in the tier ``process``: else a test that it fails would show nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from processes.observed import has_power, workers_of

from grader.errors import FaultError, InputError, StudentCrashedError, StudentRaisedError, StudentTimeoutError
from grader.sandbox import choice as choices
from grader.sandbox import isolation
from grader.sandbox.choice import Choice, attempt
from grader.sandbox.isolation import LAYERS, TIERS, Isolation
from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.server import WarmServer
from grader.sandbox.student import Student
from grader.sandbox.worker import privileges

from .conftest import LIMITS, said, student_of
from .test_process import ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's")


POWERFUL = sys.platform == "linux" and has_power(21)  # CAP_SYS_ADMIN


@pytest.fixture(scope="module")
def server() -> Iterator[WarmServer]:
    with WarmServer() as launcher:
        yield launcher


@pytest.fixture(scope="module")
def available(server: WarmServer) -> dict[str, str]:
    """Return for each tier why this machine cannot give it, nothing where it can."""
    return {tier: attempt(server.at(tier)).why for tier in TIERS}


@pytest.fixture
def at(server: WarmServer, available: dict[str, str]) -> Callable[[str], Launcher]:
    def launcher(tier: str) -> Launcher:
        if available[tier]:
            pytest.skip(f"{tier}: {available[tier]}")
        return server.at(tier)

    return launcher


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """Return a folder for a submission, which any user may read, in one with a secret."""
    folder = tmp_path / "course" / "submission"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    (tmp_path / "course" / "solution.py").write_text("the right answer")
    return folder


# --- attacks ----------------------------------------------------------------------------------------------------------

ATTACKS = {
    "read_solution": "open(x['secret']).read()",
    "list_solutions": "os.listdir(os.path.dirname(x['secret']))",
    "read_through_link": "os.symlink(x['secret'], 'link'); open('link').read()",
    "read_through_hard_link": "os.link(x['secret'], 'hard'); open('hard').read()",
    "read_through_process": "open('/proc/self/root' + x['secret']).read()",
    "read_grader": "open(x['grader']).read()",
    "read_environment_of_others": "open(f'/proc/{x[\"other\"]}/environ', 'rb').read()",
    "read_memory_of_others": "open(f'/proc/{x[\"other\"]}/mem', 'rb').close()",
    "write_beside": "open(os.path.join(os.path.dirname(x['secret']), 'new'), 'w').close()",
    "write_temporary": "open(os.getcwd() + '.mark', 'w').close(); os.unlink(os.getcwd() + '.mark')",
    "overwrite_solution": "open(x['secret'], 'a').close()",
    "change_submission": "open(__file__, 'a').close()",
    "remove_submission": "os.rename(__file__, __file__ + 'x'); os.rename(__file__ + 'x', __file__)",
    "move_solution": "os.rename(x['secret'], 'taken'); os.rename('taken', x['secret'])",
    "change_permissions": "os.chmod(x['secret'], 0o666)",
    "change_times": "os.utime(x['secret'])",
    "truncate": "os.truncate(x['secret'], 16)",
    "connect": "socket.create_connection(('127.0.0.1', x['port'])).close()",
    "bind": "socket.socket().bind(('127.0.0.1', 0))",
    "datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'the answer', ('127.0.0.1', x['port']))",
    "abstract_socket": "socket.socket(socket.AF_UNIX).bind(f'\\0grader-{os.getpid()}')",
    "look_into_others": "checked(libc.ptrace(0x4206, x['other'], None, None))",
    "signal_others": "os.kill(x['other'], 0)",
    "signal_server": "os.kill(x['server'], 0)",
    "signal_by_descriptor": "signal.pidfd_send_signal(os.pidfd_open(x['other']), 0)",
    "limit_others": "resource.prlimit(x['other'], resource.RLIMIT_NOFILE, (5, 5))",
    "bind_others_to_a_core": "os.sched_setaffinity(x['other'], os.sched_getaffinity(0))",
    "slow_others_down": "os.setpriority(os.PRIO_PROCESS, x['other'], 5)",
    "signal_through_a_pipe": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, x['other'])",
    "choose_the_signal": "fcntl.fcntl(os.pipe()[0], 10, signal.SIGKILL)",
    "be_told_by_signal": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETFL, os.O_ASYNC)",
    "be_told_by_signal_otherwise": "fcntl.ioctl(os.pipe()[0], 0x5452, b'\\1\\0\\0\\0')",
    "fork": "os.waitpid(os.fork() or os._exit(0), 0)",
    "run_a_program": "subprocess.run(['true'], check=True)",
    "new_namespace": "checked(libc.unshare(0x04000000))",
    "large_file": "os.posix_fallocate(created(0), 0, x['room'] + 1)",
    "anonymous_file": "os.memfd_create('program')",
    "be_looked_into": "checked(libc.prctl(4, 1, 0, 0, 0))",
    "many_files": "[os.open('/dev/null', os.O_RDONLY) for _ in range(300)]",
    "raise_limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))",
}
"""What each does in one line; none does harm where it succeeds."""

ONLY_FULL = {
    "fill_the_disk": "[os.posix_fallocate(created(n), 0, x['room'] // 3) for n in range(4)]",
    "make_many_files": "[os.close(created(n)) for n in range(10_001)]",
    "see_what_is_there": "os.stat(x['secret'])",
    "know_of_others": "os.stat(f'/proc/{x[\"other\"]}')",
}
"""What only ``full`` stops."""

TOOLS = """
import ctypes, fcntl, os, resource, signal, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def checked(value):
    if value < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value
def created(number): return os.open(str(number), os.O_CREAT | os.O_WRONLY)
"""
STOPPED = r"(Permission|FileNotFound|ProcessLookup|OS|Value)Error: "
NEEDS_ROOT = {"limit_others", "slow_others_down", "new_namespace", "look_into_others", "raise_limits"}
"""Some systems allow these to root alone, even without any tier: nothing can be learnt from their failing then."""
SOURCE = TOOLS + "".join(f"def {name}(x): {line}\n" for name, line in (ATTACKS | ONLY_FULL).items())


@pytest.fixture
def targets(submission: Path, server: WarmServer) -> Iterator[dict[str, Any]]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        subprocess.Popen(["sleep", "1000"], stdout=subprocess.DEVNULL) as other,
    ):
        yield {
            "secret": str(submission.parent / "solution.py"),
            "grader": str(Path(isolation.__file__)),
            "other": other.pid,
            "server": server.pid,
            "port": listening.getsockname()[1],
            "room": isolation.ROOM,
        }
        other.kill()


Attack = Callable[[str, str], str]


@pytest.fixture
def attack(at: Callable[[str], Launcher], submission: Path, targets: dict[str, Any]) -> Attack:
    """Return a function that has a new worker of a tier attack: what it fails with, nothing if it succeeds."""

    def run(tier: str, name: str) -> str:
        with closing(student_of(submission, SOURCE, LIMITS, at(tier), **{name: "all:any"})) as student:
            try:
                getattr(student, name)(targets)
            except StudentRaisedError as error:
                return error.message
            return ""

    return run


@pytest.mark.parametrize(
    ("tier", "name"), [*(("full", name) for name in ATTACKS | ONLY_FULL), *(("lite", name) for name in ATTACKS)]
)
def test_attacks_are_stopped(attack: Attack, submission: Path, tier: str, name: str) -> None:
    secret = submission.parent / "solution.py"
    if name not in NEEDS_ROOT or POWERFUL:
        assert attack("process", name) == "", "without isolation it would succeed"
    secret.chmod(0o644)
    assert re.match(STOPPED, attack(tier, name))
    assert secret.read_text() == "the right answer"


@pytest.mark.parametrize("tier", ["full", "lite"])
def test_no_other_program_takes_the_workers_place(at: Callable[[str], Launcher], submission: Path, tier: str) -> None:
    source = "import os\ndef f(x): os.execv('/bin/su', ['su', '--version'])\n"
    with closing(student_of(submission, source, LIMITS, at("process"))) as student:
        assert "exit code 0" in said(StudentCrashedError, student.f, 1)
    with closing(student_of(submission, source, LIMITS, at(tier))) as student:
        assert re.match("(Permission|FileNotFound)Error", said(StudentRaisedError, student.f, 1))


FOREVER = """
import threading
def f(x):
    def more():
        try: threading.Thread(target=more).start()
        except RuntimeError: pass
        threading.Event().wait(1)
    more()
    return x
"""


@pytest.mark.parametrize("tier", ["full", "lite", "process"])
def test_nothing_is_left_of_a_worker(submission: Path, available: dict[str, str], tier: str) -> None:
    if available[tier]:
        pytest.skip(f"{tier}: {available[tier]}")
    with WarmServer(tier=tier) as launcher:
        for _ in range(3):
            with closing(student_of(submission, FOREVER, Limits(20.0, 50.0, 2**30), launcher)) as student:
                assert student.f(1) == 1
        assert workers_of(launcher.pid) == set()
        student = student_of(submission, FOREVER, LIMITS, launcher)
        student.f(1)
        living = workers_of(launcher.pid)
        assert len(living) == (2 if tier == "full" else 1)
        with contextlib.ExitStack() as gone:
            for process in living:
                gone.enter_context(ended(process))
            assert launcher.pid is not None
            os.kill(launcher.pid, signal.SIGKILL)
        student.close()


@pytest.mark.parametrize("tier", ["full", "lite"])
def test_a_worker_that_is_killed_or_crashes_says_so(at: Callable[[str], Launcher], submission: Path, tier: str) -> None:
    source = """
        import ctypes, os, signal
        def killed(x): os.kill(os.getpid(), signal.SIGKILL)
        def aborted(x): os.abort()
        def ends(x): os._exit(7)
        def spins(x):
            while True: pass
        """
    short = Limits(call_seconds=0.4, question_seconds=100.0, memory_bytes=None, slack=30.0)
    with closing(student_of(submission, source, short, at(tier))) as student:
        assert "SIGKILL" in said(StudentCrashedError, student.killed, 1)
        assert "SIGABRT" in said(StudentCrashedError, student.aborted, 1)
        assert "exit code 7" in said(StudentCrashedError, student.ends, 1)
        said(StudentTimeoutError, student.spins, 1)


# --- right code -------------------------------------------------------------------------------------------------------

RIGHT = """
import os, sys, tempfile, threading, time
import numpy as np

def multiplies(x):
    found = []
    threads = [threading.Thread(target=lambda: found.append((np.ones((300, 300)) @ np.ones((300, 300))).sum()))
               for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return sum(found)
def imports_late(x):
    import ctypes.util, decimal, sqlite3, xml.dom.minidom, zoneinfo
    import numpy.polynomial, numpy.testing
    return str(zoneinfo.ZoneInfo("UTC")), decimal.Decimal(1) / 4 == decimal.Decimal("0.25")
def writes(x):
    np.save("x.npy", np.arange(3))
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "y"), "w") as file: file.write("y")
    os.mkdir("sub"); os.rename("x.npy", "sub/z.npy")
    total = float(np.load("sub/z.npy").sum())
    os.remove("sub/z.npy"); os.rmdir("sub")
    return total, os.getcwd() == os.environ["HOME"] == tempfile.gettempdir()
def reads(x): return open(os.path.join(os.path.dirname(__file__), "weights.txt")).read()
def looks(x):
    from layers import multiplies
    open("/dev/null", "w").write("x")
    return os.cpu_count() > 0, time.strftime("%Z") != "", os.urandom(3) != os.urandom(3)
def learns(x):
    import torch
    torch.set_num_threads(2)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(1568, 10))
    for optimiser in (torch.optim.SGD(net.parameters(), lr=0.1), torch.optim.Adam(net.parameters())):
        for _ in range(2):
            optimiser.zero_grad()
            images, labels = torch.randn(64, 3, 16, 16), torch.zeros(64, dtype=torch.int64)
            torch.nn.functional.cross_entropy(net(images), labels).backward()
            optimiser.step()
    a = torch.ones(500, 500)
    torch.save(net.state_dict(), "net.pt")
    net.load_state_dict(torch.load("net.pt"))
    return (a @ a).sum().item(), torch.get_num_threads()
"""


@pytest.fixture(params=["full", "lite", "process", "cold lite"])
def anywhere(request: pytest.FixtureRequest, at: Callable[[str], Launcher]) -> Launcher:
    if request.param == "cold lite":
        at("lite")
        return ColdStart("lite")
    return at(request.param)


@pytest.fixture
def right(anywhere: Launcher, submission: Path) -> Iterator[Student]:
    (submission / "weights.txt").write_text("3 4")
    names = dict.fromkeys(("imports_late", "writes", "looks", "learns", "reads"), "all:any")
    with closing(student_of(submission, RIGHT, LIMITS, anywhere, **names)) as student:
        yield student


def test_right_code_does_not_notice(right: Student) -> None:
    assert right.multiplies(1) == 4 * 300**3
    assert right.imports_late(1) == ("UTC", True)
    assert right.reads(1) == "3 4"
    assert right.looks(1) == (True, True, True)


def test_right_code_writes_where_it_may(right: Student, anywhere: Launcher) -> None:
    total, everything_is_scratch = right.writes(1)
    assert total == 3
    assert everything_is_scratch or anywhere.tier == "process"


def test_torch_learns_in_every_tier(right: Student) -> None:
    pytest.importorskip("torch")
    assert right.learns(1) == (500**3, 2)


@pytest.mark.parametrize("tier", ["full", "lite"])
def test_what_is_given_with_an_assignment_can_be_read_but_not_its_neighbours(
    at: Callable[[str], Launcher], submission: Path, tier: str
) -> None:
    given, neighbour = submission.parent / "given.py", submission.parent / "solution.py"
    given.write_text("def f(x): return open(x).read()\n")
    layout = Layout({"given": str(given)}, search=[str(submission)])
    with closing(WorkerProcess(layout, LIMITS, at(tier))) as worker:
        assert worker.request({"op": "load", "module": "given"})["ok"]
        for path, ok in ((given, True), (neighbour, False)):
            call = {"op": "call", "module": "given", "name": "f", "args": (str(path),), "kwargs": {}, "keep": []}
            assert worker.request(call)["ok"] is ok


def test_two_students_do_not_see_each_others_files(at: Callable[[str], Launcher], submission: Path) -> None:
    source = (
        "import os\ndef keeps(x): open('kept', 'w').close(); return os.getcwd()\ndef looks(x): return os.listdir(x)"
    )
    names = dict.fromkeys(("keeps", "looks"), "all:any")
    with (
        closing(student_of(submission, source, LIMITS, at("lite"), **names)) as one,
        closing(student_of(submission, source, LIMITS, at("lite"), **names)) as other,
    ):
        folder = one.keeps(1)
        assert one.looks(folder) == ["kept"]
        assert other.looks(".") == []
        assert "PermissionError" in said(StudentRaisedError, other.looks, folder)


def test_the_umask_is_no_matter(available: dict[str, str]) -> None:
    before = os.umask(0o077)
    try:
        with WarmServer() as launcher:
            assert {tier: attempt(launcher.at(tier)).why for tier in TIERS} == available
    finally:
        os.umask(before)


def test_links_in_the_submissions_path_are_no_matter(at: Callable[[str], Launcher], tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    real.chmod(0o755)
    (tmp_path / "link").symlink_to("real")
    (real / "layers.py").write_text("def f(x): return x\n")
    layout = Layout({"layers": str(tmp_path / "link" / "layers.py")}, search=[str(tmp_path / "link")])
    with closing(WorkerProcess(layout, LIMITS, at("full"))) as worker:
        assert worker.request({"op": "load", "module": "layers"})["ok"]


# --- what is said of it -----------------------------------------------------------------------------------------------


THREADS = """
import threading

waits = threading.Event()

def begin(count):
    threading.stack_size(2**16)
    for _ in range(count):
        threading.Thread(target=waits.wait, daemon=True).start()
    return threading.active_count()
"""


def test_the_threads_of_one_student_leave_another_theirs(at: Callable[[str], Launcher], submission: Path) -> None:
    """The system counts them by user."""
    if os.geteuid() == 0 and "user" not in attempt(at("full")).layers:
        pytest.skip("it does not count those of root, who can become nobody else here")
    few = 300  # two times that is more than one may have
    with (
        closing(student_of(submission, THREADS, LIMITS, at("full"), begin="all:any")) as one,
        closing(student_of(submission, THREADS, LIMITS, at("full"), begin="all:any")) as other,
    ):
        assert one.begin(few) == other.begin(few) == few + 1
        assert "can't start new thread" in said(StudentRaisedError, one.begin, few)


@pytest.mark.parametrize(
    ("table", "user"),
    [
        ("0 0 4294967295\n", 2_100_004_321),
        ("0 1000 1\n1 100000 65535\n", privileges.NOBODY),
        ("0 1000 1\n", None),
    ],
)
def test_in_a_container_there_may_be_no_user_for_each(
    monkeypatch: pytest.MonkeyPatch, table: str, user: int | None
) -> None:
    files = {
        "/proc/self/status": "Pid:\t70\nNSpid:\t4321\t2\n",
        "/proc/self/uid_map": table,
        "/proc/self/gid_map": table,
    }
    monkeypatch.setattr(privileges, "open", lambda path, **_: io.StringIO(files[path]), raising=False)
    assert privileges.stranger() == user


@pytest.mark.parametrize("tier", TIERS)
def test_a_worker_says_what_stands_and_the_system_agrees(at: Callable[[str], Launcher], tier: str) -> None:
    with closing(WorkerProcess(Layout({}), LIMITS, at(tier))) as worker:
        assert worker.isolation == Isolation(tier)
        worker.request({"op": "keep", "value": 1})
        assert worker.isolation.tier == tier
        assert set(worker.isolation.layers) - {"user"} == set(LAYERS[tier])
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
        own = Path("/proc/self/status").read_text()  # in a container, it has the container's filter
        assert (filters(status) > filters(own)) == (tier != "process")


def filters(status: str) -> int:
    return int(status.partition("Seccomp_filters:")[2].split()[0])


OWN = {"Seccomp": "2", "Seccomp_filters": "1"}  # in a container
REAL = {
    "Seccomp": "2",
    "Seccomp_filters": "2",
    "NoNewPrivs": "1",
    "CapEff": "0000000000000000",
    "NSpid": "70 2",
    "Uid": "65534 0 0 0",
}


@pytest.mark.parametrize(
    ("changed", "layer"),
    [
        ({"Seccomp": "0"}, "seccomp"),
        ({"Seccomp_filters": "1"}, "seccomp"),
        ({"NoNewPrivs": "0"}, "privileges"),
        ({"CapEff": "0000000000200000"}, "privileges"),
        ({"NSpid": "70"}, "namespaces"),
        ({"Uid": str(getattr(os, "geteuid", int)())}, "user"),
    ],
)
def test_what_the_system_does_not_show_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], layer: str
) -> None:
    said = [*LAYERS["full"], "user"]
    monkeypatch.setattr(isolation, "_status", lambda process: REAL if process == 70 else OWN)
    monkeypatch.setattr(isolation, "_shares", lambda process, kind: False)
    assert isolation.verified("full", said, 70).layers == tuple(said)
    monkeypatch.setattr(isolation, "_status", lambda process: REAL | changed if process == 70 else OWN)
    with pytest.raises(FaultError, match=f"without {layer}: report it"):
        isolation.verified("full", said, 70)


@pytest.mark.skipif(not POWERFUL, reason="only root may see namespaces of others")
def test_a_namespace_that_is_shared_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_unseen", lambda *_: [])
    with pytest.raises(FaultError, match=r"without a namespace of its own \(mnt\), .*\(net\)"):
        isolation.verified("full", [*LAYERS["full"]], os.getpid())


@pytest.mark.parametrize("said", [None, [], ["process"], "process limits", ["process", 3]])
def test_a_tier_is_not_had_by_halves(said: object) -> None:
    with pytest.raises(FaultError, match="a worker began without"):
        isolation.verified("process", said, 0)


def test_a_cold_start_does_not_pretend_to_be_full() -> None:
    with pytest.raises(FaultError, match="isolation full needs a warm server"):
        WorkerProcess(Layout({}), LIMITS, ColdStart("full"))


def test_what_cannot_be_read_without_powers_is_told(at: Callable[[str], Launcher], submission: Path) -> None:
    if not POWERFUL:
        pytest.skip("only root has powers to lose")
    (submission / "layers.py").write_text("")
    try:
        os.chown(submission / "layers.py", 12345, 12345)
    except OSError as error:
        pytest.skip(f"here is one user alone ({error})")
    (submission / "layers.py").chmod(0o600)
    layout = Layout({"layers": str(submission / "layers.py")}, search=[str(submission)])
    for tier in ("full", "lite"):
        with closing(WorkerProcess(layout, LIMITS, at(tier))) as worker, pytest.raises(FaultError, match="chmod"):
            worker.request({"op": "load", "module": "layers"})


# --- the choice -------------------------------------------------------------------------------------------------------


def test_the_best_tier_is_taken(available: dict[str, str]) -> None:
    with Choice("auto") as choice:
        assert choice.tier == next(tier for tier in TIERS if not available[tier])


@pytest.mark.parametrize(("refused", "taken"), [({"full"}, "lite"), ({"full", "lite"}, "process")])
def test_auto_takes_what_there_is(monkeypatch: pytest.MonkeyPatch, refused: set[str], taken: str) -> None:
    monkeypatch.setattr(choices, "attempt", lambda launcher: choices.Attempt(why="no" * (launcher.tier in refused)))
    with Choice("auto") as choice:
        assert choice.tier == taken


def test_a_class_is_not_graded_by_processes_alone_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        choices, "attempt", lambda launcher: choices.Attempt(why="it is old" * (launcher.tier != "process"))
    )
    with (
        Choice("auto", many=True) as choice,
        pytest.raises(InputError, match=r"apart \(it is old\).*--isolation process"),
    ):
        _ = choice.tier
    with Choice("process", many=True) as choice:
        assert choice.tier == "process"
    monkeypatch.setattr(choices, "attempt", lambda launcher: choices.Attempt(why="no" * (launcher.tier == "full")))
    with Choice("auto", many=True) as choice:
        assert choice.tier == "lite"


@pytest.mark.parametrize("tier", ["full", "lite"])
def test_what_was_asked_for_and_cannot_be_had_is_an_error(monkeypatch: pytest.MonkeyPatch, tier: str) -> None:
    monkeypatch.setattr(choices, "attempt", lambda launcher: choices.Attempt(why="no such layer"))
    with (
        Choice(tier) as choice,
        pytest.raises(InputError, match=rf"--isolation {tier}: .*no such layer.*grader doctor"),
    ):
        choice.launch("")


def test_each_tier_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = list[object]()

    def attempt(launcher: object) -> choices.Attempt:
        tried.append(launcher)
        return choices.Attempt(why="" if len(tried) == 2 else "no such layer")

    monkeypatch.setattr(choices, "attempt", attempt)
    with Choice("auto", many=True) as choice:
        assert choice.tier == "lite"
        assert len(tried) == 2
        assert choice.attempts()["full"].why == "no such layer"
        assert len(tried) == 3  # the third is process


def test_elsewhere_there_is_the_tier_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "can_be_warm", lambda: False)
    monkeypatch.setattr(sys, "platform", "darwin")
    with Choice("auto") as choice:
        assert choice.attempts()["full"].why == "it needs Linux 5.13 or later, and this is darwin"
        assert choice.tier == "process"
    with Choice("lite") as choice, pytest.raises(InputError, match="needs Linux"):
        choice.launch("")


def test_no_server_is_started_for_the_tier_process() -> None:
    with Choice("process") as choice:
        assert choice._server is None
        assert choice.tier == "process"
