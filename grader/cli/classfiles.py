"""The files about a class that are made of its results: anew each time, so that they are never behind."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console, RenderableType

from grader.checking.assignment import Assignment
from grader.checking.levels import for_students, limited
from grader.checking.question import Question
from grader.checking.strictjson import dump, dump_in_lines
from grader.classroom.intake.handed import Handed
from grader.classroom.record.attempt import Attempt
from grader.classroom.record.results import Results
from grader.classroom.summary import gradebook
from grader.classroom.summary.figures import Insights
from grader.classroom.summary.insights import Tally
from grader.errors import InputError
from grader.reports import classroom, html
from grader.reports.classwords import ClassScene
from grader.reports.findings import Scene
from grader.reports.html.classroom import class_page
from grader.reports.terminal import render

__all__ = ["ClassFiles", "file_name"]

_WIDTH = 80
_CHECK = 4  # how deep in a report a check is: a line for each
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # which are no files on Windows


@dataclass
class ClassFiles:
    """The files in the folder of a class's results.

    Args:
        assignment: what was handed in for.
        questions: all of it.
        results: open.
        folder: where they go.
        handed_in: what there is to grade. Of others, which earlier runs graded, nothing is told.
        decided: the keys of those that this run has graded, or found graded; all others are not graded yet.
    """

    assignment: Assignment
    questions: Sequence[Question]
    results: Results
    folder: Path
    handed_in: Sequence[Handed]
    decided: Collection[str]
    gone: list[str] = field(default_factory=list, init=False)
    _points: Mapping[str, float] = field(init=False)
    _student_scene: Scene = field(init=False)

    def __post_init__(self) -> None:
        self._points = {question.name: question.points for question in self.questions}
        files = {question.name: question.file for question in self.questions}
        self._student_scene = Scene(self.assignment.title, f"grader run {self.assignment.name}", files)

    def write(self) -> Insights:
        """Write all of them, and return the figures of the class. ``gone`` are then the keys of whom nothing is told.

        Raises:
            InputError: one cannot be written.
        """
        tally = Tally(self._points)
        waiting = {one.key: list(map(asdict, one.people)) for one in self.handed_in if one.key not in self.decided}
        rows = gradebook.rows(self._written(tally, waiting), self._points, waiting, _place, _feedback_place)
        gradebook.write(self.folder / gradebook.FILE, rows, self._points)
        found = tally.insights(len(waiting))
        self._put("class-report.txt", plain(self.overview(found, _WIDTH)))
        self._put("class-report.html", class_page(found, self._scene))
        self._put("class-report.json", dump(classroom.data(found, self._scene)))
        return found

    def _written(self, tally: Tally, waiting: Collection[str]) -> Iterator[Attempt]:
        """Write the files of each attempt, count it, and pass it on: all of them are read once only."""
        keys = {one.key for one in self.handed_in}
        self.gone += [key for key in self.results.everybody() if key not in keys]
        for key in [*self.gone, *waiting]:  # before anything is written: names may be alike
            self._remove_all(file_name(key))
        for attempt in self.results.latest():
            if attempt.key not in self.decided:
                continue
            tally.add(attempt)
            name = file_name(attempt.key)
            if attempt.report is not None:
                self._put(f"reports/{name}.json", dump_in_lines(attempt.report, _CHECK))
            else:
                self._remove(f"reports/{name}.json")
            for ending, text in self._feedback(attempt).items():
                self._put(f"feedback/{name}.{ending}", text)
            yield attempt

    def overview(self, found: Insights, width: int) -> RenderableType:
        """Return the class report."""
        return classroom.render(found, self._scene, width)

    @property
    def _scene(self) -> ClassScene:
        return ClassScene(self.assignment.name, self.assignment.title, self.results.basis.seed)

    def _feedback(self, attempt: Attempt) -> Mapping[str, str]:
        """Return what a student may read, as text and as a page."""
        if attempt.state == "refused":
            return _message(self._student_scene, f"This could not be graded: {attempt.problem}")
        if attempt.result is None or attempt.state == "fault":
            text = "The grader itself failed on this: nobody loses points for that, and it will be graded again."
            return _message(self._student_scene, text)
        report = for_students(limited(attempt.result, self.assignment.hints))
        scene = self._student_scene
        return {"txt": plain(render(report, scene, _WIDTH)), "html": html.page(report, scene)}

    def _remove_all(self, name: str) -> None:
        """Remove the files of somebody who is no longer there or not graded yet: else they would be handed out."""
        for path in (f"reports/{name}.json", f"feedback/{name}.txt", f"feedback/{name}.html"):
            self._remove(path)

    def _remove(self, path: str) -> None:
        with contextlib.suppress(OSError):  # somebody else may have done it
            (self.folder / path).unlink()

    def _put(self, name: str, text: str) -> None:
        path = self.folder / name
        try:
            path.parent.mkdir(exist_ok=True)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            advice = "make room or change its permissions, and give the same command again: no grade is lost"
            raise InputError(f"{error.filename or path} cannot be written ({error.strerror}): {advice}") from error


def _message(scene: Scene, text: str) -> Mapping[str, str]:
    return {"txt": f"{text}\n", "html": html.message(text, scene)}


def _place(attempt: Attempt) -> str:
    return f"reports/{file_name(attempt.key)}.json" if attempt.report is not None else ""


def _feedback_place(attempt: Attempt) -> str:
    return f"feedback/{file_name(attempt.key)}.html"


def file_name(key: str) -> str:
    """Return the name of a student's files: the key itself, where that is a harmless name everywhere."""
    if _SAFE.fullmatch(key) and not key.endswith(".") and not _DEVICES.fullmatch(key):
        return key
    harmless = re.sub(r"[^A-Za-z0-9_@+-]+", "_", key).strip("_@+-")[:60]
    digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{harmless or 'student'}-{digest}"


def plain(drawn: RenderableType) -> str:
    """Return something as text."""
    console = Console(
        file=io.StringIO(),
        width=_WIDTH,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(drawn)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
