"""Answers the grader's requests, one after the other (see the package's docstring for what they are).

Student code may leave anything behind: patched modules, changed settings, threads, forks. What this loop calls of
``os`` is taken before that, and whatever fails here ends in a reply that says so or in the end of the process.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import math
import os
import sys
from collections.abc import Mapping
from os import _exit, getpid, read, write
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np

from .. import wire
from .confinement import confine
from .failures import arity, failure
from .limits import allow, limit_process
from .modules import Importer
from .mutation import Watch
from .seeds import sow
from .streams import Printed, settle
from .tensors import cuda, lower, named_parameters, raise_up, spare_compiler
from .tensors import settle as settle_torch

if sys.platform == "linux":  # where a limit on a process's time lets its own clock go by ticks, but not its threads'
    from time import thread_time as processor_time
else:
    from time import process_time as processor_time

__all__ = ["LOST", "Service", "main"]

LOST = 71
"""The exit code of a worker that lost its connection to the grader."""

Request = Mapping[str, Any]
Reply = dict[str, Any]


class Service:
    """Answers requests from one descriptor on another, until they end. ``marks`` is where the output's marks go."""

    def __init__(self, requests: int, replies: int, marks: int) -> None:
        self.requests, self.replies, self.marks = requests, replies, marks
        self.printed = Printed(1, "<stdout>"), Printed(2, "<stderr>")
        self.importer = Importer({"modules": {}, "aliases": {}, "packages": {}, "missing": {}, "search": []})
        self.loaded: dict[str, ModuleType] = {}
        self.kept: dict[int, Any] = {}
        self.kept_open: list[Any] = []
        self.next_number = 0
        self.spent = (0.0, 0.0)  # by what was called last: processor time, and time on the wall
        self.reader = wire.Reader(self._read)
        self.process = getpid()
        self.recursion = sys.getrecursionlimit()

    def serve(self) -> None:
        """Answer until there are no more requests."""
        while (received := self.receive()) is not None:
            request, (number, cpu, wall, before, seed) = received
            reply = self.answer(request, cpu, wall, before, seed)
            self.settle()
            self.send(reply, number)
            if request["op"] == "setup" and not reply["ok"]:
                return  # it is not confined as it should be: nothing of the student's comes in here

    def receive(self) -> tuple[Request, tuple[int, float, float, int, int]] | None:
        """Return the next request and what its stamp says, None at the end."""
        try:
            start = self.reader.take(wire.REQUEST.size + wire.PREFIX.size)
        except EOFError:
            return None
        header, body = wire.lengths(start[wire.REQUEST.size :])
        rest = self.reader.take(header + body)
        request: Request = wire.decode(rest[:header], memoryview(rest)[header:], writable=True)
        return request, wire.REQUEST.unpack_from(start)

    def _read(self, most: int) -> bytes:
        return read(self.requests, most)

    def answer(self, request: Request, cpu: float, wall: float, before: int, seed: int) -> Reply:
        """Return the reply to a request, whatever happens."""
        allow(None if math.isnan(cpu) else cpu, wall)
        settle_torch(self.kept_open)
        self.spent = (0.0, 0.0)
        try:
            if before & wire.FORGET:
                self.kept.clear()
                self.next_number = 0  # so that the same conversation is always the same bytes
            if before & wire.SEED:
                sow(seed)
            reply: Reply = getattr(self, f"do_{request['op']}")(request)
        except BaseException as error:  # also SystemExit: wherever a student's code runs, it may raise anything
            reply = self._raised(error)
        if self.importer.remarks:
            reply["remarks"], self.importer.remarks = self.importer.remarks, []
        return reply

    def settle(self) -> None:
        """Put right what the worker itself relies on, after student code has run."""
        if getpid() != self.process:
            _exit(0)  # a fork that came back from the student's function
        allow(None, None)
        sys.settrace(None)
        sys.setprofile(None)
        if sys.getrecursionlimit() < self.recursion:
            sys.setrecursionlimit(self.recursion)
        settle(*self.printed)

    def send(self, reply: Reply, number: int) -> None:
        """Send a reply, or what became of it."""
        try:
            frame = wire.encode(reply, opaque=True, lower=lower)
        except (wire.WireError, MemoryError) as error:  # else student code has broken numpy or more: this is the end
            text = str(error) if isinstance(error, wire.WireError) else "there is not enough memory"
            frame = wire.encode(failure("unsendable", text))
        view = memoryview(wire.ANSWER.pack(number, *self.spent) + frame)
        while view:
            view = view[write(self.replies, view) :]

    # requests

    def do_setup(self, request: Request) -> Reply:
        """Learn where the submission is, take the limits, and give up all powers."""
        self.importer = Importer(request)
        self.importer.install()
        limit_process(request["memory"], cuda=request["cuda"])
        return {"ok": True, "value": ["process", "limits", *confine(request["isolation"])]}

    def do_load(self, request: Request) -> Reply:
        """Import a module."""
        name = request["module"]
        cpu, wall = processor_time(), perf_counter()
        module, reply = self.importer.load(name)
        self.spent = processor_time() - cpu, perf_counter() - wall
        if module is not None:
            self.loaded[name] = module
        if reply is not None:
            reply["error"]["file"] = self.importer.shown(name)
        return reply or {"ok": True, "value": None}

    def do_call(self, request: Request) -> Reply:
        """Call a function of a module, or a method of a kept value."""
        name, keep = request["name"], request.get("keep")
        if "handle" in request:
            owner: Any = self.kept[request["handle"].number]
            where = type(owner).__name__
            for attribute, value in request.get("given", {}).items():
                self._write(owner, attribute, self._thaw(value))
        else:
            owner = self.loaded[request["module"]]
            where = os.path.basename(str(owner.__file__))
        function = getattr(owner, name, None)
        if not callable(function):
            return failure("missing", _missing(owner, name, where))
        args, kwargs = self._thaw(request["args"]), self._thaw(request.get("kwargs", {}))
        before = Watch(args, kwargs)
        cpu, wall = processor_time(), perf_counter()
        try:
            with np.errstate():  # settings that a call changes end with it
                result = function(*args, **kwargs)
        except BaseException as error:  # also SystemExit and KeyboardInterrupt: the student's code raised them
            self.spent = processor_time() - cpu, perf_counter() - wall
            reply = arity(error, function, name, args, kwargs) or self._raised(error)
        else:
            self.spent = processor_time() - cpu, perf_counter() - wall
            reply = {"ok": True, "value": self._freeze(result, keep)}
        if changed := before.changed(function):
            reply["changed"] = changed
        return reply

    def do_get(self, request: Request) -> Reply:
        """Return a kept value, or one of its attributes."""
        value = self.kept[request["handle"].number]
        if "name" in request:
            try:
                value = getattr(value, request["name"])
            except AttributeError:
                return failure("missing", _missing(value, request["name"], type(value).__name__))
        return {"ok": True, "value": value}

    def do_set(self, request: Request) -> Reply:
        """Set an attribute of a kept value."""
        self._write(self.kept[request["handle"].number], request["name"], self._thaw(request["value"]))
        return {"ok": True, "value": None}

    def do_keep(self, request: Request) -> Reply:
        """Keep a value of the grader's."""
        return {"ok": True, "value": self._keep(self._thaw(request["value"]))}

    def do_prepare(self, request: Request) -> Reply:
        """Import a library, if it is there, so that a student's call need not wait for it."""
        name, path, why = request["library"], sys.path[:], ""
        sys.path[:] = [folder for folder in path if folder not in self.importer.search]  # it finds nothing of theirs
        try:
            importlib.import_module(name)
            if name == "torch":
                spare_compiler(sys.modules[name])
        except Exception as error:
            if not (isinstance(error, ModuleNotFoundError) and error.name == name):
                why = f"{type(error).__name__}: {error}"
        finally:
            sys.path[:] = path
        return {"ok": True, "value": why}

    def do_make(self, request: Request) -> Reply:
        """Call something of a library, e.g. an optimiser's class, and keep what it returns."""
        library = importlib.import_module(request["library"])
        if "torch" in sys.modules:
            spare_compiler(sys.modules["torch"])
        made = getattr(library, request["name"])(*self._thaw(request["args"]), **self._thaw(request["kwargs"]))
        return {"ok": True, "value": self._keep(made)}

    def do_parameters(self, request: Request) -> Reply:
        """Return the parameters of a kept module by name, or their gradients."""
        module = self.kept[request["handle"].number]
        table = named_parameters(module, request["gradients"])
        if table is None:
            return failure("missing", f"{type(module).__name__} is no torch.nn.Module: is it derived from that?")
        return {"ok": True, "value": table}

    def do_cuda(self, request: Request) -> Reply:
        """Return what there is of CUDA here."""
        return {"ok": True, "value": cuda()}

    def do_mark(self, request: Request) -> Reply:
        """Write a mark behind all that was printed so far."""
        settle(*self.printed)
        with contextlib.suppress(OSError):
            write(self.marks, request["token"].encode())
            return {"ok": True, "value": True}
        return {"ok": True, "value": False}

    def leave(self) -> None:
        """Let go of the grader's pipes, in a fork that student code has made: it must neither answer nor hold them."""
        for number in (self.requests, self.replies, self.marks):
            with contextlib.suppress(OSError):
                os.close(number)
        self.requests = self.replies = self.marks = -1

    def _raised(self, error: BaseException) -> Reply:
        try:
            return self.importer.failures.raised(error)
        except BaseException:  # an exception may be made so that nothing can be asked of it
            return failure("raised", "an exception that cannot be told of")

    # values that stay

    def _write(self, owner: Any, name: str, value: Any) -> None:
        present = getattr(owner, name, None)
        if isinstance(present, dict) and isinstance(value, dict):
            present.update(value)
        else:
            setattr(owner, name, value)

    def _keep(self, value: Any) -> wire.Handle:
        self.next_number += 1
        self.kept[self.next_number] = value
        return wire.Handle(self.next_number, wire.type_name(value))

    def _thaw(self, value: Any) -> Any:
        """Put the values behind handles back in their place, and make tensors."""
        if type(value) is np.ndarray:
            return value
        if isinstance(value, wire.Handle):
            return self.kept[value.number]
        if isinstance(value, wire.Tensor):
            return raise_up(value)
        if isinstance(value, tuple):
            return tuple([self._thaw(item) for item in value])
        if isinstance(value, list):
            return [self._thaw(item) for item in value]
        if isinstance(value, dict):
            return {key: self._thaw(item) for key, item in value.items()}
        return value

    def _freeze(self, result: Any, keep: Any) -> Any:
        if keep == "all":
            return self._keep(result)
        if keep and issubclass(type(result), (tuple, list)):
            return tuple(self._keep(item) if index in keep else item for index, item in enumerate(result))
        return result


def _missing(owner: Any, name: str, where: str) -> str:
    if hasattr(owner, name):
        return f"{name} in {where} is of type {wire.type_name(getattr(owner, name))}, no function"
    close = difflib.get_close_matches(name, [key for key in dir(owner) if not key.startswith("_")], n=1, cutoff=0.75)
    return f"{where} has no {name}" + (f", but {close[0]}: is it that?" if close else "")


def main() -> None:
    """Make the student's streams, and serve."""
    os.umask(0o022)  # whoever's it was: another user has to find its way through the folders that are made for it
    requests, replies, marks = os.dup(0), os.dup(1), os.dup(2)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    service = Service(requests, replies, marks)
    sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  # it stays open
    sys.stdout, sys.stderr = (printed.text for printed in service.printed)
    sys.dont_write_bytecode = True
    sys.breakpointhook = lambda *args, **kwargs: None  # a forgotten breakpoint() waits for nobody
    sys.argv = [""]
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=service.leave)
    try:
        service.serve()
    except BaseException:  # the grader is gone, or student code has closed or read what is not its own
        _exit(LOST)
    _exit(0)
