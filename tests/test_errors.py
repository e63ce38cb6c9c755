"""The tree of errors is as its docstring draws it, and names that are not known are met with those that are."""

from __future__ import annotations

import re

import pytest

from grader import errors
from grader.errors import AnswerError, GraderError, UnknownNameError


def drawn() -> dict[str, tuple[int, str]]:
    """Return the drawing: each error with its depth and its exit code."""
    lines = re.findall(r"^( *(?:[│├└─ ]*))(\w+Error) +([0-9—]?)", errors.__doc__ or "", flags=re.M)
    return {name: ((len(indent) - 4) // 4, code) for indent, name, code in lines}


def test_the_drawing_is_true() -> None:
    tree = drawn()
    assert set(tree) == set(errors.__all__)
    for name, (depth, code) in tree.items():
        cls = getattr(errors, name)
        assert issubclass(cls, GraderError)
        assert len(cls.__mro__) - len(GraderError.__mro__) == depth
        if code in "023" and code:
            assert cls.exit_code == int(code)


def test_every_answer_has_a_status_of_its_own() -> None:
    kinds = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, AnswerError)]
    assert {cls.status for cls in kinds if cls is not AnswerError} == {"failed", "todo", "error", "timeout", "crashed"}
    details = {"a": 1}
    error = AnswerError("no", details)
    assert error.message == str(error) == "no"
    details["a"] = 2
    assert error.details == {"a": 1}


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        ("afine", ["affine", "relu"], "there is no question 'afine'; did you mean affine?"),
        ("xyz", ["affine", "relu"], "there is no question 'xyz'; known: affine, relu"),
        ("xyz", [], "there is no question 'xyz'"),
        ("xyz", [f"q{i:02}" for i in range(20)], "q10, q11, …"),
    ],
)
def test_an_unknown_name_is_met_with_known_ones(name: str, known: list[str], message: str) -> None:
    assert message in str(UnknownNameError("question", name, known))
    assert str(UnknownNameError("question", name, known, "try again")).endswith("; try again")
    assert UnknownNameError("question", name, known).exit_code == 2
