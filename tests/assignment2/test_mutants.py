"""Every mutant of the solution is Python, and another function: else an audit would count it as refused for nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.authoring.declared import DECLARED, read_declared
from grader.authoring.mutants import mutants_of, solution_lines
from grader.checking.assignment import load_assignment

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
FILES = {question.name: question.file for question in ASSIGNMENT.questions()}
SYMBOLS = {question.name: question.symbol for question in ASSIGNMENT.questions()}


@pytest.fixture(scope="module")
def sources() -> dict[str, tuple[str, frozenset[int]]]:
    texts = {file: (ASSIGNMENT.folder / file).read_text() for file in set(FILES.values())}
    return {file: (text, solution_lines(text, file)) for file, text in texts.items()}


@pytest.mark.parametrize("name", ASSIGNMENT.order)
def test_every_mutant_is_another_function(name: str, sources: dict[str, tuple[str, frozenset[int]]]) -> None:
    text, lines = sources[FILES[name]]
    node = next(node for node in ast.parse(text).body if getattr(node, "name", None) == SYMBOLS[name])
    whole = text.splitlines(keepends=True)
    before = "".join(whole[: node.lineno - 1])
    after = "".join(whole[node.end_lineno :])
    mutants = mutants_of(text, SYMBOLS[name], lines)
    assert len(mutants) >= 3
    seen = {ast.unparse(node)}
    for mutant in mutants:
        assert mutant.text.startswith(before)
        assert mutant.text.endswith(after)
        seen.add(ast.unparse(ast.parse(mutant.text[len(before) : len(mutant.text) - len(after)])))
    assert len(seen) == len(mutants) + 1


def test_few_mutants_are_called_equivalent() -> None:
    declared = read_declared(ASSIGNMENT.folder / DECLARED, ASSIGNMENT.order)
    assert sum(map(len, declared.equivalent.values())) < 0.02 * 1500
