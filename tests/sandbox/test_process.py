"""The process itself: how it starts and ends, what it may use, what it prints, and what it cannot do to the grader."""

from __future__ import annotations

import itertools
import os
import select
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from grader.errors import AnswerError, FaultError, StudentCrashedError, StudentRaisedError, StudentTimeoutError
from grader.sandbox.launch import Launcher
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerDiedError, WorkerProcess
from grader.sandbox.server import WarmServer
from grader.sandbox.student import Student

from .conftest import LIMITS, SHORT, Submit, said, student_of

X = np.arange(3.0)


@contextmanager
def ended(process: int) -> Iterator[None]:
    """Expect that a process ends."""
    descriptor = os.pidfd_open(process)
    try:
        yield
        assert select.select([descriptor], [], [], 60)[0], "it still runs"
    finally:
        os.close(descriptor)


# --- how it starts ----------------------------------------------------------------------------------------------------

WHERE = """
import os, sys
import numpy as np
def env(x): return dict(os.environ)
def where(x): return os.getcwd()
def ids(x): return os.getpid(), os.getppid(), os.getsid(0), os.getpgid(0)
def modules(x): return sorted(name for name in sys.modules if "grader" in name)
def path(x): return list(sys.path)
def open_files(x): return sorted(os.listdir("/proc/self/fd"))
def arguments(x): return list(sys.argv), sys.flags.safe_path, sys.dont_write_bytecode
def links(x): return [os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)]
def thread_count(x): return len(os.listdir("/proc/self/task"))
"""


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Iterator[Student]:
    os.environ["GRADER_TEST_SECRET"] = "the right answer"
    names = ("env", "where", "ids", "modules", "path", "open_files", "arguments", "links", "thread_count")
    student = student_of(tmp_path_factory.mktemp("where"), WHERE, LIMITS, launcher, **dict.fromkeys(names, "all:any"))
    student.line.start()
    del os.environ["GRADER_TEST_SECRET"]
    yield student
    student.close()


def test_it_learns_of_any_number_of_files(launcher: Launcher) -> None:
    """More than a pipe takes, so that it has to read before all is written."""
    missing = {f"module_{number}": "it is missing" for number in range(10_000)}
    with closing(WorkerProcess(Layout({}, missing=missing), LIMITS, launcher)) as worker:
        assert worker.request({"op": "keep", "value": 1})["ok"]


def test_one_that_was_asked_for_nothing_is_ended(launcher: Launcher) -> None:
    worker = WorkerProcess(Layout({}), LIMITS, launcher)
    worker.close()
    assert worker.ended


def test_one_that_is_killed_before_it_was_asked_says_so(launcher: Launcher) -> None:
    """Whether it was set up by then or not."""
    with closing(WorkerProcess(Layout({}), LIMITS, launcher)) as worker:
        worker.kill()
        with pytest.raises((FaultError, WorkerDiedError), match=r"could not be started|SIGKILL"):
            worker.request({"op": "keep", "value": 1})


def test_it_gets_a_small_environment(where: Student) -> None:
    names = set(where.env(0)) - {"LC_CTYPE"}  # which Python sets itself
    assert "GRADER_TEST_SECRET" not in names
    assert not any(name.startswith(("PYTHON", "LD_", "VIRTUAL_ENV")) for name in names - {"PYTHONHASHSEED"})
    assert {"OMP_NUM_THREADS", "MPLBACKEND", "TMPDIR"} <= names


def test_it_has_a_folder_and_a_session_of_its_own(where: Student, launcher: Launcher) -> None:
    assert Path(where.where(0)).name.startswith("grader-")
    process, parent, session, group = where.ids(0)
    assert parent == (launcher.pid if isinstance(launcher, WarmServer) else os.getpid())
    assert process == session == group
    assert process not in (parent, os.getsid(0))


def test_it_loads_nothing_of_ours_but_the_codec_and_the_worker(where: Student, launcher: Launcher) -> None:
    modules = where.modules(0)
    own = ["confinement", "failures", "limits", "modules", "mutation", "seeds"]
    own += ["service", "standins", "streams", "tensors"]
    if isinstance(launcher, WarmServer):
        own += ["bpf", "landlock", "layers", "linux", "mounts", "namespaces", "pages", "places", "privileges"]
        own += ["seccomp", "syscalls", "template"]
    assert modules == sorted(["_grader", "_grader.wire", "_grader.worker", *(f"_grader.worker.{name}" for name in own)])


def test_it_reads_nothing_and_prints_into_one_pipe(where: Student) -> None:
    null, out, err = where.links(0)
    assert null == os.devnull
    assert out == err
    assert out.startswith("pipe:")


def test_it_inherits_no_files_and_starts_no_threads(where: Student) -> None:
    assert len(where.open_files(0)) <= 3 + 3 + 1  # the standard ones, our pipes, and the folder being listed
    assert where.thread_count(0) == 1


def test_it_knows_nothing_of_how_it_was_started(where: Student) -> None:
    assert where.arguments(0) == ([""], True, True)
    assert "" not in where.path(0)


def test_a_worker_that_cannot_start_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no python here >&2\nexit 4\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with (
        closing(WorkerProcess(Layout({}), LIMITS)) as worker,
        pytest.raises(FaultError, match=r"a worker could not be started.*exit code 4.*no python here"),
    ):
        worker.request({"op": "keep", "value": 1})
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(FaultError, match=r"a worker could not be started: .*No such file"):
        WorkerProcess(Layout({}), LIMITS)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FaultError, match=r"a worker could not be started: .*No such file"):
        WorkerProcess(Layout({}), LIMITS)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["python"]


def test_what_the_worker_itself_needs_is_not_counted_as_the_students_memory(submit: Submit) -> None:
    student = submit("import numpy as np\ndef f(x): return np.ones(int(x))\n", Limits(memory_bytes=32 * 2**20))
    assert student.f(2**20).sum() == 2**20
    assert said(StudentRaisedError, student.f, 2**23).startswith("it ran out of memory")


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "sum(iter(int, 1))",
        "[pow(3, 10**7, 10**6 + n) for n in iter(int, 1)]",
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass",
        "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))\n    while True: pass",
        "time.process_time = time.perf_counter = lambda: 0.0\n    while True: pass",
        "try:\n        while True: pass\n    finally: f(x)",
        "while True: print('again')",
        "def loop(*x):\n        while True: pass\n    sys.stdout = type('S', (), {'write': len, 'flush': loop})()",
    ],
)
def test_an_endless_loop_ends(submit: Submit, body: str) -> None:
    source = f"import resource, signal, sys, time\ndef f(*x):\n    {body}\ndef g(x): return x\n"
    student = submit(source, SHORT)
    assert said(StudentTimeoutError, student.f, 1) == "f did not finish within 0.4 s: does a loop never end?"
    assert student.g(1) == 1


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(10**6)",
        "threading.Event().wait()",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "signal.pause()",
        "os.read(sys._getframe(1).f_locals['self'].requests, 1)",
    ],
)
def test_waiting_for_ever_ends(submit: Submit, body: str) -> None:
    limits = Limits(call_seconds=0.5, question_seconds=100, patience=1, slack=0.5)
    source = f"import os, signal, sys, threading, time\ndef f(x):\n    {body}\ndef g(x): return x\n"
    student = submit(source, limits)
    assert said(StudentTimeoutError, student.f, 1) == "f did not finish within 0.5 s: does a loop never end?"
    assert student.g(1) == 1


def test_a_question_has_a_budget_of_its_own(submit: Submit) -> None:
    source = """
        import time
        def f(x):
            end = time.process_time() + x
            while time.process_time() < end: pass
            return x
        """
    student = submit(source, Limits(call_seconds=10, question_seconds=1.0))
    assert student.f(0.3) == 0.3
    assert said(StudentTimeoutError, student.f, 3).startswith("f did not finish within 0.")
    assert said(StudentTimeoutError, student.f, 0) == "this question used up its 1 s before f was called"
    student.line.begin_question()
    assert student.f(0.1) == 0.1


def test_times_are_told_from_outside(submit: Submit) -> None:
    source = """
        import time
        real = time.process_time
        def f(x):
            end = real() + x
            while real() < end: pass
            time.process_time = time.perf_counter = lambda: 0.0
            import sys
            service = sys._getframe(1).f_globals
            service["processor_time"] = service["perf_counter"] = lambda: 0.0
            return x
        """
    student = submit(source)
    student.f(0)
    before, told, wall = student.line.budget, student.line.seconds, student.line.wall_seconds
    student.f(0.3)
    assert student.last is not None
    assert student.line.wall_seconds - wall == student.line.seconds - told == 0.0
    assert min(student.last.cpu, student.last.wall, before - student.line.budget) > 0.25


# --- ends -------------------------------------------------------------------------------------------------------------


ENDS = """
import ctypes, os, resource, signal, sys, threading, time
import numpy as np

def good(x): return 2 * x
def own_exit(x): os._exit(7)
def kills(x): os.kill(os.getpid(), signal.SIGKILL)
def terminates(x): os.kill(os.getpid(), signal.SIGTERM)
def aborts(x): os.abort()
def segfaults(x): ctypes.string_at(0)
def alarm(x):
    signal.alarm(1)
    signal.pause()
def real_time(x): os.kill(os.getpid(), 40)
def overflows(x):
    import faulthandler
    faulthandler._stack_overflow()
def recurses(x):
    sys.setrecursionlimit(10**9)
    class R:
        def __repr__(self): return repr(self)
    return repr(R())
def all_closed(x): os.closerange(0, 256)
def replies_closed(x):
    os.close(sys._getframe(1).f_locals["self"].replies)
    return x
def requests_closed(x):
    os.close(sys._getframe(1).f_locals["self"].requests)
    return x
def closed_and_goes_on(x):
    os.closerange(0, 256)
    time.sleep(10**6)
def _number(): return next(there for there in _frames() if "received" in there)["number"]
def _frames():
    frame = sys._getframe(1)
    while frame := frame.f_back: yield frame.f_locals
def _stamp(): return _number().to_bytes(8, "big") + bytes(16)
def garbage(x):
    os.write(sys._getframe(1).f_locals["self"].replies, b"\\0" * 1000)
    return x
def garbage_everywhere(x):
    for number in range(3, 64):
        try: os.write(number, b"GRD1 all points please" * 10)
        except OSError: pass
    return x
def announces(x):
    frame = b"GRD1" + (10).to_bytes(4, "big") + (2**63).to_bytes(8, "big")
    os.write(sys._getframe(1).f_locals["self"].replies, _stamp() + frame)
    return x
def no_reply(x):
    sys._getframe(1).f_locals["self"].send({"ok": "yes"}, _number())
    return x
def a_list(x):
    sys.modules["_grader.wire"].encode, real = lambda *args, **kwargs: real([1, 2]), sys.modules["_grader.wire"].encode
    return x
def answers_twice(x):
    sys._getframe(1).f_locals["self"].send({"ok": True, "value": x + 1, "changed": []}, _number())
    return x
def forged(error):
    reply = {"ok": False, "error": error, "remarks": error, "changed": error}
    sys._getframe(1).f_locals["self"].send(reply, _number())
    os._exit(0)
def forks(x):
    os.fork()
    return x
def forks_and_raises(x):
    if not os.fork(): raise ValueError("in the child")
    return x
def forks_and_prints(x):
    child = os.fork()
    if child: os.waitpid(child, 0)
    else: print("child")
    return x
def pools(x):
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(2) as pool: return np.array(pool.map(abs, [-1, -2]))
def spawns(x):
    import subprocess
    return subprocess.Popen(["sleep", "1000000"]).pid
def forks_and_waits(x):
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True: signal.pause()
    return child
def forks_and_dies(x):
    if not os.fork():
        while True: signal.pause()
    os._exit(3)
def hoards(x):
    kept = []
    while True: kept.append(np.ones(2**24))
def hoards_objects(x):
    kept = []
    while True: kept.append(" " * 2**24 + str(len(kept)))
def standard_closed(x):
    os.close(0); os.close(1); os.close(2)
    print("nobody hears this")
    return x
def redirected(x):
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1); os.dup2(null, 2)
    print("nobody hears this, either")
    return x
def timer(x):
    signal.signal(signal.SIGALRM, lambda *args: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 1e-6)
    return x
def burns(x):
    def burn():
        while True: pass
    threading.Thread(target=burn, daemon=True).start()
    return x
def writes(x):
    os.mkdir("d"); open("d/file", "w").write("x")
    os.symlink("/", "d/link")
    os.chmod("d", 0)
    return x
def home(x): return os.getcwd()
"""


@pytest.fixture(scope="module")
def module_student(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Iterator[Student]:
    limits = Limits(call_seconds=20, question_seconds=500, memory_bytes=2**30, slack=30)
    names = {"home": "all:any", "spawns": "pid:number", "forks_and_waits": "pid:number"}
    student = student_of(tmp_path_factory.mktemp("ends"), ENDS, limits, launcher, **names)
    yield student
    student.close()


@pytest.fixture
def student(module_student: Student) -> Iterator[Student]:
    module_student.line.begin_question()
    yield module_student
    module_student.line.output()
    module_student.line.begin_question()
    assert (module_student.good(X) == 2 * X).all()  # whatever happened, the next question gets its answers


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("own_exit", "it ended Python itself, with exit code 7: return the answer instead"),
        ("kills", "killed (SIGKILL), perhaps for want of memory: are its arrays larger than they need to be?"),
        ("terminates", "ended by SIGTERM"),
        ("aborts", "aborted (SIGABRT)"),
        ("segfaults", "segmentation fault (SIGSEGV): does it recurse without end, or use ctypes?"),
        ("alarm", "ended by SIGALRM"),
        ("real_time", "ended by signal 40"),
        ("overflows", "segmentation fault (SIGSEGV): does it recurse without end, or use ctypes?"),
        ("all_closed", "it cannot answer any more: does it close files, or replace functions, not its own?"),
        ("replies_closed", "it cannot answer any more: does it close files, or replace functions, not its own?"),
        ("closed_and_goes_on", "it cannot answer any more: does it close files, or replace functions, not its own?"),
        ("garbage", "it answered with something that is no answer (a frame does not begin as frames do)"),
        ("garbage_everywhere", "it answered with something that is no answer ("),
        ("announces", "it answered with something that is no answer (a frame announces more than may come)"),
        ("no_reply", "it answered with something that is no answer"),
        ("a_list", "it answered with something that is no answer"),
        ("forks_and_dies", "it ended Python itself, with exit code 3: return the answer instead"),
    ],
)
def test_a_process_that_ends_costs_one_call(student: Student, name: str, reason: str) -> None:
    message = said(StudentCrashedError, getattr(student, name), X)
    assert message.startswith(f"the process ended in {name}: {reason}")


def test_recursion_without_limit_ends(student: Student) -> None:
    """In a segmentation fault up to Python 3.11; later ones see it coming."""
    with pytest.raises(AnswerError, match=r"segmentation fault|it calls itself without end"):
        student.recurses(X)


def test_an_answer_too_many_is_never_taken_for_the_next(student: Student) -> None:
    assert (student.answers_twice(X) == X + 1).all()
    said(StudentCrashedError, student.good, X)
    assert (student.good(X) == 2 * X).all()


def test_requests_that_cannot_be_read_end_it_after_the_answer(student: Student) -> None:
    assert (student.requests_closed(X) == X).all()
    assert (student.good(X) == 2 * X).all()


@pytest.mark.parametrize(
    "error",
    [
        None,
        3,
        [],
        {},
        ["x"] * 100,
        {"kind": "stale", "message": "a fault, please"},
        {"kind": ["unwritten"], "type": {"a": 1}, "message": 3, "frame": "here", "base": None, "importing": "yes"},
        {"kind": "raised", "frame": {"file": 1, "line": "x", "function": None, "source": {}}},
        {"kind": "raised", "frame": {"file": "f\n" * 500, "line": 10**15, "function": "\x1b[2J", "source": "s" * 9999}},
        {"kind": "raised", "type": "\x1b[31mError\n\n", "message": "\u202e" + "m" * 10**5, "importing": True},
        {"kind": "raised", "message": "module 'numpy' has no attribute 'x'", "file": "\x07" * 100},
        {"kind": "unwritten", "frame": {}},
        {"kind": "missing"},
        {"kind": "arity", "message": ""},
        [{"frame": {"file": "f", "line": 1, "function": "", "source": ""}, "kind": 3, "module": "\x1b"}] * 500,
    ],
)
def test_a_forged_error_is_the_students(student: Student, error: object) -> None:
    with pytest.raises(AnswerError) as caught:
        student.forged(error)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 1500
    assert len(student.line.remarks) <= 30
    assert all(remark.isprintable() and len(remark) < 2000 for remark in student.line.remarks)


@pytest.mark.parametrize("name", ["forks", "forks_and_raises", "forks_and_prints"])
def test_a_fork_does_not_answer(student: Student, name: str) -> None:
    student.line.output()
    for _ in range(3):
        assert (getattr(student, name)(X) == X).all()
        assert (student.good(X) == 2 * X).all()
    assert student.line.output() == ("child\n" * 3 if name == "forks_and_prints" else "")


def test_multiprocessing_works(student: Student) -> None:
    assert student.pools(X).tolist() == [1, 2]


@pytest.mark.parametrize("name", ["spawns", "forks_and_waits"])
def test_a_child_left_behind_is_ended(student: Student, name: str) -> None:
    with ended(int(getattr(student, name)(X))):
        student.close()


def test_standard_files_may_be_closed_or_moved(student: Student) -> None:
    student.line.output()
    for function in (student.redirected, student.standard_closed):
        assert (function(X) == X).all()
        assert (student.good(X) == 2 * X).all()
        student.line.output()
    student.close()


def test_a_timer_that_goes_off_late_ends_it_at_most(student: Student) -> None:
    for function in (student.timer, student.good):
        try:
            assert function(X).shape == X.shape
        except StudentCrashedError:
            pass
        except StudentRaisedError as error:
            assert "ZeroDivisionError" in error.message  # noqa: PT017  # any of the three may come


def test_a_thread_that_burns_processor_time_is_the_students_loss(submit: Submit) -> None:
    student = submit(ENDS, Limits(call_seconds=0.3, question_seconds=0.6, slack=30))
    assert student.burns(1) == 1
    with pytest.raises(StudentTimeoutError):
        list(map(student.good, itertools.repeat(X)))
    student.line.begin_question()
    assert (student.good(X) == 2 * X).all()


@pytest.mark.parametrize("name", ["hoards", "hoards_objects"])
def test_memory_is_limited(student: Student, name: str) -> None:
    message = said(StudentRaisedError, getattr(student, name), X)
    assert message.startswith("it ran out of memory")
    assert message.endswith("are its arrays larger than they need to be?")


# --- what it leaves behind --------------------------------------------------------------------------------------------


def test_nothing_is_left_behind(student: Student) -> None:
    student.writes(X)
    folder = Path(student.home(X))
    assert folder.is_dir()
    student.close()
    assert not folder.exists()
    assert Path("/usr").is_dir()  # nobody followed the link


@pytest.mark.parametrize("name", ["own_exit", "segfaults", "garbage", "closed_and_goes_on"])
def test_nothing_is_left_behind_by_a_crash(student: Student, name: str) -> None:
    folder = Path(student.home(X))
    said(StudentCrashedError, getattr(student, name), X)
    assert not folder.exists()


def test_nothing_is_left_behind_by_a_timeout(submit: Submit) -> None:
    student = submit(
        "import os\ndef home(x): return os.getcwd()\ndef f(x):\n    while True: pass\n", SHORT, home="x:any"
    )
    folder = Path(student.home(X))
    said(StudentTimeoutError, student.f, X)
    assert not folder.exists()


def test_an_interrupt_in_a_call_leaves_nothing_behind(submit: Submit) -> None:
    source = """
        import os, signal
        def ids(x): return os.getpid(), os.getcwd()
        def f(x):
            os.kill(int(x), signal.SIGINT)
            while True: signal.pause()
        """
    student = submit(source, ids="all:any")
    process, folder = student.ids(1)
    with ended(process), pytest.raises(KeyboardInterrupt):
        student.f(os.getpid())
    assert not Path(folder).exists()
    other, _ = student.ids(1)
    assert other != process


@pytest.mark.parametrize("made", ["ColdStart()", "WarmServer()"])
def test_a_worker_ends_with_its_grader(tmp_path: Path, made: str) -> None:
    """Also where the grader is killed and can clear nothing up; a call that goes on has a timer of its own."""
    script = f"""
        import os, signal, sys
        sys.path[:0] = {[str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]!r}
        from pathlib import Path
        from grader.sandbox.launch import ColdStart
        from grader.sandbox.server import WarmServer
        from sandbox.conftest import LIMITS, student_of
        source = "import os, signal\\ndef f(x): return os.getpid(), signal.getitimer(signal.ITIMER_REAL)[0] > 60\\n"
        student = student_of(Path({str(tmp_path)!r}), source, LIMITS, {made}, f="all:any")
        print(*student.f(1), flush=True)
        sys.stdin.read()
        """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as grader:
        assert grader.stdout is not None
        process, timer = grader.stdout.readline().split()
        assert timer == b"True"
        with ended(int(process)):
            grader.kill()


def test_two_students_at_once_do_not_meet(tmp_path: Path, launcher: Launcher) -> None:
    answers: dict[int, list[float]] = {}

    def run(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        source = f"def f(x): return x * {number}\n"
        with closing(student_of(tmp_path / str(number), source, launcher=launcher)) as student:
            answers[number] = [float(student.f(value)) for value in range(50)]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [float(number * value) for value in range(50)] for number in range(3)}


def test_closing_twice_is_no_matter(submit: Submit) -> None:
    student = submit("def f(x): return x\n")
    student.close()
    student.f(1)
    student.close()
    student.close()
    assert student.line.output() == ""


# --- what it prints ---------------------------------------------------------------------------------------------------

PRINTS = """
import os, sys
def lines(x):
    print("first line")
    for _ in range(10**6): print("x" * 99)
    print("last line")
    return x
def one_line(x):
    sys.stdout.write("first" + "x" * 10**7 + "last")
    return x
def raw(x):
    os.write(1, bytes(range(256)) * 10)
    os.write(2, "half \\u00e9".encode()[:-1])
    return x
def escapes(x):
    print("\\x1b[31mred\\x1b]0;title\\x07 \\u202eabc\\x1b[2J\\udc80")
    return x
def both(x):
    print("out"); print("err", file=sys.stderr); sys.stdout.buffer.write(b"buffer\\n"); print("end", end="")
    return x
def bars(x):
    for i in range(100): print(f"\\r{i}%", end="", file=sys.stderr)
    print(file=sys.stderr)
    return x
def dies(x):
    print("before the end"); os._exit(1)
def fails(x):
    print("before the error"); raise ValueError("no")
def never(x):
    print("before the loop")
    while True: pass
def quiet(x): return x
def marks(x):
    print("\\x02" + "0" * 32 + "\\x03")
    return x
def late(x):
    import threading
    def shout():
        while True: os.write(2, b"noise " * 1000)
    threading.Thread(target=shout, daemon=True).start()
    return x
"""


@pytest.fixture
def printer(submit: Submit) -> Student:
    return submit(PRINTS, Limits(call_seconds=20, question_seconds=100, slack=60))


def test_a_hundred_megabytes_keep_their_head_and_tail(printer: Student) -> None:
    printer.lines(1)
    output = printer.line.output()
    assert output.startswith("first line\nxxx")
    assert output.endswith("xxx\nlast line\n")
    dropped = 100 * 10**6 + len("first line\nlast line\n") - 32 * 1024
    assert f"\n… {dropped} bytes left out …\n" in output
    assert len(output) < 33 * 1024
    printer.quiet(1)
    assert printer.line.output() == ""


def test_a_line_without_end_is_cut_too(printer: Student) -> None:
    printer.one_line(1)
    output = printer.line.output()
    assert output.startswith("firstxxx")
    assert output.endswith("xxxlast")
    assert len(output) < 33 * 1024


def test_bytes_that_are_no_text_are_shown_somehow(printer: Student) -> None:
    printer.raw(1)
    output = printer.line.output()
    assert "ABC" in output
    assert output.replace("\n", "").replace("\t", "").isprintable()


def test_escapes_are_taken_out(printer: Student) -> None:
    printer.escapes(1)
    assert printer.line.output() == "red abc\\udc80\n"


def test_output_and_errors_come_in_their_order(printer: Student) -> None:
    printer.both(1)
    assert printer.line.output() == "out\nerr\nbuffer\nend"
    printer.bars(1)
    assert printer.line.output() == "99%\n"


def test_what_was_printed_before_a_failure_is_kept(printer: Student) -> None:
    for name, text in (("dies", "before the end\n"), ("fails", "before the error\n")):
        with pytest.raises(AnswerError) as caught:
            getattr(printer, name)(1)
        assert caught.value.details.get("output", printer.line.output()) == text


def test_what_was_printed_before_an_endless_loop_is_kept(submit: Submit) -> None:
    student = submit(PRINTS, SHORT)
    with pytest.raises(StudentTimeoutError) as caught:
        student.never(1)
    assert caught.value.details["output"] == "before the loop\n"


def test_a_mark_that_is_printed_marks_nothing(printer: Student) -> None:
    printer.marks(1)
    assert printer.line.output() == "0" * 32 + "\n"
    printer.quiet(1)
    assert printer.line.output() == ""


def test_noise_that_never_ends_stops_nobody(printer: Student) -> None:
    printer.late(1)
    for _ in range(3):
        assert printer.quiet(1) == 1
        assert len(printer.line.output()) < 40_000
