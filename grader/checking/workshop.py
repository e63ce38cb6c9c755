"""A workshop: what stays ready between many runs of one assignment, for those who check again and again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from grader.checking.assignment import CONFIG, Assignment, load_assignment
from grader.checking.checksfolder import ChecksFolder
from grader.checking.devices import has_torch, may_use_cuda
from grader.checking.engine import Runner
from grader.checking.levels import limited
from grader.checking.memory import Memory
from grader.checking.options import Observer, Options
from grader.checking.question import Question
from grader.checking.report import QuestionResult, Report
from grader.checking.submission import Submission
from grader.sandbox.choice import Choice
from grader.sandbox.launch import Launcher

__all__ = ["Workshop"]


class Workshop:
    """Runs questions of one assignment, with its checks loaded once and workers forked from warm servers.

    There are two servers, each started when it is first needed: questions about torch take one that has imported it.
    One thread at a time may run; any may close.

    Args:
        folder: the assignment's.
        cache: the folder for caches.
        device: see :class:`grader.checking.options.Options`.

    Raises:
        AssignmentError: the assignment's own files are wrong.
    """

    def __init__(self, folder: Path, cache: Path | None = None, device: str = "auto") -> None:
        self._folder = folder
        self._cache = cache
        self._device = device
        self._launchers: dict[bool, Choice] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self.assignment: Assignment
        self._checks: ChecksFolder
        self._memory: Memory
        self.refresh()

    def refresh(self) -> Sequence[str]:
        """Load the assignment anew if its own files were edited, and return the names of those that were.

        Raises:
            AssignmentError: they are wrong.
        """
        stamps = _stamps(self._folder)
        edited = sorted({name for name, _ in stamps.items() ^ self._stamps.items()})
        if edited:
            self.assignment = load_assignment(self._folder)
            self._checks = self.assignment.checks()
            self._memory = Memory()
            self._stamps = stamps
        return edited

    def questions(self, names: Iterable[str] = ()) -> list[Question]:
        """Return the questions with these names, or all.

        Raises:
            UnknownNameError: a name is no question's.
            AssignmentError: a checks file is wrong.
        """
        return self.assignment.questions(names, self._checks)

    def hidden_points(self, names: Iterable[str] = ()) -> float:
        """Return the points of these questions, or of all, that only grading decides."""
        questions = self.questions(names)
        shown = sum(sum(self.assignment.check_points(question)) for question in questions)
        return round(sum(question.points for question in questions) - shown, 4)

    def run(
        self,
        submission: Submission,
        names: Sequence[str],
        observer: Observer | None = None,
        known: Mapping[str, QuestionResult] | None = None,
        through: Callable[[Launcher], Launcher] | None = None,
    ) -> Report:
        """Run questions on a submission, as ``grader run`` does.

        Args:
            submission: what to run them on.
            names: which ones; none are all.
            observer: is told of the progress.
            known: how other questions went, for those that depend on them.
            through: what to put between the run and the source of its workers.

        Raises:
            UnknownNameError: a name is no question's.
            AssignmentError: the assignment's own files are wrong.
            FaultError: no worker can be started.
        """
        torch = has_torch() and any("torch" in question.needs for question in self.questions(names))
        launcher: Launcher = self._launcher(torch)
        options = Options(
            questions=names,
            device=self._device,
            cache=self._cache,
            checks=self._checks,
            memory=self._memory,
            launcher=through(launcher) if through is not None else launcher,
        )
        if observer is not None:
            options = Options(**{**vars(options), "observer": observer})
        runner = Runner(self.assignment, submission, options)
        runner.results.update(known or {})
        return limited(runner.run(), self.assignment.hints)

    def _launcher(self, torch: bool) -> Choice:
        if torch not in self._launchers:
            wanted = "process" if may_use_cuda(self._device) else "auto"  # the better tiers hide the GPU
            self._launchers[torch] = Choice(wanted, ("torch",) if torch else (), warm=True)
        return self._launchers[torch]

    def close(self) -> None:
        """End the servers. Safe to call again."""
        with contextlib.ExitStack() as ends:
            for launcher in self._launchers.values():
                ends.callback(launcher.close)
            self._launchers = {}

    def __enter__(self) -> Workshop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return when the assignment's own files were written, and how long they are."""
    stamps = {}
    with contextlib.suppress(OSError):
        known = os.stat(folder / CONFIG)
        stamps[CONFIG] = known.st_mtime_ns, known.st_size
    with contextlib.suppress(OSError), os.scandir(folder / "checks") as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                known = entry.stat()
                stamps[entry.name] = known.st_mtime_ns, known.st_size
    return stamps
