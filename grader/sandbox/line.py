"""The line to a submission's worker: requests go out as bytes, replies come back unread.

It starts workers when they are needed, imports what a request is about, and keeps count of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import AnswerError, FaultError, StudentCrashedError, StudentRaisedError, StudentTimeoutError
from grader.sandbox.diagnosis import describe_remark, diagnose
from grader.sandbox.layout import Limits
from grader.sandbox.process import Reply, WorkerDiedError, WorkerProcess, framed
from grader.sandbox.text import one_line

__all__ = ["EndedBeforeError", "Line", "Request"]

MAX_REMARKS = 30
_LOADING_SEED = 0
_PREPARE_SECONDS = 120.0  # for a large library on a slow disk


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a worker: a frame, and what the line has to know of it.

    ``name`` is what it is about, in a student's words; ``module`` is imported before, if it is not None. ``is_call``
    says that student code is called, ``bound`` that kept values are named, so that no other worker can answer.
    """

    name: str
    frame: bytes
    module: str | None = None
    is_call: bool = False
    bound: bool = False


class Line:
    """The line to one worker after the other, all of one submission. ``launch`` starts a worker.

    ``budget`` is what is left of the present question's processor time, and ``patience`` of its time on the wall;
    ``calls`` counts calls, ``seconds`` the processor time of the threads that made them and ``wall_seconds`` the time
    on the wall that was spent in student code, as the worker says; ``remarks`` collects what was noticed on the way.
    ``seed`` is what the present case draws from; ``worker`` is the present one, ``workers`` counts them, and ``era``
    how often all that is kept was let go.
    """

    def __init__(self, launch: Callable[[], WorkerProcess], limits: Limits) -> None:
        self.launch = launch
        self._limits = limits
        self.worker: WorkerProcess | None = None
        self.workers = 0
        self.era = 0
        self._forget = False
        self.seed = 0
        self._sown = False  # whether the present worker draws its random numbers from the seed
        self._loaded: set[str] = set()  # modules that the present worker has imported
        self._unloadable: dict[str, AnswerError] = {}  # modules that no worker can import, and why
        self._libraries: tuple[str, ...] = ()  # what a worker imports before it gets anything of the student's
        self._prepared: set[str] = set()  # those that the present worker has imported
        self._touched = False  # whether the present worker has run anything of the student's
        self.budget = limits.question_seconds
        self.patience = limits.wall(limits.question_seconds)
        self._lent = self.budget, self.patience
        self.calls = 0
        self.seconds = 0.0
        self.wall_seconds = 0.0
        self.remarks: dict[str, None] = {}

    def take_over(self, other: Line) -> None:
        """Begin where another line is: with what is left of its time, and with nothing kept."""
        self.forget()
        self.begin_case(other.seed)
        self.budget, self.patience = self._lent = other.budget, other.patience
        self.remarks, self._unloadable, self._libraries = other.remarks, other._unloadable, other._libraries
        self.calls, self.seconds, self.wall_seconds = 0, 0.0, 0.0

    def hand_back(self, other: Line) -> None:
        """Count what was spent here since :meth:`take_over` as the other line's."""
        other.calls += self.calls
        other.seconds += self.seconds
        other.wall_seconds += self.wall_seconds
        budget, patience = self._lent
        other.budget -= budget - self.budget
        other.patience -= patience - self.patience

    def start(self) -> None:
        """Start a worker now, so that it gets ready while the grader does."""
        if self.worker is None:
            self.worker = self.launch()
            self.workers += 1

    def prepare(self, *libraries: str) -> None:
        """Import libraries in every worker before the student's code needs them; that time is not the student's."""
        self._libraries = tuple(dict.fromkeys([*self._libraries, *libraries]))

    def begin_question(self) -> None:
        """Give the next question its whole budget."""
        self.budget = self._limits.question_seconds
        self.patience = self._limits.wall(self.budget)

    def begin_case(self, seed: int) -> None:
        """Let the student's code draw the random numbers of the next case from a seed of 32 bits."""
        self.seed, self._sown = seed, False

    def forget(self) -> None:
        """Let go of all kept values, before the next request."""
        self._forget = True
        self.era += 1

    def output(self) -> str:
        """Return what the student's code printed since the last call of this."""
        return self.worker.output() if self.worker is not None else ""

    def end(self) -> None:
        """End the worker. A later request starts a new one."""
        if self.worker is not None:
            self.worker.close()
            self.worker = None
            self._loaded.clear()
            self._prepared.clear()
            self._touched = False
            self._sown = False

    def ask(self, request: Request, holders: Collection[int] = ()) -> Reply:
        """Send a request and return the reply; its time is the question's.

        ``holders`` are the workers that have the kept values which it names.

        Raises:
            AnswerError: there is none.
            FaultError: the grader cannot ask.
        """
        if any(self.worker is None or holder != self.workers for holder in holders):
            raise EndedBeforeError(request.name)
        try:
            return self._load_and_ask(request)
        except EndedBeforeError:
            if request.bound or not request.is_call:
                raise
            return self._load_and_ask(request)

    def read(self, request: Request, reply: Reply, *, loading: bool = False) -> Mapping[str, Any]:
        """Return what a reply says, good or bad.

        Raises:
            StudentCrashedError: it is none, so that the worker had to be ended.
        """
        try:
            content = reply.read()
        except WorkerDiedError as error:
            if self.worker is not None:
                self.worker.close()
            raise self._death(request.name, error, 0.0, loading=loading) from error
        if "remarks" in content:
            self._note(content["remarks"])
        return content

    def _load_and_ask(self, request: Request) -> Reply:
        if self.worker is not None and self.worker.ended:  # after its last answer, e.g. by a thread that went on
            self.end()
            if request.bound:
                raise EndedBeforeError(request.name)
        if request.module is not None:
            self._load(request.name, request.module)
        reply = self._exchange(request)
        if request.is_call:
            self.calls += 1
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
        request = Request(name, framed({"op": "load", "module": module}))
        try:
            content = self.read(request, self._exchange(request, loading=True), loading=True)
        except EndedBeforeError:
            raise
        except AnswerError as error:
            if whole:  # else it may just have had too little time
                self._unloadable[module] = error
            raise
        if not content["ok"]:
            self._unloadable[module] = diagnose(name, content)
            raise self._unloadable[module]
        self._loaded.add(module)

    def _exchange(self, request: Request, *, loading: bool = False) -> Reply:
        name = request.name
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
        if self.worker is None:
            self.start()
            self._forget = False
        assert self.worker is not None
        forget, self._forget = self._forget, False
        seed = None
        if not self._sown or loading:
            seed = _LOADING_SEED if loading else self.seed
            self._sown = not loading  # what a file draws while it is loaded depends on no case
        cpu = min(self._limits.call_seconds, self.budget)
        try:
            self._prepare(self.worker)
            self._touched = self._touched or loading
            reply = self.worker.exchange(request.frame, cpu, forget=forget, seed=seed)
        except WorkerDiedError as error:
            if error.unheard:
                self.end()
                raise EndedBeforeError(name) from error
            self.budget -= cpu if error.timeout else 0.0
            raise self._death(name, error, cpu, loading=loading) from error
        reply.worker = self.workers
        self.seconds += reply.cpu
        self.wall_seconds += reply.wall
        self.budget -= reply.cpu if reply.used is None else reply.used
        self.patience -= reply.took
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
                self.end()
                raise FaultError(f"a worker cannot import {library}: {one_line(str(why), 300)}")

    def _note(self, remarks: Any) -> None:
        for remark in remarks[:MAX_REMARKS] if isinstance(remarks, list) else []:
            text = describe_remark(remark)
            if text and len(self.remarks) < MAX_REMARKS:
                self.remarks[text] = None

    def _death(
        self, name: str, error: WorkerDiedError, cpu: float, *, loading: bool
    ) -> StudentTimeoutError | StudentCrashedError:
        printed = self.output()
        self.end()
        details = {"output": printed}
        if error.timeout and loading:
            return StudentTimeoutError(
                f"its file was not imported within {cpu:.3g} s: take out what runs there by itself", details
            )
        if error.timeout:
            return StudentTimeoutError(f"{name} did not finish within {cpu:.3g} s: does a loop never end?", details)
        what = "while its file was imported" if loading else f"in {name}"
        return StudentCrashedError(f"the process ended {what}: {error.reason}", details)


class EndedBeforeError(StudentCrashedError):
    """The process ended by itself after one answer and before the next request; that one is not to blame."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the process ended before {name} was called, after its last answer")
