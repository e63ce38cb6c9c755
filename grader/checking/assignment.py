"""An assignment: its folder, its ``assignment.toml``, and its questions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.checking.checksfolder import ChecksFolder
from grader.checking.config import CONFIG, Config, FileEntry, read_config
from grader.checking.question import Check, Question
from grader.errors import AssignmentError, UnknownNameError
from grader.sandbox.signature import Callee
from grader.sandbox.student import Student

__all__ = [
    "CONFIG",
    "Assignment",
    "FileEntry",
    "find_assignment",
    "hidden_weights",
    "list_assignments",
    "load_assignment",
]


@dataclass(frozen=True, kw_only=True)
class Assignment(Config):
    """One assignment as it lies in a folder: the instructor's (with hidden checks) or the published one."""

    name: str
    folder: Path

    @property
    def records(self) -> Path:
        """Where a published assignment keeps recorded answers, one file a question."""
        return self.folder / "recorded"

    def checks(self) -> ChecksFolder:
        """Return the folder of checks, from which questions are loaded."""
        return ChecksFolder(self.folder / "checks")

    def place_in(self, cache: Path, what: str) -> Path:
        """Return where a folder for caches keeps something of this very folder: others may have its name."""
        place = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return cache / what / f"{self.name}-{place}"

    def questions(self, ids: Iterable[str] = (), checks: ChecksFolder | None = None) -> list[Question]:
        """Load the questions with these ids, or all, in the assignment's order.

        Args:
            ids: which ones.
            checks: the folder of checks, where it is at hand: what it has loaded is not loaded again.

        Raises:
            UnknownNameError: an id is no question's.
            AssignmentError: a checks file is missing or wrong.
        """
        wanted = list(ids)
        for name in wanted:
            if name not in self.order:
                raise UnknownNameError("question", name, self.order)
        loader = checks or self.checks()
        return [loader.question(name) for name in self.order if not wanted or name in wanted]

    def check_points(self, question: Question) -> list[float]:
        """Return the points of each of a question's checks.

        Robust checks share the robustness share among them, the others the rest, by their weights.
        """
        hidden_plain, hidden_robust = self.hidden.get(question.name, (0.0, 0.0))
        plain = sum(check.weight for check in question.checks if not check.robust) + hidden_plain
        robust = sum(check.weight for check in question.checks if check.robust) + hidden_robust
        share = 0.0 if not robust else (1.0 if not plain else self.robustness)
        points = []
        for check in question.checks:
            total, part = (robust, share) if check.robust else (plain, 1.0 - share)
            points.append(question.points * part * check.weight / total if total else 0.0)
        return points

    def callees(self, questions: Iterable[Question]) -> dict[str, tuple[str, Callee]]:
        """Return the functions that questions declare, by name, with the file of each."""
        table: dict[str, tuple[str, Callee]] = {}
        for question in questions:
            for name, (file, callee) in question.callees().items():
                if hasattr(Student, name):
                    raise AssignmentError(
                        f"question {question.name}: student.{name} is something else already; give the question another"
                        f" name, and called='{name}'"
                    )
                if file not in {entry.name for entry in self.files}:
                    raise AssignmentError(
                        f"question {question.name}: {file} is not in [files] of {self.folder / CONFIG}; add it there"
                    )
                table[name] = (file, callee)
        return table

    def validate(self) -> None:
        """Check what only all questions together can show: that the points add up.

        Raises:
            AssignmentError: they do not, or a question depends on none.
        """
        questions = self.questions()
        total = sum(question.points for question in questions)
        if abs(total - self.points) > 1e-9:
            raise AssignmentError(
                f"{self.folder / CONFIG} promises {self.points:g} points, its questions are worth {total:g}: change one"
            )
        names = {question.name for question in questions}
        for question in questions:
            if not question.checks:
                raise AssignmentError(f"question {question.name} has no checks: add one in checks/{question.name}.py")
            for other in question.depends:
                if other not in names:
                    raise AssignmentError(f"question {question.name} depends on {other}, which is no question")


def load_assignment(folder: Path) -> Assignment:
    """Return the assignment in a folder.

    Raises:
        AssignmentError: its ``assignment.toml`` is missing or wrong.
    """
    folder = folder.resolve()
    config = read_config(folder / CONFIG)
    return Assignment(name=config.published_name or folder.name, folder=folder, **vars(config))


def _homes(start: Path) -> list[Path]:
    return [start, *start.parents]


def list_assignments(start: Path) -> dict[str, list[Path]]:
    """Return the assignments around a folder: name to folders, the instructor's before the published one."""
    found: dict[str, list[Path]] = {}
    for home in _homes(start):
        places = [home / "solutions", home / "assignments"]
        if not any(place.is_dir() for place in places):
            continue
        for place in places:
            for config in sorted(place.glob(f"*/{CONFIG}")):
                found.setdefault(config.parent.name, []).append(config.parent)
        if found:
            break
    for folder in _homes(start):  # we may stand inside one
        if (folder / CONFIG).is_file():
            if folder not in found.setdefault(folder.name, []):
                found[folder.name].append(folder)
            break
    return found


def find_assignment(name: str, start: Path) -> tuple[Assignment, Path | None]:
    """Return an assignment by its name or path, and the folder in which students work on it, if it is there.

    A name is looked up under ``solutions/`` and then ``assignments/``, here and in the folders above.

    Raises:
        UnknownNameError: there is none.
        AssignmentError: its files are wrong.
    """
    known = list_assignments(start)
    path = Path(name)
    if name in known:
        folders = known[name]
    elif (path / CONFIG).is_file():
        folders = [path]
    else:
        advice = "" if known else f"no solutions/ or assignments/ here or above ({start}): change to where they are"
        raise UnknownNameError("assignment", name, known, advice)
    assignment = load_assignment(folders[0])
    if assignment.published:
        return assignment, assignment.folder
    work = assignment.folder.parent.parent / "assignments" / assignment.name
    return assignment, work if work.is_dir() else None


def hidden_weights(checks: Iterable[Check]) -> tuple[float, float]:
    """Return the weights of the hidden ones among checks, as (plain, robust)."""
    chosen = [check for check in checks if check.hidden]
    plain = sum((check.weight for check in chosen if not check.robust), 0.0)
    return plain, sum((check.weight for check in chosen if check.robust), 0.0)
