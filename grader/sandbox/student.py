"""The student, as a check sees them: a proxy whose functions run in a worker process.

    out, cache = student.affine_forward(x, w, b)      # a remote call; cache is a handle
    net = student.TwoLayerNet(input_dim=5)            # a class gives a handle with methods
    loss, grads = net.loss(X, y, returns="loss:number grads:dict")

Answers are plain numpy arrays and numbers: whatever else came instead is a wrong answer before the check sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from grader.errors import (
    AnswerError,
    FaultError,
    NotWrittenError,
    StudentCrashedError,
    StudentRaisedError,
    StudentTimeoutError,
    WrongAnswerError,
)
from grader.sandbox import wire
from grader.sandbox.diagnosis import describe_remark, diagnose
from grader.sandbox.layout import Limits
from grader.sandbox.process import WorkerDiedError, WorkerProcess
from grader.sandbox.signature import Callee, Result, parse_results
from grader.sandbox.text import one_line
from grader.sandbox.values import describe, examine, with_article

__all__ = ["Call", "Kept", "Student"]

MAX_REMARKS = 30
_LOADING_SEED = 0
_PREPARE_SECONDS = 120.0  # for a large library on a slow disk
_BARE = frozenset([np.ndarray, str, int, float, bool, type(None)])  # what holds no handle


class Call:
    """What is known of one finished call: which arguments it changed, and how long it took.

    ``changed`` holds names such as ``x`` or ``bn_param['mode']``; ``cpu`` and ``wall`` are seconds, as they were seen
    from outside: student code may stop the worker's clocks.
    """

    def __init__(self, name: str, reply: Mapping[str, Any], worker: WorkerProcess) -> None:
        self.name = name
        changed = reply.get("changed")
        self.changed = [
            one_line(item, 80) for item in (changed if isinstance(changed, list) else []) if isinstance(item, str)
        ]
        self.cpu = _seconds(reply.get("cpu")) if worker.used is None else worker.used
        self.wall = worker.took


class Kept:
    """A value that stays in the worker: a cache, a config, a network. It can be passed on, and read.

    It has no truth, no equality, no items: a check that tries to look into it this way has a bug.
    """

    __hash__ = None  # type: ignore[assignment]  # a handle is nothing to compare or to look up by

    def __init__(
        self, student: Student, handle: wire.Handle, name: str, given: Mapping[str, Any] | None = None
    ) -> None:
        self._student = student
        self._worker = student._worker
        self._era = student._era
        self._handle = handle
        self._name = name
        self._given = given

    def __repr__(self) -> str:
        return f"<{self._name}, {with_article(self._handle.type_name)} that stays with the student>"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def method(*args: Any, returns: str = "", **kwargs: Any) -> Any:
            results = parse_results(returns) if returns else (Result("the result", "any"),)
            target = {"handle": self, "name": name}
            target |= {"given": self._given} if self._given else {}
            return self._student._call(f"{self._name}.{name}", target, results, args, kwargs)

        return method

    def given(self, **attributes: Any) -> Kept:
        """Return the same object, whose methods are called once these attributes are written: in one request, not two.

        ``net.given(params=params).loss(X)`` is ``net.write("params", params)`` and then ``net.loss(X)``.
        """
        return Kept(self._student, self._handle, self._name, attributes)

    def read(self, wanted: str) -> Any:
        """Return an attribute of a kept object, e.g. ``net.read("params:dict")``."""
        (result,) = parse_results(wanted)
        request = {"op": "get", "handle": self, "name": result.name}
        reply = self._student._answer(f"{self._name}.{result.name}", request)
        return self._student._looked_at(reply.get("value"), result, f"{self._name}.{result.name}")

    def write(self, name: str, value: Any) -> None:
        """Set an attribute; a dict is written into the dict that is there, key by key."""
        request = {"op": "set", "handle": self, "name": name, "value": value}
        self._student._answer(f"{self._name}.{name}", request)

    def value(self, kind: str = "any") -> Any:
        """Return the kept value itself."""
        reply = self._student._answer(self._name, {"op": "get", "handle": self})
        return self._student._looked_at(reply.get("value"), Result(self._name, kind), self._name)

    def __call__(self, *args: Any, returns: str = "", **kwargs: Any) -> Any:
        """Call the kept value itself, e.g. a module: ``net(x, returns="scores:tensor")``."""
        results = parse_results(returns) if returns else (Result("the result", "any"),)
        return self._student._call(self._name, {"handle": self, "name": "__call__"}, results, args, kwargs)

    @property
    def type_name(self) -> str:
        """The name of the value's type, as the worker says it."""
        return one_line(self._handle.type_name, 80)

    def item(self, key: int | str) -> Kept:
        """Return what a kept list or dict has at a place, kept as well."""
        name = f"{self._name}[{key!r}]"
        target = {"handle": self, "name": "__getitem__"}
        item: Kept = self._student._call(name, target, (Result(name, "kept"),), (key,), {})
        return item

    def named_parameters(self) -> dict[str, wire.Tensor]:
        """Return the parameters of a ``torch.nn.Module`` by name."""
        name = f"{self._name}.named_parameters"
        reply = self._student._answer(name, {"op": "parameters", "handle": self, "gradients": False})
        table: dict[str, wire.Tensor] = self._student._looked_at(reply.get("value"), Result(name, "state"), name)
        return table

    def named_gradients(self) -> dict[str, wire.Tensor | None]:
        """Return the gradients of a ``torch.nn.Module``'s parameters by name, None where there is none yet."""
        name = f"{self._name}.named_gradients"
        reply = self._student._answer(name, {"op": "parameters", "handle": self, "gradients": True})
        table = reply.get("value")
        absent: dict[str, None] = {}
        if isinstance(table, dict):
            absent = {one_line(key, 80): None for key, item in table.items() if item is None and isinstance(key, str)}
            table = {key: item for key, item in table.items() if item is not None}
        return {**absent, **self._student._looked_at(table, Result(name, "state"), name)}

    def _refuse(self, *_: Any) -> NoReturn:
        raise FaultError(f"a check looks into {self._name}, which stays with the student")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __iter__ = __len__ = __getitem__ = __contains__ = __array__ = _refuse


class Student:
    """One submission, behind the border. ``launch`` starts a worker for it; it is started when it is needed.

    ``budget`` is what is left of the present question's processor time, and ``patience`` of its time on the wall;
    ``calls`` counts calls, ``seconds`` the processor time of the threads that made them and ``wall_seconds`` the time
    on the wall, as the worker says; ``last`` is the last one;
    ``remarks`` collects what was noticed on the way. ``device`` is where tensors are made, and where they should be
    when they come back.
    """

    def __init__(self, launch: Callable[[], WorkerProcess], callees: Mapping[str, Callee], limits: Limits) -> None:
        self._launch = launch
        self._callees = callees
        self._limits = limits
        self._worker: WorkerProcess | None = None
        self._second: Student | None = None
        self._lent = False
        self._forget = False
        self._era = 0  # how often all was forgotten
        self._seed = 0
        self._sown = False  # whether the present worker draws its random numbers from the seed
        self._loaded: set[str] = set()  # modules that the present worker has imported
        self._unloadable: dict[str, AnswerError] = {}  # modules that no worker can import, and why
        self._libraries: tuple[str, ...] = ()  # what a worker imports before it gets anything of the student's
        self._prepared: set[str] = set()  # those that the present worker has imported
        self._touched = False  # whether the present worker has run anything of the student's
        self.device = "cpu"
        self.budget = limits.question_seconds
        self.patience = limits.wall(limits.question_seconds)
        self.calls = 0
        self.seconds = 0.0
        self.wall_seconds = 0.0
        self.last: Call | None = None
        self.remarks: dict[str, None] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        callee = self._callees.get(name)
        if callee is None:
            raise FaultError(f"no question of this assignment is about '{name}'")

        def function(*args: Any, returns: str = "", **kwargs: Any) -> Any:
            declared = parse_results(returns) if returns else callee.results
            results = declared if declared is not None else (Result(name, "kept"),)
            target = {"module": callee.module, "name": callee.name}
            return self._call(name, target, results, args, kwargs)

        return function

    def keep(self, value: Any, name: str = "value") -> Kept:
        """Store a value with the student, so that several calls get the very same object."""
        reply = self._answer(name, {"op": "keep", "value": value})
        return self._kept(reply.get("value"), name)

    @contextmanager
    def second(self) -> Iterator[Student]:
        """A second worker for the same submission, which sees nothing of what happens in this one.

        It is the same one each time, and its kept values are gone then. Its time is this one's.
        """
        if self._second is None:
            self._second = Student(self._launch, {}, self._limits)
        if self._lent:
            raise FaultError("a check asks for a second worker where it has it already")
        self._lent = True
        other = self._second
        other.know(self._callees)
        other.forget()
        other.begin_case(self._seed)
        other.budget, other.patience = self.budget, self.patience
        other.remarks, other._unloadable = self.remarks, self._unloadable
        other.device, other._libraries = self.device, self._libraries
        other.calls, other.seconds, other.wall_seconds = 0, 0.0, 0.0
        budget, patience = self.budget, self.patience
        try:
            yield other
        finally:
            self._lent = False
            self.calls += other.calls
            self.seconds += other.seconds
            self.wall_seconds += other.wall_seconds
            self.budget -= budget - other.budget
            self.patience -= patience - other.patience

    @contextmanager
    def on(self, device: str) -> Iterator[None]:
        """Ask for tensors on another device, for the length of a ``with`` block."""
        before, self.device = self.device, device
        try:
            yield
        finally:
            self.device = before

    def make(self, what: str, *args: Any, **kwargs: Any) -> Kept:
        """Call something of an installed library in the worker: ``student.make("torch.nn.Linear", 5, 3)``."""
        library, _, name = what.rpartition(".")
        request = {"op": "make", "library": library, "name": name, "args": args, "kwargs": kwargs}
        return self._kept(self._answer(what, request).get("value"), name)

    def cuda(self) -> Mapping[str, Any]:
        """Return what the worker finds of CUDA: ``device`` (None if there is none), ``name``, and ``why`` not.

        Worth believing only as long as the worker has loaded nothing of the student's.
        """
        value = self._answer("cuda", {"op": "cuda"}).get("value")
        return value if isinstance(value, Mapping) else {}

    def prepare(self, *libraries: str) -> None:
        """Import libraries in every worker before the student's code needs them; that time is not the student's."""
        self._libraries = tuple(dict.fromkeys([*self._libraries, *libraries]))

    def know(self, callees: Mapping[str, Callee]) -> None:
        """Learn the functions that there are."""
        self._callees = callees

    def start(self) -> None:
        """Start the worker now, so that it gets ready while the grader does."""
        if self._worker is None:
            self._worker = self._launch()

    def begin_question(self) -> None:
        """Give the next question its whole budget."""
        self.budget = self._limits.question_seconds
        self.patience = self._limits.wall(self.budget)

    def begin_case(self, seed: int) -> None:
        """Let the student's code draw the random numbers of the next case from a seed of 32 bits."""
        self._seed, self._sown = seed, False

    def forget(self) -> None:
        """Let go of all kept values, before the next call."""
        self._forget = True
        self._era += 1

    def output(self) -> str:
        """Return what the student's code printed since the last call of this."""
        return self._worker.output() if self._worker is not None else ""

    def close(self) -> None:
        """End the workers. A later call starts new ones."""
        if self._second is not None:
            self._second.close()
        self._end()

    def _end(self) -> None:
        """End the first worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
            self._loaded.clear()
            self._prepared.clear()
            self._touched = False
            self._sown = False

    # the border

    def _call(
        self,
        name: str,
        target: dict[str, Any],
        results: tuple[Result, ...],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        kept = [index for index, result in enumerate(results) if result.kind == "kept"]
        keep: Any = "all" if kept and len(results) == 1 else kept
        request = {"op": "call", **target, "args": args}
        request |= {"kwargs": kwargs} if kwargs else {}
        request |= {"keep": keep} if keep else {}
        try:
            reply = self._load_and_ask(name, request)
        except _EndedBeforeError:
            if _holds_kept(request):
                raise
            reply = self._load_and_ask(name, request)
        assert self._worker is not None
        self.last = Call(name, reply, self._worker)
        self.wall_seconds += _seconds(reply.get("wall"))
        self.calls += 1
        if not reply["ok"]:
            raise diagnose(name, reply)
        return self._results(name, reply.get("value"), results)

    def _load_and_ask(self, name: str, request: dict[str, Any]) -> Mapping[str, Any]:
        self._let_go_if_ended(name, request)
        if "module" in request:
            self._load(name, request["module"])
        return self._ask(name, request)

    def _answer(self, name: str, request: dict[str, Any]) -> Mapping[str, Any]:
        reply = self._ask(name, request)
        if not reply["ok"]:
            raise diagnose(name, reply)
        return reply

    def _load(self, name: str, module: str) -> None:
        """Import a module in the worker, if that has not been done. What fails once is not tried again."""
        if not module:
            raise StudentRaisedError(f"{name} cannot be called: the file that it belongs into is missing")
        if module in self._loaded:
            return
        if module in self._unloadable:
            raise self._unloadable[module].with_traceback(None)
        whole = self.budget >= self._limits.call_seconds
        try:
            reply = self._ask(name, {"op": "load", "module": module}, loading=True)
        except _EndedBeforeError:
            raise
        except AnswerError as error:
            if whole:  # else it may just have had too little time
                self._unloadable[module] = error
            raise
        if not reply["ok"]:
            self._unloadable[module] = diagnose(name, reply)
            raise self._unloadable[module]
        self._loaded.add(module)

    def _ask(self, name: str, request: dict[str, Any], *, loading: bool = False) -> Mapping[str, Any]:
        """Send a request and return the reply, ok or not; its processor time is the question's."""
        if self.budget <= 0:
            raise StudentTimeoutError(
                f"this question used up its {self._limits.question_seconds:g} s before {name} was called"
            )
        if self.patience <= 0:
            most = self._limits.wall(self._limits.question_seconds)
            raise StudentTimeoutError(
                f"this question took more than {most:g} s on the clock before {name} was called:"
                " does it sleep, or wait for something?"
            )
        self._let_go_if_ended(name, request)
        if self._worker is None:
            self._worker = self._launch()
            self._forget = False
        bare = self._bare(request)
        if self._forget:
            bare["forget"] = True
            self._forget = False
        if not self._sown or loading:
            bare["seed"] = _LOADING_SEED if loading else self._seed
            self._sown = not loading  # what a file draws while it is loaded depends on no case
        cpu = min(self._limits.call_seconds, self.budget)
        try:
            self._prepare(self._worker)
            self._touched = self._touched or loading
            reply = self._worker.request(bare, cpu)
        except WorkerDiedError as error:
            if error.unheard:
                self._end()
                raise _EndedBeforeError(name) from error
            self.budget -= cpu if error.timeout else 0.0
            raise self._death(name, error, cpu, loading) from error
        inside = _seconds(reply.get("cpu"))
        self.seconds += inside
        self.budget -= inside if self._worker.used is None else self._worker.used
        self.patience -= self._worker.took
        self._note(reply.get("remarks"))
        return reply

    def _prepare(self, worker: WorkerProcess) -> None:
        for library in self._libraries:
            if library in self._prepared:
                continue
            self._prepared.add(library)
            try:
                why = worker.request({"op": "prepare", "library": library}, _PREPARE_SECONDS).get("value")
            except WorkerDiedError as error:
                if self._touched:
                    raise
                why = error.reason
            if why and not self._touched:  # else it is what the student's code made of it
                self._end()
                raise FaultError(f"a worker cannot import {library}: {one_line(str(why), 300)}")

    def _let_go_if_ended(self, name: str, request: Any) -> None:
        """Let go of a worker that ended after its last answer, e.g. by a thread that went on."""
        if self._worker is not None and self._worker.ended:
            self._end()
            if _holds_kept(request):
                raise _EndedBeforeError(name)

    def _note(self, remarks: Any) -> None:
        for remark in remarks[:MAX_REMARKS] if isinstance(remarks, list) else []:
            text = describe_remark(remark)
            if text and len(self.remarks) < MAX_REMARKS:
                self.remarks[text] = None

    def _death(
        self, name: str, error: WorkerDiedError, cpu: float, loading: bool
    ) -> StudentTimeoutError | StudentCrashedError:
        printed = self.output()
        self._end()
        details = {"output": printed}
        if error.timeout and loading:
            return StudentTimeoutError(
                f"its file was not imported within {cpu:.3g} s: take out what runs there by itself", details
            )
        if error.timeout:
            return StudentTimeoutError(f"{name} did not finish within {cpu:.3g} s: does a loop never end?", details)
        what = "while its file was imported" if loading else f"in {name}"
        return StudentCrashedError(f"the process ended {what}: {error.reason}", details)

    def _bare(self, value: Any) -> Any:
        """Put handles where kept values are, for the way to the worker."""
        if type(value) in _BARE:
            return value
        if isinstance(value, wire.Tensor):
            return value if value.device else replace(value, device=self.device)
        if isinstance(value, Kept):
            if value._student is not self or value._worker is not self._worker or value._era != self._era:
                raise FaultError(f"a check uses {value._name}, which is kept no longer")
            return value._handle
        if isinstance(value, tuple):
            return tuple([self._bare(item) for item in value])
        if isinstance(value, list):
            return [self._bare(item) for item in value]
        if isinstance(value, dict):
            return {key: self._bare(item) for key, item in value.items()}
        return value

    def _results(self, name: str, value: Any, results: tuple[Result, ...]) -> Any:
        if len(results) == 1:
            return self._one(name, value, results[0])
        names = ", ".join(result.name for result in results)
        if value is None:
            raise WrongAnswerError(f"{name} returned None, should return {names}: is there a return at its end?")
        if not isinstance(value, (tuple, list)):
            raise WrongAnswerError(f"{name} returned {describe(value)}, should return {len(results)} values: {names}")
        if len(value) != len(results):
            count = f"{len(value)} value{'s' * (len(value) != 1)}"
            raise WrongAnswerError(f"{name} returned {count}, should return {len(results)}: {names}")
        crossed = [(item, result.name) for item, result in zip(value, results, strict=True) if result.kind != "kept"]
        if crossed and all(item is None for item, _ in crossed):  # what the stubs of the public course return
            what = ", ".join(result for _, result in crossed)
            raise NotWrittenError(f"{name} returns None for {what}: it is not written yet, or not for these inputs")
        return tuple(self._one(name, item, result) for item, result in zip(value, results, strict=True))

    def _one(self, name: str, value: Any, result: Result) -> Any:
        if result.kind == "kept":
            return self._kept(value, result.name)
        return self._looked_at(value, result, result.name)

    def _looked_at(self, value: Any, result: Result, name: str) -> Any:
        """Return a value that came back as what it should be; tensors on the device that was asked for."""
        answer = examine(value, result, name)
        if result.kind == "tensor":
            self._on_device(answer, name)
        elif result.kind == "tensors":
            for index, item in enumerate(answer):
                self._on_device(item, f"{name}[{index}]")
        elif result.kind == "state":
            for key, item in answer.items():
                self._on_device(item, f"{name}['{key}']")
        return answer

    def _on_device(self, tensor: wire.Tensor, name: str) -> None:
        device = tensor.device if ":" in self.device else tensor.device.partition(":")[0]  # torch's cuda is any of them
        if device != self.device:
            raise WrongAnswerError(
                f"{name} is on the device {tensor.device}, should be on {self.device}, where it was asked for",
                {"name": name, "device": tensor.device},
            )

    def _kept(self, value: Any, name: str) -> Kept:
        if not isinstance(value, wire.Handle):
            raise StudentCrashedError(f"the worker's answer for {name} is no answer")
        return Kept(self, value, name)


class _EndedBeforeError(StudentCrashedError):
    """The process ended by itself after one answer and before the next request; that one is not to blame."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the process ended before {name} was called, after its last answer")


def _holds_kept(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_kept, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_kept, value))
    return isinstance(value, Kept)


def _seconds(value: Any) -> float:
    return value if isinstance(value, float) and 0 <= value < 1e6 else 0.0
