"""An assignment: its folder, its ``assignment.toml``, and its questions."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from grader.checking.question import Check, Question
from grader.errors import AssignmentError, UnknownNameError
from grader.sandbox.layout import Limits
from grader.sandbox.signature import Callee

__all__ = ["Assignment", "FileEntry", "find_assignment", "list_assignments", "load_assignment"]

CONFIG = "assignment.toml"
_KEYS = {
    "title",
    "points",
    "robustness",
    "seed",
    "questions",
    "limits",
    "files",
    "given",
    "publish",
    "published",
    "due",
    "late",
}
_LIMITS = {"call_seconds": "call_seconds", "question_seconds": "question_seconds", "memory_mb": "memory_bytes"}


@dataclass(frozen=True)
class FileEntry:
    """A file of the assignment and the other places where submissions may have it."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module's plain name."""
        return self.name.removesuffix(".py").replace("/", ".")


@dataclass(frozen=True)
class Assignment:
    """One assignment as it lies in a folder: the instructor's (with hidden checks) or the published one.

    ``hidden`` holds, in a published folder, the weight of each question's hidden checks, as (plain, robust).
    """

    name: str
    folder: Path
    title: str
    points: float
    robustness: float
    seed: int
    limits: Limits
    order: tuple[str, ...]
    files: tuple[FileEntry, ...]
    given: tuple[FileEntry, ...]
    published: bool
    hidden: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    allowed_lines: tuple[str, ...] = ()
    due: datetime | date | None = None

    @property
    def records(self) -> Path:
        """Where a published assignment keeps recorded answers, one file a question."""
        return self.folder / "recorded"

    def questions(self, ids: Iterable[str] = ()) -> list[Question]:
        """Load the questions with these ids, or all, in the assignment's order.

        Raises:
            UnknownNameError: an id is no question's.
            AssignmentError: a checks file is missing or wrong.
        """
        wanted = list(ids)
        for name in wanted:
            if name not in self.order:
                raise UnknownNameError("question", name, self.order)
        loader = _ChecksLoader(self)
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


class _ChecksLoader:
    """Loads checks files as modules of a package of their own, so that they may share helpers (``from ._x import``)."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.folder = assignment.folder / "checks"
        kind = "published" if assignment.published else "source"
        self.package = f"_grader_checks_{kind}_{assignment.name}_{abs(hash(str(self.folder)))}"
        for name in [name for name in sys.modules if name.partition(".")[0] == self.package]:
            del sys.modules[name]  # an edited file is read again
        package = types.ModuleType(self.package)
        package.__path__ = [str(self.folder)]
        sys.modules[self.package] = package

    def question(self, name: str) -> Question:
        path = self.folder / f"{name}.py"
        if not path.is_file():
            raise AssignmentError(f"{path} is missing: write it, or take '{name}' out of questions in {CONFIG}")
        spec = importlib.util.spec_from_file_location(f"{self.package}.{name}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except AssignmentError:
            raise
        except Exception as error:
            line = _last_line_in(error, self.folder)
            raise AssignmentError(f"{line or path}: {type(error).__name__}: {error}") from error
        question = getattr(module, "question", None)
        if not isinstance(question, Question) or question.name != name:
            raise AssignmentError(f"{path} should say: question = Question({name!r}, …)")
        if not question.title:
            first = (module.__doc__ or "").strip().partition("\n")[0]
            question.title = first.removeprefix(f"{name}:").strip().rstrip(".") or name
        return question


def _last_line_in(error: BaseException, folder: Path) -> str:
    found = ""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename} line {error.lineno}"
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if Path(file).parent == folder:
            found = f"{file} line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def load_assignment(folder: Path) -> Assignment:
    """Return the assignment in a folder.

    Raises:
        AssignmentError: its ``assignment.toml`` is missing or wrong.
    """
    path = folder / CONFIG
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise AssignmentError(f"{folder} has no {CONFIG}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: {error}") from error
    for key in config:
        if key not in _KEYS:
            raise AssignmentError(f"{path}: {UnknownNameError('setting', key, sorted(_KEYS))}")

    def get(key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        value = config.get(key, default)
        if value is None:
            raise AssignmentError(f"{path}: '{key}' is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            raise AssignmentError(f"{path}: '{key}' should be of type {names}")
        return value

    published = get("published", dict, {})
    robustness = get("robustness", (int, float), 0.1)
    if not 0 <= robustness < 1:
        raise AssignmentError(f"{path}: 'robustness' is the share of each question's points, from 0 to below 1")
    return Assignment(
        name=folder.resolve().name,
        folder=folder.resolve(),
        title=get("title", str),
        points=float(get("points", (int, float))),
        robustness=float(robustness),
        seed=get("seed", int, 0),
        limits=_limits(path, get("limits", dict, {})),
        order=tuple(_texts(path, "questions", get("questions", list))),
        files=_entries(path, "files", get("files", dict)),
        given=_entries(path, "given", get("given", dict, {})),
        published="published" in config,
        hidden=_hidden(path, published),
        allowed_lines=tuple(_texts(path, "publish.allow", get("publish", dict, {}).get("allow", []))),
        due=config.get("due"),
    )


def _hidden(path: Path, published: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the weights of hidden checks that publishing wrote down."""
    table = published.get("hidden", {})
    try:
        return {name: (float(plain), float(robust)) for name, (plain, robust) in table.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise AssignmentError(f"{path}: [published.hidden] is not as grader publish writes it") from error


def _limits(path: Path, table: Mapping[str, Any]) -> Limits:
    limits = Limits()
    for key, value in table.items():
        if key not in _LIMITS:
            raise AssignmentError(f"{path}: {UnknownNameError('limit', key, sorted(_LIMITS))}")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or value <= 0:
            raise AssignmentError(f"{path}: limits.{key} should be a number above zero")
        amount = int(value * 2**20) if key == "memory_mb" else float(value)
        limits = replace(limits, **{_LIMITS[key]: amount})
    return limits


def _entries(path: Path, key: str, table: Mapping[str, Any]) -> tuple[FileEntry, ...]:
    entries = []
    for name, aliases in table.items():
        entry = FileEntry(name, tuple(_texts(path, f"{key}.{name}", aliases)))
        for place in (entry.name, *entry.aliases):
            if not place.endswith(".py") or place.startswith("/") or ".." in place.split("/"):
                raise AssignmentError(f"{path}: {key} '{place}' should be the relative path of a .py file")
        entries.append(entry)
    return tuple(entries)


def _texts(path: Path, key: str, values: Any) -> Sequence[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise AssignmentError(f"{path}: '{key}' should be a list of texts")
    return values


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
