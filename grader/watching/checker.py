"""Checks questions beside: in a thread, so that keys and saves are seen meanwhile."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.checking.question import Question
from grader.checking.report import QuestionResult, Report
from grader.checking.stopping import Stop
from grader.checking.submission import Submission
from grader.checking.workshop import Workshop

__all__ = ["Checker", "Ended", "Event", "Finished", "Started"]

_PATIENCE = 20.0  # seconds for a stopped run to end


@dataclass(frozen=True)
class Started:
    """A question is being checked."""

    name: str


@dataclass(frozen=True)
class Finished:
    """A question is decided."""

    result: QuestionResult


@dataclass(frozen=True)
class Ended:
    """The run is over, with a report unless it was stopped or failed."""

    report: Report | None
    error: Exception | None = None


Event = Started | Finished | Ended


class Checker:
    """Runs one batch of questions at a time. ``notify`` is called from its thread when there are events."""

    def __init__(self, workshop: Workshop, notify: Callable[[], None]) -> None:
        self._workshop = workshop
        self._notify = notify
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stop: Stop | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a batch is running, or its end has not been read yet."""
        return self._thread is not None

    def start(self, find: Callable[[], Submission], names: Sequence[str], known: Mapping[str, QuestionResult]) -> None:
        """Begin to check questions; ``known`` is how others went, for those that depend on them."""
        assert not self.busy
        self._stop = stop = Stop()
        self._thread = threading.Thread(target=self._run, args=(find, names, known, stop), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the batch. Its end is still told; questions that were decided before stay so."""
        if self._stop is not None:
            self._stop.stop()

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""
        found: list[Event] = []
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return found
            if isinstance(event, Ended) and self._thread is not None:
                self._thread.join()
                self._thread = self._stop = None
            found.append(event)

    def close(self) -> None:
        """Stop, and wait for the end."""
        self.stop()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _run(
        self,
        find: Callable[[], Submission],
        names: Sequence[str],
        known: Mapping[str, QuestionResult],
        stop: Stop,
    ) -> None:
        report, failure = None, None
        try:
            report = self._workshop.run(find(), names, _Told(self._tell, stop), known, stop.through)
        except KeyboardInterrupt:  # it was stopped before it had begun
            pass
        except Exception as error:  # the other thread's to handle
            failure = error
        self._tell(Ended(None if stop.stopped else report, failure if not stop.stopped else None))

    def _tell(self, event: Event) -> None:
        self._events.put(event)
        self._notify()


class _Told:
    """The observer of a run: makes events of what it sees, and stops between two questions."""

    def __init__(self, tell: Callable[[Event], None], stop: Stop) -> None:
        self._tell = tell
        self._stop = stop

    def question_started(self, question: Question) -> None:
        self._stop.check()
        self._tell(Started(question.name))

    def question_finished(self, result: QuestionResult) -> None:
        self._stop.check()
        self._tell(Finished(result))
