"""The founder of namespaces: what can be seen from within, and what happens where something fails on the way."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from processes.observed import ended, founder_of, workers_of

from grader.errors import FaultError
from grader.sandbox.choice import attempt
from grader.sandbox.server import WarmServer
from grader.sandbox.worker import namespaces

from .test_server import ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")


@pytest.fixture(scope="module")
def _full() -> None:
    with WarmServer(tier="full") as launcher:
        if why := attempt(launcher).why:
            pytest.skip(f"full: {why}")


@pytest.fixture
def server(_full: None) -> WarmServer:
    return WarmServer(tier="full")


def run(body: str, tmp_path: Path) -> str:
    """Run lines in a process that has a founder and adopts orphans, and return what it prints."""
    head = """
        import importlib, os, signal, sys, time, types
        package = types.ModuleType("_grader")
        package.__path__ = [sys.argv[1]]
        sys.modules["_grader"] = package
        linux, namespaces, mounts, privileges, template = (
            importlib.import_module(f"_grader.worker.{name}")
            for name in ("linux", "namespaces", "mounts", "privileges", "template")
        )
        linux.adopt_orphans()
        founder = namespaces.Founder()
        """
    code = textwrap.dedent(head) + textwrap.dedent(body)
    folder = Path(namespaces.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("_full")
def test_the_first_process_is_out_of_sight_whatever_landlock_says(tmp_path: Path) -> None:
    """It is in the network of the server, and in its mounts."""
    said = run(
        """
        worker, first = founder.divide()
        if not worker:
            assert os.getpid() == 2
            os.kill(1, 0)  # it is there
            namespaces.leave()
            mounts.change_root(["/usr/lib"], [], sys.argv[2], 2**20, os.geteuid())
            privileges.drop_capabilities()
            print(os.path.exists("/proc/1"), sorted(filter(str.isdecimal, os.listdir("/proc"))), flush=True)
            print(len(open("/proc/net/tcp").readlines()), flush=True)
            os._exit(0)
        os.waitpid(worker, 0)
        template._end([first])
        """,
        tmp_path,
    )
    assert said.splitlines() == ["False ['2']", "1"]


@pytest.mark.usefixtures("_full")
def test_a_worker_that_nobody_tells_of_is_buried_before_the_first(tmp_path: Path) -> None:
    """As when a helper is killed between its fork and its word."""
    said = run(
        """
        def fail(*_):
            if os.fork() == 0:
                time.sleep(1000)
            raise OSError("the helper ended")
        first, descriptors = founder._ask()
        founder._ask = lambda: (first, descriptors)
        linux.syscall("setns", descriptors[0], namespaces._NEWPID) if founder._own is not None else None
        namespaces._enter = namespaces._enter_by_another = fail
        server = template.Template(None, founder)
        try:
            server.fork("/", [], divided=True)
        except OSError as error:
            print(error, linux.children() == {founder.pid})
        """,
        tmp_path,
    )
    assert said == "the helper ended True\n"


def test_a_founder_that_cannot_fork_says_so_and_goes_on(server: WarmServer) -> None:
    with server:
        ready(server)
        first, founder = server.pid, founder_of(server.pid)
        if os.geteuid() == 0:
            pytest.skip("root may have as many processes as there are")
        before = resource.prlimit(founder, resource.RLIMIT_NPROC)
        resource.prlimit(founder, resource.RLIMIT_NPROC, (1, before[1]))
        with pytest.raises(FaultError, match="Resource temporarily unavailable"):
            ready(server)
        resource.prlimit(founder, resource.RLIMIT_NPROC, before)
        ready(server)
        assert (server.pid, founder_of(server.pid)) == (first, founder)
        assert workers_of(first) == set()


def test_a_founder_ends_with_its_server_also_when_it_is_stopped(server: WarmServer) -> None:
    with server:
        ready(server)
        founder = founder_of(server.pid)
        os.kill(founder, signal.SIGSTOP)
        server.close()
        assert ended(founder)


def test_a_founder_cannot_be_looked_into(server: WarmServer) -> None:
    with server:
        ready(server)
        if os.geteuid() == 0:
            pytest.skip("root may look everywhere")
        with pytest.raises(PermissionError):
            os.listdir(f"/proc/{founder_of(server.pid)}/fd")


@pytest.mark.parametrize(("error", "said"), [(MemoryError(), b"MemoryError"), (OSError(1, "no"), b"no")])
def test_every_failure_has_a_word(error: BaseException, said: bytes) -> None:
    assert namespaces._why(error) == said
