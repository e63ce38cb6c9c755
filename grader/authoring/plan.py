"""The plan of an audit: the jobs that prove its promises, in order. None needs another one's outcome."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Sequence

from grader.authoring.catalogue import Variant, load_catalogue
from grader.authoring.jobs import Job
from grader.authoring.reach import Place, place_of, reached_by
from grader.authoring.source import normalised, parse
from grader.checking.assignment import Assignment
from grader.checking.config import CONFIG
from grader.checking.question import Question
from grader.errors import AssignmentError

__all__ = ["FIRST", "MANY_CALLS", "Plan"]

FIRST = ("solution", "stubs")  # kinds of jobs that the others build on
MANY_CALLS = 50  # a check that makes more has to say that it is costly
_LINES = 50  # of a function whose mutants one worker runs


class Plan:
    """The jobs for some of an assignment's questions, for ``hands`` workbenches.

    Raises:
        AssignmentError: the assignment's files are wrong.
    """

    def __init__(self, assignment: Assignment, names: Sequence[str], hands: int) -> None:
        self.assignment = assignment
        self.hands = hands
        for entry in assignment.files:
            if not (assignment.folder / entry.name).is_file():
                raise AssignmentError(f"{assignment.folder / entry.name} is missing, but [files] of {CONFIG} has it")
        everything = assignment.questions()
        self.questions = [question for question in everything if not names or question.name in names]
        self.catalogues = {question.name: load_catalogue(assignment, question.name) for question in self.questions}
        self.everything = everything
        self._dear = frozenset(
            (question.name, check.id) for question in everything for check in question.checks if check.costly
        )
        self._reached = reached_by(assignment, everything)

    def first(self) -> list[Job]:
        """Return the jobs about the solution and the stubs, which are of the kinds ``FIRST``."""
        names = tuple(question.name for question in self.questions)
        return [Job("solution", names, parts=self.hands), Job("stubs", names)]

    def then(self, unrecorded: Collection[str]) -> list[Job]:
        """Return the other jobs, the longest first. Wrong answers to ``unrecorded`` questions are to run twice."""
        jobs = [job for question in self.questions for job in self._mutants(question)]
        twice = {question.name: question.name in unrecorded for question in self.questions}
        return jobs + [job for question in self.questions for job in self._variants(question, twice[question.name])]

    def _variants(self, question: Question, twice: bool) -> list[Job]:
        touched = [
            other.name
            for other in self.everything
            if other is not question
            and _own(question) in self._reached[other.name]
            and not any(question.name in check.needs for check in other.checks)  # those are skipped then
        ]
        jobs = []
        for variant in self.catalogues[question.name].variants:
            # What an answer brings beside its own function is there to make it run, and need not be all that it is.
            alone = variant.right or len(variant.names) > 1
            names = (question.name, *(() if alone else touched))
            again = twice and not variant.right
            jobs.append(Job("variant", names, id=variant.id, what=_what(variant), dear=self._dear, twice=again))
        return jobs

    def _mutants(self, question: Question) -> list[Job]:
        """Return jobs for a function, and for helpers in its file that are written for this question first of all.

        A mutant may also be refused by a question that builds on it in the same file, as a backward pass on its cache.
        """
        tree = parse(normalised((self.assignment.folder / question.file).read_text("utf-8-sig")), question.file)
        beside = [other for other in self.everything if other.file == question.file]
        lengths = {
            node.name: (node.end_lineno or 0) - node.lineno + 1
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        jobs = []
        for name in [name for name in lengths if name == question.symbol or self._helps(name, question, beside)]:
            place = place_of(question.file, name)
            after = [
                other.name
                for other in beside
                if other is not question and (question.name in other.depends or place in self._reached[other.name])
            ]
            parts = max(-(-lengths[name] // _LINES), self.hands if len(self.questions) == 1 else 1)
            names = (question.name, *after)
            jobs.append(Job("mutants", names, name=name, parts=parts, dear=self._dear))
        return jobs

    def _helps(self, name: str, question: Question, beside: Sequence[Question]) -> bool:
        """Whether a definition is no question of its own, and this question of its file is the first to use it."""
        place = place_of(question.file, name)
        users = [other for other in beside if place in self._reached[other.name]]
        return place not in map(_own, self.everything) and users[:1] == [question]


def _what(variant: Variant) -> str:
    """Return a digest of what makes an answer what it is; its name and its sentence do not."""
    made = (variant.right, variant.edits, variant.source, variant.names)
    return hashlib.sha256(repr(made).encode("utf-8", "replace")).hexdigest()[:16]


def _own(question: Question) -> Place:
    return place_of(question.file, question.symbol)
