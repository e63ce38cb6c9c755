"""The file ``assignment.toml``: what an assignment's author settles in one place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.checking.levels import LEVELS, level_of
from grader.errors import AssignmentError, UnknownNameError
from grader.sandbox.layout import Limits

__all__ = ["CONFIG", "Config", "FileEntry", "read_config"]

CONFIG = "assignment.toml"
_KEYS = {
    "title",
    "points",
    "robustness",
    "seed",
    "hints",
    "questions",
    "limits",
    "files",
    "given",
    "publish",
    "published",
}
_PUBLISH = ("allow", "withhold")
_LIMITS = ("call_seconds", "question_seconds", "memory_mb")


@dataclass(frozen=True)
class FileEntry:
    """A file of the assignment and the other places where submissions may have it."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module's plain name."""
        return self.name.removesuffix(".py").replace("/", ".")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one assignment.

    ``allowed_lines`` are those that may be published though a solution has them, ``withheld`` files that may not be.

    ``hints`` is the level up to which students are told what is wrong. ``robustness`` is the share of each question's
    points that its robust checks have together. ``hidden`` holds, in a published folder, the weight of each question's
    hidden checks, as (plain, robust).
    """

    title: str
    points: float
    robustness: float
    seed: int
    hints: str
    limits: Limits
    order: tuple[str, ...]
    files: tuple[FileEntry, ...]
    given: tuple[FileEntry, ...]
    published: bool
    published_name: str | None
    hidden: Mapping[str, tuple[float, float]]
    allowed_lines: tuple[str, ...]
    withheld: tuple[str, ...]


def read_config(path: Path) -> Config:
    """Return the settings in a file.

    Raises:
        AssignmentError: it is missing or wrong.
    """
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise AssignmentError(f"{path.parent} has no {path.name}") from error
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

    published, publish = get("published", dict, {}), get("publish", dict, {})
    for key in publish:
        if key not in _PUBLISH:
            raise AssignmentError(f"{path}: {UnknownNameError('setting of [publish]', key, _PUBLISH)}")
    robustness = get("robustness", (int, float), 0.1)
    if not 0 <= robustness < 1:
        raise AssignmentError(f"{path}: 'robustness' is the share of each question's points, from 0 to below 1")
    try:
        hints = level_of(get("hints", str, LEVELS[-1]))
    except UnknownNameError as error:
        raise AssignmentError(f"{path}: {error}") from error
    return Config(
        title=get("title", str),
        points=float(get("points", (int, float))),
        robustness=float(robustness),
        seed=get("seed", int, 0),
        hints=hints,
        limits=_limits(path, get("limits", dict, {})),
        order=tuple(_texts(path, "questions", get("questions", list))),
        files=_entries(path, "files", get("files", dict)),
        given=_entries(path, "given", get("given", dict, {})),
        published="published" in config,
        published_name=_name(path, published),
        hidden=_hidden(path, published),
        allowed_lines=tuple(_texts(path, "publish.allow", publish.get("allow", []))),
        withheld=tuple(_texts(path, "publish.withhold", publish.get("withhold", []))),
    )


def _name(path: Path, published: Mapping[str, Any]) -> str | None:
    """Return the name under which a folder was published: students may call their copy what they like."""
    name = published.get("name")
    if name is not None and not isinstance(name, str):
        raise AssignmentError(f"{path}: published.name is not as grader publish writes it")
    return name


def _hidden(path: Path, published: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the weights of hidden checks that publishing wrote down."""
    table = published.get("hidden", {})
    try:
        return {name: (float(plain), float(robust)) for name, (plain, robust) in table.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise AssignmentError(f"{path}: [published.hidden] is not as grader publish writes it") from error


def _limits(path: Path, table: Mapping[str, Any]) -> Limits:
    for key, value in table.items():
        if key not in _LIMITS:
            raise AssignmentError(f"{path}: {UnknownNameError('limit', key, _LIMITS)}")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or value <= 0:
            raise AssignmentError(f"{path}: limits.{key} should be a number above zero")
    usual = Limits()
    return replace(
        usual,
        call_seconds=float(table.get("call_seconds", usual.call_seconds)),
        question_seconds=float(table.get("question_seconds", usual.question_seconds)),
        memory_bytes=int(table["memory_mb"] * 2**20) if "memory_mb" in table else usual.memory_bytes,
    )


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
