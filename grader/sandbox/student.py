"""The student, as a check sees them: a proxy whose functions run in a worker process.

    out, cache = student.affine_forward(x, w, b)      # a remote call; cache is a handle
    net = student.TwoLayerNet(input_dim=5)            # a class gives a handle with methods
    loss, grads = net.loss(X, y, returns="loss:number grads:dict")

Answers are plain numpy arrays and numbers: whatever else came instead is a wrong answer before the check sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn, Protocol

import numpy as np

from grader.errors import AnswerError, FaultError, NotWrittenError, StudentCrashedError, WrongAnswerError
from grader.sandbox import wire
from grader.sandbox.diagnosis import diagnose
from grader.sandbox.layout import Limits
from grader.sandbox.line import Line, Request
from grader.sandbox.process import Reply, WorkerProcess, framed
from grader.sandbox.signature import Callee, Result, parse_results
from grader.sandbox.text import one_line
from grader.sandbox.values import describe, examine, with_article

__all__ = ["Call", "Kept", "Student", "Via"]

_BARE = frozenset([np.ndarray, str, int, float, bool, type(None)])  # what holds no handle


class Call:
    """What is known of one finished call: which arguments it changed, and how long it took.

    ``changed`` holds names such as ``x`` or ``bn_param['mode']``; ``cpu`` and ``wall`` are seconds, as they were seen
    from outside: student code may stop the worker's clocks. (Only Linux shows processor time; elsewhere ``cpu`` is what
    the worker says.) Who looks at a clock does not judge by answers alone.
    """

    def __init__(self, name: str, said: Mapping[str, Any], reply: Reply, clocked: Callable[[], None]) -> None:
        self.name = name
        changed = said.get("changed")
        self.changed = [
            one_line(item, 80) for item in (changed if isinstance(changed, list) else []) if isinstance(item, str)
        ]
        self._reply = reply
        self._clocked = clocked

    @property
    def cpu(self) -> float:
        """The processor time of the call."""
        self._clocked()
        return self._reply.cpu if self._reply.used is None else self._reply.used

    @property
    def wall(self) -> float:
        """The time on the wall."""
        self._clocked()
        return self._reply.took


class Kept:
    """A value that stays in the worker: a cache, a config, a network. It can be passed on, and read.

    It has no truth, no equality, no items: a check that tries to look into it this way has a bug.
    """

    __hash__ = None  # type: ignore[assignment]  # a handle is nothing to compare or to look up by

    def __init__(
        self, student: Student, handle: wire.Handle, name: str, given: Mapping[str, Any] | None = None
    ) -> None:
        self._student = student
        self._worker = student._answering
        self._era = student.line.era
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
        other = Kept(self._student, self._handle, self._name, attributes)
        other._worker, other._era = self._worker, self._era
        return other

    def read(self, wanted: str) -> Any:
        """Return an attribute of a kept object, e.g. ``net.read("params:dict")``."""
        (result,) = parse_results(wanted)
        name = f"{self._name}.{result.name}"
        reply = self._student._answer(name, {"op": "get", "handle": self, "name": result.name})
        return self._student._looked_at(reply.get("value"), result, name)

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


class Via(Protocol):
    """The way on which requests reach their line. What is not the plain one may have the replies already."""

    def ask(self, student: Student, request: Request, holders: Collection[int]) -> Reply:
        """Return the reply to a request; see :meth:`Line.ask`."""

    def lend(self, student: Student) -> None:
        """Begin to use the second worker."""

    def take_back(self, student: Student) -> None:
        """End it."""

    def unrepeatable(self) -> None:
        """Hear that something else counts than answers: a clock that a check looks at, a remark."""


class _Directly:
    def ask(self, student: Student, request: Request, holders: Collection[int]) -> Reply:
        return student.line.ask(request, holders)

    def lend(self, student: Student) -> None:
        student.lend()

    def take_back(self, student: Student) -> None:
        student.take_back()

    def unrepeatable(self) -> None:
        """It makes no difference."""


class Student:
    """One submission, behind the border. ``launch`` starts a worker for it; it is started when it is needed.

    ``line`` is the line to its worker, ``last`` the last call. ``device`` is where tensors are made, and where they
    should be when they come back.
    """

    def __init__(self, launch: Callable[[], WorkerProcess], callees: Mapping[str, Callee], limits: Limits) -> None:
        self.line = Line(launch, limits)
        self._callees = callees
        self._limits = limits
        self._via: Via = _Directly()
        self._answering = 0  # which worker the last reply came from
        self._second: Student | None = None
        self._lent = False
        self.device = "cpu"
        self.last: Call | None = None

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
        self._via.lend(self)
        self.other._via = self._via
        try:
            yield self.other
        finally:
            self._via.take_back(self)

    @property
    def other(self) -> Student:
        """The student that :meth:`second` gives."""
        if self._second is None:
            self._second = Student(self.line.launch, {}, self._limits)
            self._second._lent = True  # there is no third
        return self._second

    def lend(self) -> None:
        """Get the second worker ready; what :meth:`second` begins with."""
        if self._lent:
            raise FaultError("a check asks for a second worker where it has it already")
        self._lent = True
        other = self.other
        other.know(self._callees)
        other.line.take_over(self.line)
        other.device = self.device

    def take_back(self) -> None:
        """Count the second worker's time as this one's, if it is lent; what :meth:`second` ends with."""
        if self._lent:
            self._lent = False
            self.other.line.hand_back(self.line)

    def begin_anew(self) -> None:
        """Begin the present case once more: nothing is kept, the second worker is back, the seed is the same."""
        self.take_back()
        self.line.forget()
        self.line.begin_case(self.line.seed)

    @contextmanager
    def through(self, via: Via) -> Iterator[None]:
        """Let requests go another way, for the length of a ``with`` block."""
        before, self._via = self._via, via
        try:
            yield
        finally:
            for student in (self, self._second):
                if student is not None:
                    student._via, student.last = before, None

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

    def start(self) -> None:
        """Start the worker now, so that it gets ready while something else is asked."""
        self.line.start()

    def know(self, callees: Mapping[str, Callee]) -> None:
        """Learn the functions that there are."""
        self._callees = callees

    def close(self) -> None:
        """End the workers. A later call starts new ones."""
        if self._second is not None:
            self._second.close()
        self.line.end()

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
        message = {"op": "call", **target, "args": args}
        message |= {"kwargs": kwargs} if kwargs else {}
        message |= {"keep": keep} if keep else {}
        said, reply = self._ask(name, message, module=target.get("module"), is_call=True)
        self.last = Call(name, said, reply, self._via.unrepeatable)
        if not said["ok"]:
            raise diagnose(name, said)
        return self._results(name, said.get("value"), results)

    def _answer(self, name: str, message: dict[str, Any]) -> Mapping[str, Any]:
        said, _ = self._ask(name, message)
        if not said["ok"]:
            raise diagnose(name, said)
        return said

    def _ask(self, name: str, message: dict[str, Any], **known: Any) -> tuple[Mapping[str, Any], Reply]:
        """Ask, and return what the reply says, good or bad, and the reply."""
        bound: set[int] = set()
        frame = framed(self._bare(message, bound))
        request = Request(name, frame, bound=bool(bound), **known)
        reply = self._via.ask(self, request, bound)
        self._answering = reply.worker
        try:
            said = self.line.read(request, reply)
        except AnswerError:  # the worker is gone
            self._via.unrepeatable()
            raise
        if "remarks" in said:
            self._via.unrepeatable()
        return said, reply

    def _bare(self, value: Any, bound: set[int]) -> Any:
        """Put handles where kept values are, for the way to the worker, and collect which workers have these."""
        if type(value) in _BARE:
            return value
        if isinstance(value, wire.Tensor):
            return value if value.device else replace(value, device=self.device)
        if isinstance(value, Kept):
            if value._student is not self or value._era != self.line.era:
                raise FaultError(f"a check uses {value._name}, which is kept no longer")
            bound.add(value._worker)
            return value._handle
        if isinstance(value, tuple):
            return tuple([self._bare(item, bound) for item in value])
        if isinstance(value, list):
            return [self._bare(item, bound) for item in value]
        if isinstance(value, dict):
            return {key: self._bare(item, bound) for key, item in value.items()}
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
