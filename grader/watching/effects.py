"""Which questions a change of the student's files can affect: never too few of them, seldom many too many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from grader.checking.question import Question
from grader.watching.source import IMPORT, Source

__all__ = ["Place", "Program", "affected", "starts", "touches", "waits_for"]

Place = tuple[str, str]
"""A module and a name of its top level: see :class:`Program` for those that are more than names."""

_ALL = "*"


class Program:
    """All modules of a submission together: what each definition may use, over all files.

    Besides names there are these places of a module: ``IMPORT`` is what its import runs, ``?x`` whether it has an
    ``x``, and ``*`` everything in it. ``(*, *)`` is everything there is.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._marks: dict[Place, list[str]] = {}
        self._uses: dict[Place, set[Place]] = {}
        listed = list(sources)
        modules = {source.module for source in listed}
        for source in listed:
            for name, code in source.code.items():
                place = source.module, name
                self._marks.setdefault(place, []).extend(code.marks)
                uses = self._uses.setdefault(place, set())
                for used in code.names:
                    uses |= _by_name(source, used, modules)
                for base, attribute in code.attributes:
                    uses |= _by_attribute(source, base, attribute, modules)
                if code.unseen:
                    uses.add((_ALL, _ALL))
                if name != IMPORT:
                    uses.add((source.module, IMPORT))
                    self._uses.setdefault((source.module, _ALL), set()).add(place)
            self._uses[source.module, IMPORT] |= _by_import(source, modules)

    def changes(self, newer: Program) -> set[Place]:
        """Return the places that are not the same in a newer version of the program."""
        ours, theirs = self._marks, newer._marks
        changed = {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)}
        came = {(module, f"?{name}") for module, name in ours.keys() ^ theirs.keys()}
        return changed | came

    def reach(self, start: Iterable[Place]) -> set[Place]:
        """Return all places that may matter to what begins at these."""
        found: set[Place] = set()
        pending = list(start)
        while pending:
            place = pending.pop()
            if place not in found:
                found.add(place)
                pending += self._uses.get(place, ())
        return found


def touches(reached: set[Place], changed: set[Place]) -> bool:
    """Whether something that was reached has changed."""
    return not reached.isdisjoint(changed) or (bool(changed) and (_ALL, _ALL) in reached)


def affected(before: Program, after: Program, changed: set[Place], begins: Mapping[str, Sequence[Place]]) -> list[str]:
    """Return the questions, by where they begin, that a change can affect."""
    return [
        name
        for name, start in begins.items()
        if touches(before.reach(start), changed) or touches(after.reach(start), changed)
    ]


def starts(questions: Iterable[Question], known: Mapping[str, Question]) -> dict[str, list[Place]]:
    """Return the places where each question's checks begin: its own function, those beside it, and what it waits for.

    ``known`` are all questions of the assignment, by name.
    """
    return {
        question.name: [place for name in sorted(waits_for(question, known)) for place in _starts(known[name])]
        for question in questions
    }


def waits_for(question: Question, known: Mapping[str, Question]) -> set[str]:
    """Return the names of a question and of all that it waits for, directly or not."""
    found: set[str] = set()
    pending = [question.name]
    while pending:
        name = pending.pop()
        if name in known and name not in found:
            found.add(name)
            other = known[name]
            pending += [*other.depends, *(need for check in other.checks for need in check.needs)]
    return found


def _starts(question: Question) -> Iterable[Place]:
    functions = [(question.file, question.symbol), *((file, name) for name, (file, _) in question.also.items())]
    for file, name in functions:
        module = PurePath(file).stem
        yield from ((module, name), (module, IMPORT))


def _by_name(source: Source, name: str, modules: set[str]) -> set[Place]:
    """Return what a name may mean that stands by itself."""
    places = {(source.module, name)} | {(star, name) for star in source.stars & modules}
    for module, inner in source.imports.get(name, ()):
        if module in modules:
            places.add((module, inner or _ALL))
    return places


def _by_attribute(source: Source, base: str, attribute: str, modules: set[str]) -> set[Place]:
    """Return what ``base.attribute`` may mean: something of a module, or of an object that a name means."""
    places = {(module, attribute) for module, inner in source.imports.get(base, ()) if not inner and module in modules}
    if base in modules:
        places.add((base, attribute))
    plain = {place for place in _by_name(source, base, modules) if place[1] != _ALL}
    return places | plain


def _by_import(source: Source, modules: set[str]) -> set[Place]:
    """Return what the imports of a module run and need."""
    places = {(star, IMPORT) for star in source.stars & modules}
    for sources in source.imports.values():
        for module, inner in sources:
            if module in modules and module != source.module:
                places |= {(module, IMPORT), *([(module, f"?{inner}")] if inner else [])}
    return places
