"""What an author of checks writes, and the line that says what is wrong with it."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest

from grader.checking.question import Question
from grader.checking.random import Random
from grader.checking.reference import Reference
from grader.errors import AssignmentError

from .conftest import Small

HEAD = """
from grader import Question, expect
question = Question("f", file="layers.py", points=10, returns="out")
"""

WRONG = {
    "no docstring": (
        "@question.check()\ndef works(student, rng): pass\n",
        r"question f: works has no docstring to say what it promises \(.*f\.py line 4\)",
    ),
    "an empty docstring": (
        '@question.check()\ndef works(student, rng):\n    """   """\n',
        "works has no docstring to say what it promises",
    ),
    "a parameter too many": (
        '@question.check()\ndef works(student, rng, pad):\n    """works"""\n',
        r"works\(student, rng, pad\): missing a required argument: 'pad' \(.*f\.py line 4\)",
    ),
    "a parameter too few": (
        '@question.check(pad=[0])\ndef works(student, rng):\n    """works"""\n',
        r"works\(student, rng\): got an unexpected keyword argument 'pad'",
    ),
    "no rng": (
        '@question.check()\ndef works(student):\n    """works"""\n',
        r"works\(student\): too many positional arguments",
    ),
    "cases and a grid": (
        '@question.check(cases=[{"pad": 0}], pad=[0])\ndef works(student, rng, pad):\n    """works"""\n',
        "works has both cases and a grid",
    ),
    "a case that does not fit": (
        '@question.check(cases=[{"pad": 0}, {"stride": 0}])\ndef works(student, rng, pad):\n    """works"""\n',
        "missing a required argument: 'pad'",
    ),
    "twice the same": (
        '@question.check()\ndef works(student, rng):\n    """works"""\n' * 2,
        r"has two checks called works \(.*f\.py line 7\)",
    ),
    "hidden as a grid": (
        '@question.check(hidden=[True])\ndef works(student, rng):\n    """works"""\n',
        "hidden and robust are True or False, no parameters of a grid",
    ),
    "no question": ("del question\n", r"f\.py should say: question = Question\('f', …\)"),
    "another question": (
        'question = Question("g", file="layers.py", points=1)\n',
        r"f\.py should say: question = Question\('f', …\)",
    ),
    "no python": ("def works(:\n", r"f\.py line 4: SyntaxError: invalid syntax"),
    "an exception": ("1 / 0\n", r"f\.py line 4: ZeroDivisionError: division by zero"),
    "a missing helper": ("from ._nothing import x\n", r"f\.py line 4: ModuleNotFoundError: No module named"),
    "a broken helper": ("from ._broken import x\n", r"_broken\.py line 2: ZeroDivisionError: division by zero"),
    "an unknown kind": (
        'question.returns = "out:matrix"\n',
        "question f: 'out:matrix' is no result; write name or name:kind with a kind of array, number",
    ),
    "a name that is taken": (
        'question.also = {"keep": ("layers.py", "out")}\n',
        r"question f: student\.keep is something else already; give the question another name, and called='keep'",
    ),
    "an unknown file": (
        'question.file = "nets.py"\n',
        r"question f: nets\.py is not in \[files\] of .*assignment\.toml",
    ),
    "forward of what": (
        "question.returns = None\nquestion.forward(None, lambda rng: ())\n",
        "question f: say what it returns, e.g. returns='out cache:kept'",
    ),
    "inputs that do not fit": (
        "question.forward(None, lambda rng: (), pad=[0])\n",
        "got an unexpected keyword argument 'pad'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_file_and_line(small: Small, name: str) -> None:
    source, message = WRONG[name]
    assignment = small.write({"f": HEAD + source}, **{"checks/_broken": "\n1 / 0\n"})
    with pytest.raises(AssignmentError, match=message) as caught:
        assignment.callees(assignment.questions())
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_missing_checks_file_is_told(small: Small) -> None:
    assignment = small.write({"f": HEAD})
    (small.home / "checks" / "f.py").unlink()
    with pytest.raises(AssignmentError, match=r"f\.py is missing: write it, or take 'f' out of the list of questions"):
        assignment.questions()


def test_validation_adds_up(small: Small) -> None:
    check = '@question.check()\ndef works(student, rng):\n    """works"""\n'
    small.write({"f": HEAD + check}).validate()
    with pytest.raises(AssignmentError, match="promises 11 points, its questions are worth 10: change one"):
        small.write({"f": HEAD + check}, points=11).validate()
    with pytest.raises(AssignmentError, match="question f has no checks: add one in"):
        small.write({"f": HEAD}).validate()
    with pytest.raises(AssignmentError, match="question f depends on g, which is no question"):
        small.write({"f": HEAD + check + 'question.depends = ["g"]\n'}).validate()


def test_an_edited_checks_file_is_read_again(small: Small) -> None:
    assignment = small.write({"f": HEAD})
    helper = small.home / "checks" / "_help.py"
    for value in (1, 2):
        helper.write_text(f"VALUE = {value}  # {'x' * value}\n")
        small.write({"f": f"from ._help import VALUE\n{HEAD}question.title = str(VALUE)\n"})
        (question,) = assignment.questions()
        assert question.title == str(value)


def test_checks_may_share_helpers_and_do_not_see_the_path(small: Small) -> None:
    source = HEAD + "from ._help import VALUE\nquestion.title = VALUE\n"
    before = list(sys.path)
    (question,) = small.write({"f": source}, **{"checks/_help": 'VALUE = "shared"\n'}).questions()
    assert question.title == "shared"
    assert sys.path == before


@pytest.mark.parametrize(
    ("docstring", "title"),
    [("f: what it does.", "what it does"), ("Something else", "Something else"), ("", "f"), ("f: one\n\ntwo", "one")],
)
def test_a_question_is_titled_by_its_file(small: Small, docstring: str, title: str) -> None:
    (question,) = small.write({"f": f'"""{docstring}"""\n{HEAD}'}).questions()
    assert question.title == title


# --- grids ------------------------------------------------------------------------------------------------------------


def cases(**options: Any) -> list[dict[str, Any]]:
    question = Question("f", file="layers.py", points=1)

    @question.check(**options)
    def works(student: Any, rng: Random, **case: Any) -> None:
        """works, and more

        of it
        """

    assert question.checks == [works]
    assert works.title == "works, and more"
    return [dict(case) for case in works.cases]


@pytest.mark.parametrize(
    ("grid", "cases"),
    [
        ({}, [{}]),
        ({"pad": [0, 1, 2]}, [{"pad": 0}, {"pad": 1}, {"pad": 2}]),
        (
            {"stride": [1, 2], "pad": [0, 1, 2]},
            [{"stride": 1, "pad": 0}, {"stride": 2, "pad": 1}, {"stride": 1, "pad": 2}],
        ),
        ({"stride": [1, 2], "pad": []}, []),
    ],
)
def test_promises_that_hang_on_no_combination_see_every_value_once(
    grid: dict[str, list[int]], cases: list[dict[str, int]]
) -> None:
    question = Question("scale", file="layers.py", points=1, returns="out cache:kept")
    question.forward(Reference(lambda x: x, version=1), lambda rng, stride=1, pad=0: (rng.normal(size=3),), **grid)
    values, leaves = question.checks
    assert [*leaves.cases] == cases
    assert [*values.cases] == [dict(zip(grid, one, strict=True)) for one in itertools.product(*grid.values())]


def test_a_grid_is_every_combination() -> None:
    assert cases() == [{}]
    assert cases(a=[1, 2]) == [{"a": 1}, {"a": 2}]
    assert cases(a=[1, 2], b="xy") == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]
    assert cases(cases=[{"a": 1}, {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert cases(a=[]) == []


def test_the_same_promise_on_other_cases() -> None:
    question = Question("f", file="layers.py", points=1)

    @question.check(points=2, pad=[0])
    def works(student: Any, rng: Random, pad: int) -> None:
        """works"""

    other = question.again(works, points=5, hidden=True, pad=[1, 2])
    assert (other.id, other.title, other.weight, other.hidden) == ("works_again", "works (other cases)", 5, True)
    assert len(other.cases) == 2
    assert other.function is works.function
    with pytest.raises(AssignmentError, match="has two checks called works_again"):
        question.again(works, pad=[3])
    with pytest.raises(AssignmentError, match="missing a required argument: 'pad'"):
        question.again(works, id="third", stride=[3])
