"""Counts how often hints name the mistake that was made, over the catalogue of assignment2.

Usage: python benchmarks/hints.py [QUESTION ...]

Every misconception is recorded, and then graded as a submission again: as it is, computed in float32, and together with
another mistake in the same function. A third is held out in turn: what is named then, if anything, are others.
"""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from grader.authoring.catalogue import Variant, load_catalogue, make_submission
from grader.authoring.hinting import observe, record_hints
from grader.checking.answers import Answers
from grader.checking.assignment import load_assignment
from grader.checking.evidence import Evidence
from grader.checking.hintfile import Recorded
from grader.checking.hints import Known, recognise
from grader.errors import AssignmentError
from grader.sandbox.server import warm_launcher

SOLUTION = Path(__file__).resolve().parents[1] / "solutions" / "assignment2"
THIRDS = 3
PAIRS = 8  # of mistakes, for each question
IN_FLOAT32 = """

def _single(value):
    if isinstance(value, dict):
        value.update({name: _single(item) for name, item in value.items()})
    elif isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32)
    return value


def _in_single(function):
    return lambda *args: function(*map(_single, args))


{name} = _in_single({name})
"""

Named = Mapping[str, Known]
Observed = dict[tuple[str, str], Evidence]


def third(variant: str) -> int:
    """Return which third a variant belongs to."""
    return hashlib.sha256(variant.encode()).digest()[0] % THIRDS


def submissions(name: str) -> Iterator[tuple[str, Variant, str]]:
    """Yield what is graded of a question: a key, the variant, and what is put behind it."""
    assignment = load_assignment(SOLUTION)
    (question,) = assignment.questions([name])
    variants = load_catalogue(assignment, name).variants
    for variant in variants:
        yield f"plain {variant.id}", variant, ""
        if question.returns is not None:
            yield f"float32 {variant.id}", variant, IN_FLOAT32.replace("{name}", name)
    wrong = [variant for variant in variants if not variant.right and variant.edits]
    pairs = sorted(itertools.combinations(wrong, 2), key=lambda pair: hashlib.sha256(repr(pair).encode()).digest())
    for one, other in pairs[: 3 * PAIRS]:
        yield f"pair {one.id} {other.id}", replace(one, edits=(*one.edits, *other.edits)), ""


def grade(name: str) -> Observed:
    """Grade all that is graded of a question."""
    assignment = load_assignment(SOLUTION)
    (question,) = assignment.questions([name])
    answers = Answers()
    found: Observed = {}
    with warm_launcher([need for need in question.needs if need == "torch"]) as launcher:
        for key, variant, more in submissions(name):
            if key.startswith("pair") and sum(known.startswith("pair") for _, known in found) >= PAIRS:
                break
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    folder = make_submission(assignment, question, variant, Path(scratch) / "submission")
                except AssignmentError:  # two edits of the same text
                    continue
                with (folder / question.file).open("a") as file:
                    file.write(more)
                (found[name, key],) = observe(assignment, question, folder, assignment.seed, answers, launcher, runs=1)
    return found


class Count:
    """How often the right sentence was said, none, or another."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.right, self.silent, self.wrong = 0, 0, list[str]()

    def take(self, label: str, sentences: Iterable[str], named: Named) -> None:
        """Count one submission."""
        others = sorted({one.id for one in named.values() if one.sentence not in sentences})
        if others:
            self.wrong.append(f"{label}: {', '.join(others)}")
        elif named:
            self.right += 1
        else:
            self.silent += 1

    def row(self) -> str:
        """Return the table's row."""
        total = self.right + self.silent + len(self.wrong)
        share = f"{self.right / total:.1%}" if total else "-"
        return f"{self.title:42}{total:>7}{self.right:>8}{share:>8}{self.silent:>8}{len(self.wrong):>8}"


def main(questions: Sequence[str]) -> int:
    """Print the table, and every wrong name."""
    assignment = load_assignment(SOLUTION)
    names = list(questions) or list(assignment.order)
    with tempfile.TemporaryDirectory() as cache:
        recorded = record_hints(assignment, questions=names, cache=Path(cache))
    observed: Observed = {}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for found in pool.map(grade, sorted(names, key=lambda name: "Net" not in name)):
            observed |= found
    counts = tally(names, recorded, observed)
    print(f"{'':42}{'graded':>7}{'named':>8}{'':>8}{'silent':>8}{'wrong':>8}")
    for count in counts:
        print(count.row())
    for count in counts:
        for line in count.wrong:
            print(f"  {count.title}: {line}")
    return 0


def tally(names: Sequence[str], recorded: Mapping[str, Recorded], observed: Observed) -> list[Count]:
    """Return what was named, by what was graded."""
    assignment = load_assignment(SOLUTION)
    counts = {
        "plain": Count("wrong answers"),
        "float32": Count("wrong answers, computed in float32"),
        "pair": Count("two of them at once"),
        "held": Count("wrong answers held out (by thirds)"),
        "held pair": Count("two at once, one of them held out"),
        "right": Count("right answers"),
    }
    for name in names:
        variants = {variant.id: variant for variant in load_catalogue(assignment, name).variants}
        known = recorded[name].known
        (asked,) = assignment.questions([name])
        robust = {check.id for check in asked.checks if check.robust}
        for (question, key), evidence in observed.items():
            if question != name:
                continue
            kind, *ids = key.split()
            label, sentences = f"{name} {' + '.join(ids)}", {variants[one].sentence for one in ids}
            named = recognise(evidence, known, robust)
            if variants[ids[0]].right:
                counts["right"].take(f"{label} ({kind})", (), named)
                continue
            if not any(evidence.values()):
                continue  # two mistakes that undo each other
            counts[kind].take(label, sentences, named)
            if kind != "float32":
                hidden = third(f"{name} {ids[-1]}")
                rest = [one for one in known if third(f"{name} {one.id}") != hidden]
                if kind == "plain" or any(one.id == ids[0] for one in rest):
                    counts["held" if kind == "plain" else "held pair"].take(
                        label, sentences, recognise(evidence, rest, robust)
                    )
    return list(counts.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
