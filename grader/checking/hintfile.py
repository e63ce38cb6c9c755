"""What is recorded of misconceptions: which files hold it, and whether it still belongs to the assignment.

A record names the digest of all that it depends on: the checks, the solution, the misconceptions. A published folder
has no misconceptions to work it out from; there, checks and records are published together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.checking.assignment import Assignment
from grader.checking.evidence import Place, Wrong
from grader.checking.hints import Known

__all__ = ["SUFFIX", "Recorded", "cached", "digest_of", "known_misconceptions", "read_hints", "twin_of", "write_hints"]

SUFFIX = ".hints.json"
FORMAT = "grader.hints/2"


@dataclass(frozen=True)
class Recorded:
    """The misconceptions of one question, as they were recorded with one seed."""

    digest: str
    seed: int
    known: tuple[Known, ...]

    def only(self, checks: Iterable[str]) -> Recorded:
        """Return the part that is about some checks, e.g. the public ones."""
        chosen = frozenset(checks)

        def inside(places: Iterable[Place]) -> frozenset[Place]:
            return frozenset(place for place in places if place[0] in chosen)

        known = [
            Known(
                one.id,
                one.sentence,
                {place: wrong for place, wrong in one.wrong.items() if place[0] in chosen},
                inside(one.tried),
                inside(one.loose),
            )
            for one in self.known
        ]
        return Recorded(self.digest, self.seed, tuple(one for one in known if one.wrong))


def known_misconceptions(assignment: Assignment, question: str, seed: int, cache: Path | None) -> Sequence[Known]:
    """Return the misconceptions that are recorded for a question and a seed; none, if there is no good record."""
    if assignment.published:
        found = read_hints(assignment.records / f"{question}{SUFFIX}")
        return found.known if found is not None and found.seed == seed else ()
    twin = twin_of(assignment) / f"{question}{SUFFIX}"
    digest = ""
    for path in (cached(assignment, question, seed, cache), twin):
        found = read_hints(path) if path is not None else None
        if found is not None and found.seed == seed:
            digest = digest or digest_of(assignment, question)
            if found.digest == digest:
                return found.known
    return ()


def twin_of(assignment: Assignment) -> Path:
    """Return where the records are that are published of an assignment, given its solutions."""
    return assignment.folder.parent.parent / "assignments" / assignment.name / "recorded"


def cached(assignment: Assignment, question: str, seed: int, cache: Path | None) -> Path | None:
    """Return where the record of all checks, hidden ones included, is kept for its author."""
    if cache is None:
        return None
    return assignment.place_in(cache, "hints") / f"{question}-{seed}{SUFFIX}"


def digest_of(assignment: Assignment, question: str) -> str:
    """Return a digest of all that a question's record depends on."""
    folder = assignment.folder
    names = {f"checks/{question}.py", f"misconceptions/{question}.py"}
    names |= {entry.name for entry in (*assignment.files, *assignment.given)}
    names |= {f"checks/{path.name}" for path in (folder / "checks").glob("_*.py")}
    names |= {path.relative_to(folder).as_posix() for path in (folder / "data").rglob("*") if path.is_file()}
    digest = hashlib.sha256(f"{FORMAT}\0{assignment.name}\0".encode())
    for name in sorted(names):
        path = folder / name
        data = path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b""
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def write_hints(recorded: Recorded) -> bytes:
    """Return a record as a text with a line for each misconception; the same record gives the same bytes."""
    places = sorted({place for one in recorded.known for place in one.tried})
    index = {place: number for number, place in enumerate(places)}
    lines = [
        f'"schema": {json.dumps(FORMAT)}',
        f'"digest": {json.dumps(recorded.digest)}',
        f'"seed": {recorded.seed}',
        '"places": [\n' + ",\n".join(f"  {json.dumps(place)}" for place in places) + "\n ]",
    ]
    known = []
    for one in recorded.known:
        plain: dict[str, object] = {"id": one.id, "sentence": one.sentence}
        if len(one.tried) < len(places):
            plain["untried"] = sorted(index[place] for place in index.keys() - one.tried)
        if one.loose:
            plain["loose"] = sorted(index[place] for place in one.loose)
        plain["wrong"] = {str(index[place]): one.wrong[place].to_plain() for place in sorted(one.wrong)}
        known.append(f"  {json.dumps(plain, separators=(',', ':'))}")
    lines.append('"misconceptions": [\n' + ",\n".join(known) + "\n ]")
    return ("{\n " + ",\n ".join(lines) + "\n}\n").encode()


def read_hints(source: Path | bytes) -> Recorded | None:
    """Return a record, None if there is none or it is damaged."""
    try:
        table = json.loads(source if isinstance(source, bytes) else source.read_bytes())
        if table["schema"] != FORMAT:
            return None
        places = [(str(check), str(label)) for check, label in table["places"]]
        known = [
            Known(
                str(one["id"]),
                str(one["sentence"]),
                {places[int(number)]: Wrong.from_plain(plain) for number, plain in one["wrong"].items()},
                frozenset(places) - {places[number] for number in one.get("untried", [])},
                frozenset(places[number] for number in one.get("loose", [])),
            )
            for one in table["misconceptions"]
        ]
        return Recorded(str(table["digest"]), int(table["seed"]), tuple(known))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
