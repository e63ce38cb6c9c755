"""Outcomes that are kept from one audit for the next, each under a digest of all that it depends on.

There is a file for each question. One that is damaged, or is something else, holds nothing. What might have ended
otherwise at another time is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.authoring.inputs import Inputs
from grader.authoring.jobs import Job, Outcome
from grader.authoring.plainoutcomes import from_plain, to_plain
from grader.authoring.plan import FIRST
from grader.files import write_atomically

__all__ = ["SUFFIX", "Kept", "holds"]

SUFFIX = ".outcomes"
HEAD = b"grader.outcomes/1 "
MOST = 2**20  # bytes of a question's outcomes from before: those that were used longest ago go
_DAYS = 60  # after which a file goes that nobody used, e.g. that of a folder that is gone
_PORTION = 8  # mutants that are worth a job of their own

_Entries = dict[str, Any]


def holds(folder: Path, question: str) -> bool:
    """Whether a folder has a file of outcomes for a question, good or not."""
    return _file(folder, question).exists()


class Kept:
    """The outcomes of one assignment's jobs.

    Args:
        folder: where their files are, one of several such folders in one.
        inputs: what outcomes depend on.
        fresh: whether none from before is used.
    """

    def __init__(self, folder: Path, inputs: Inputs, *, fresh: bool = False) -> None:
        self._folder = folder
        self._inputs = inputs
        self._fresh = fresh
        self._before: dict[str, _Entries] = {}
        self._used: dict[str, _Entries] = {}
        self._run: dict[
            str, set[str]
        ] = {}  # by question, the keys of what was run: these outcomes replace those before

    def split(self, job: Job) -> tuple[Outcome | None, list[Job]]:
        """Return what is known of a job, if anything is, and the jobs that are left, in as many parts as it says."""
        if job.kind == "variant":
            return self._variant(job)
        if job.kind == "mutants":
            known = self._find(job, job.questions)
            done = frozenset(one.id for one in known.mutants) if known is not None else frozenset()
            left = known.total - len(done) if known is not None else None
            parts = job.parts if left is None else min(job.parts, -(-left // _PORTION))
            return known, [replace(job, part=part, parts=parts, skip=done) for part in range(parts)]
        found = {names[0]: self._find(job, names) for names in self._units(job)}
        some = [outcome for outcome in found.values() if outcome is not None]
        names = tuple(name for name, outcome in found.items() if outcome is None)
        whole = Outcome(
            job,
            results=tuple(result for outcome in some for result in outcome.results),
            calls={place: calls for outcome in some for place, calls in outcome.calls.items()},
        )
        portions = [names[start :: job.parts] for start in range(job.parts)]
        return whole if some else None, [replace(job, questions=portion) for portion in portions if portion]

    def _variant(self, job: Job) -> tuple[Outcome | None, list[Job]]:
        known = self._find(job, job.questions)
        if known is None:
            return None, [job]
        if not job.twice or known.again is not None:
            return known, []
        failing = frozenset(check for (check, _), wrong in known.seen.items() if wrong is not None)
        if not failing:
            return replace(known, again={}), []
        if any(name == job.questions[0] for name, _ in job.dear):
            return None, [job]  # not all of its checks have been asked
        return None, [replace(job, repeats=failing)]

    def take(self, outcome: Outcome) -> Outcome:
        """Keep what will stay as it is of a job's outcome, and return the outcome as it is when it was kept."""
        job = outcome.job
        if outcome.problem:
            return outcome
        if job.repeats:
            first = self._find(job, job.questions)
            assert first is not None
            outcome = replace(first, again=outcome.again, fleeting=outcome.fleeting)
        outcome = replace(from_plain(to_plain(outcome), job), fleeting=outcome.fleeting)
        for questions in self._units(job):
            self._run.setdefault(questions[0], set()).add(self._key(job, questions))
        for questions, part in self._lasting(outcome):
            self._used.setdefault(questions[0], {})[self._key(job, questions)] = to_plain(part)
        return outcome

    def _units(self, job: Job) -> list[tuple[str, ...]]:
        """Return the questions by which the outcomes of a job are kept."""
        return [(name,) for name in job.questions] if job.kind in FIRST else [job.questions]

    def _lasting(self, outcome: Outcome) -> Iterator[tuple[tuple[str, ...], Outcome]]:
        """Yield the parts of an outcome that are kept, each with the questions that it is kept by."""
        job = outcome.job
        if job.kind == "variant":
            if job.id not in outcome.fleeting:
                yield job.questions, outcome
        elif job.kind == "mutants":
            known = self._find(job, job.questions)
            before = {one.id: one for one in known.mutants} if known is not None else {}
            now = {one.id: one for one in outcome.mutants if one.id not in outcome.fleeting}
            yield job.questions, replace(outcome, mutants=tuple((before | now).values()))
        else:
            for result in outcome.results:
                if result.id not in outcome.fleeting:
                    calls = {place: count for place, count in outcome.calls.items() if place[0] == result.id}
                    yield (result.id,), replace(outcome, results=(result,), calls=calls)

    def _key(self, job: Job, questions: Sequence[str]) -> str:
        return self._inputs.key(questions, job.kind, job.name, job.what)

    def _find(self, job: Job, questions: tuple[str, ...]) -> Outcome | None:
        name, key = questions[0], self._key(job, questions)
        used = self._used.setdefault(name, {})
        if key not in used:
            if self._fresh:
                return None
            if name not in self._before:
                self._before[name] = _read(_file(self._folder, name))
            if key not in self._before[name]:
                return None
            used[key] = self._before[name][key]
        try:
            return from_plain(used[key], job)
        except ValueError:
            del used[key]
            return None

    @property
    def good(self) -> bool:
        """Whether what is found may be kept: no file was touched since the audit began."""
        return self._inputs.unchanged()

    def save(self) -> None:
        """Write what is new and ``good``.

        What another audit wrote meanwhile stays. A cache that cannot be written is no matter.
        """
        if not self.good:
            return
        with contextlib.suppress(OSError):
            for name in self._used.keys() | self._run.keys():
                path, used = _file(self._folder, name), self._used.get(name, {})
                if run := self._run.get(name):
                    others = {key: plain for key, plain in _read(path).items() if key not in run | used.keys()}
                    write_atomically(path, _written({**_latest(others), **used}))
                elif used:
                    os.utime(path)
            for path in self._folder.parent.glob(f"*/*{SUFFIX}"):
                if path.stat().st_mtime < time.time() - _DAYS * 86400:
                    path.unlink()


def _file(folder: Path, question: str) -> Path:
    return folder / f"{question}{SUFFIX}"


def _read(path: Path) -> _Entries:
    """Return the outcomes in a file; a file that is missing, damaged or something else has none."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head != HEAD + _digest(body):
            return {}
        table = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _written(entries: Mapping[str, Any]) -> bytes:
    body = json.dumps(entries, separators=(",", ":")).encode()
    return HEAD + _digest(body) + b"\n" + body


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _latest(entries: _Entries) -> _Entries:
    """Return the last of some outcomes, as many as there is room for."""
    chosen: _Entries = {}
    size = 0
    for key, plain in reversed(entries.items()):
        size += len(json.dumps(plain))
        if size > MOST:
            break
        chosen[key] = plain
    return dict(reversed(chosen.items()))
