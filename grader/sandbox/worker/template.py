"""The warm server: imports once what student code needs, and forks a worker whenever the grader asks for one.

It is a process of its own with the environment of a worker, never a fork of the grader: no expected value was ever in
its memory. It takes requests from its standard input, a socket that keeps messages apart, each one JSON object:

``{"op": "fork", "folder", "divided"}``  with three descriptors, to become the worker's standard files, and whether it
                              is to have namespaces of its own: gives its process number
``{"op": "status", "pid"}``   gives a worker's exit code: None while it runs, minus the signal that ended it
``{"op": "end", "pid"}``      ends a worker and all that it started, also in other sessions: gives its exit code, too

Answers are ``{"value": number}`` or ``{"error": sentence}``; the first, ``{}``, says that all is imported.
When the socket ends, the grader is gone: then all workers are ended, and the server ends.

A forked library is only sound where it had no threads, so there is one thread in here, which is looked at before each
fork; and nothing is computed in here, as a library's threads start with its first large operation.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterable
from typing import Any, NoReturn

from . import layers, linux, pages, service
from .namespaces import Founder, FounderGoneError
from .tensors import spare_compiler

__all__ = ["Template", "main"]

_USUAL = (
    *("argparse", "csv", "glob", "gzip", "hashlib", "logging", "pathlib", "pickle", "pprint", "shutil", "subprocess"),
    *("timeit", "urllib.request", "zipfile", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.random"),
)
_WITH = {
    "torch": (
        "torch.nn.functional",
        "torch.optim",
        "torch._meta_registrations",
        "torch.fx.experimental.symbolic_shapes",
    )
}
"""What modules import only when they are used."""

_MOST = 2**16  # bytes of a request
_ROUNDS = 100


class Template:
    """Forks workers, and knows which there are. ``control`` leads to the grader."""

    def __init__(self, control: socket.socket, founder: Founder) -> None:
        self.control = control
        self.founder = founder
        self.workers: dict[int, int] = {}  # with the first process of its namespace, 0 if it has none
        self.process = os.getpid()
        # Nobody's signal is for the server; a worker gets the old mask back.
        self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

    def serve(self) -> None:
        """Answer until the grader is gone. Returns only in a fork, which is to become a worker."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self.control, _MOST, 3)
            if not data:
                self.leave()
            request = json.loads(data)
            reply: dict[str, int | str | None]
            try:
                if request["op"] == "fork":
                    reply = {"value": self.fork(request["folder"], descriptors, divided=request["divided"])}
                    if reply["value"] == 0:
                        return
                else:
                    reply = {"value": getattr(self, request["op"])(request["pid"])}
            except Exception as error:  # the system has no more processes, the server has threads …
                reply = {"error": f"{type(error).__name__}: {error}"}
            for descriptor in descriptors:
                os.close(descriptor)
            self.control.send(json.dumps(reply).encode())

    def fork(self, folder: str, descriptors: list[int], *, divided: bool) -> int:
        """Return the new worker's number, and in the worker 0."""
        check_threads()
        first = 0
        if divided:
            try:
                process, first = self.founder.divide()
            except FounderGoneError:  # another server has another one
                self.leave()
            except OSError:
                self.sweep()
                raise
        else:
            process = os.fork()
        if process:
            self.workers[process] = first
            return process
        try:
            self.become(folder, descriptors, divided=divided)
        except BaseException:
            traceback.print_exc()  # into the worker's output, where the grader looks for why it ended
            os._exit(service.LOST)
        return 0

    def become(self, folder: str, descriptors: list[int], *, divided: bool) -> None:
        """Keep nothing of the server but what is imported."""
        os.setsid()
        if not divided:  # else it ends with the first process of its namespace, which sees to that
            linux.die_with_parent()
            if os.getppid() != self.process:
                os._exit(service.LOST)
        self.control.close()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        linux.close_all_but(0, 1, 2)
        os.chdir(folder)
        os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder))
        tempfile.tempdir = None
        self.workers.clear()
        linux.adopt_orphans()
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)

    def status(self, process: int) -> int | None:
        """Return a worker's exit code. Its number stays its own: it is not given up before ``end``."""
        if process not in self.workers:
            raise ValueError(f"{process} is no worker")
        ended = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def end(self, process: int) -> int | None:
        """End a worker, and say how it had ended by itself, if it had."""
        code = self.status(process)
        self.bury(process)
        self.sweep()
        return code

    def bury(self, process: int) -> None:
        """End a worker, and with it its namespace, if it has one."""
        first = self.workers.pop(process)
        _kill_group(process)
        if not _end([process]):
            self.sweep()
        if first and _kill(first):  # which ends only when the worker is buried
            os.waitid(os.P_PID, first, os.WEXITED)

    def sweep(self) -> None:
        """End what workers have left behind.

        A worker adopts what its descendants leave, and the server what a worker leaves: a child of the server's that
        is no worker had an ancestor that is gone. One that forks faster than this can look is met again next time, and
        so is one that somebody else traces.
        """
        for _ in range(_ROUNDS):
            strays = linux.children() - {self.founder.pid, *self.workers, *self.workers.values()}
            if not strays:
                return
            if not _end(strays):
                return

    def leave(self) -> NoReturn:
        """End all workers, and the server."""
        for process in [*self.workers]:
            self.bury(process)
        self.sweep()
        os._exit(0)


def _kill(process: int) -> bool:
    with contextlib.suppress(OSError):  # it has become another user's
        os.kill(process, signal.SIGKILL)
        return True
    return False


def _end(processes: Iterable[int]) -> int:
    """Kill children and bury them, whichever ends first; return how many could be buried.

    The first process of a namespace ends after all others there are buried. One that another process traces has ended
    when it cannot be buried yet.
    """
    waiting = {os.pidfd_open(process): process for process in processes if _kill(process)}
    buried = 0
    try:
        poll = select.poll()
        for descriptor in waiting:
            poll.register(descriptor, select.POLLIN)
        while waiting:
            for descriptor, _ in poll.poll():
                poll.unregister(descriptor)
                os.close(descriptor)
                buried += os.waitid(os.P_PID, waiting.pop(descriptor), os.WEXITED | os.WNOHANG) is not None
    finally:
        for descriptor in waiting:
            os.close(descriptor)
    return buried


def _kill_group(process: int) -> None:
    with contextlib.suppress(OSError):  # it has not come so far as to have one
        os.killpg(process, signal.SIGKILL)


def prepare(modules: list[str]) -> None:
    """Import everything, without computing anything."""
    linux.be_private()
    linux.adopt_orphans()
    layers.prepare()
    for name in (*_USUAL, *(part for module in modules for part in (module, *_WITH.get(module, ())))):
        importlib.import_module(name)
    if "torch" in modules:
        torch: Any = sys.modules["torch"]
        torch.set_num_threads(1)
        spare_compiler(torch)
        if torch.cuda.is_initialized():
            raise RuntimeError("importing torch has begun to use the GPU, which no fork can then use")
    check_threads()
    gc.collect()
    gc.freeze()  # so that collecting garbage in a fork copies no pages
    pages.collapse()


def check_threads() -> None:
    """Refuse where a fork would be unsound."""
    if (count := linux.threads()) != 1:
        raise RuntimeError(f"the server has {count} threads, and a fork of it might hang: take out what starts them")


def main(founder: Founder) -> None:
    """Get ready, fork workers until the grader is gone, and in each of them serve it."""
    control = socket.socket(fileno=os.dup(0))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    template = Template(control, founder)
    try:
        prepare(sys.argv[3:])
    except BaseException as error:
        control.send(json.dumps({"error": f"{type(error).__name__}: {error}"[:2000]}).encode())
        os._exit(1)
    control.send(b"{}")
    template.serve()
    del template, control, founder
    service.main()
