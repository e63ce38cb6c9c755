from __future__ import annotations

import textwrap

import pytest

from grader.authoring.visibility import check_lines, make_public
from grader.errors import AssignmentError


def public(source: str, used_elsewhere: tuple[str, ...] = ()) -> str:
    return make_public(textwrap.dedent(source), "swish.py", used_elsewhere).text


def test_a_file_without_hidden_checks_is_unchanged():
    source = "import unused\n\n\n\nquestion = Question()\r\nquestion.forward(f, hidden=False)"
    made = make_public(source, "swish.py")
    assert made.text == source.replace("\r\n", "\n")
    assert not made.removed


def test_hidden_checks_go_with_their_comments_and_with_what_only_they_used():
    source = '''\
    """swish: smooth."""

    import math
    import secrets as hush  # for hidden ones
    from grader import Question, expect
    from grader.reference import (
        conv2d,
        relu,
        swish,
    )

    from ._inputs import odd, plain  # shared

    question = Question("swish")

    TRAP, OTHER = 745.0, 1.0
    DEEP: float = TRAP * 2
    KEPT = 3


    def trap():
        return DEEP, hush, helper()


    def helper():
        return math.pi


    @question.check()
    def open_check(student, rng):
        """is seen"""
        expect.close(helper(), KEPT)


    question.forward(relu, plain, rows=[1])
    # A nasty one,
    # for those who square.
    question.forward(
        swish, odd,
        hidden=True,
        value=trap(),
    )
    question.again(open_check, hidden=True)


    # Nobody expects this.
    @question.check(
        hidden=True,
    )
    def secret_check(student, rng):
        """is not seen"""
        conv2d()
        # the end
    '''
    assert public(source) == textwrap.dedent(
        '''\
        """swish: smooth."""

        import math
        from grader import Question, expect
        from grader.reference import relu

        from ._inputs import plain  # shared

        question = Question("swish")

        KEPT = 3


        def helper():
            return math.pi


        @question.check()
        def open_check(student, rng):
            """is seen"""
            expect.close(helper(), KEPT)


        question.forward(relu, plain, rows=[1])
        '''
    )


def test_long_imports_stay_within_a_line():
    names = [f"a_name_that_is_long_{number}" for number in range(8)]
    uses = "\n".join(f"question.forward({name})" for name in names[1:])
    source = f"from here import {', '.join(names)}\n\n{uses}\nquestion.forward({names[0]}, hidden=True)\n"
    kept = "".join(f"    {name},\n" for name in names[1:])
    assert public(source) == f"from here import (\n{kept})\n\n{uses}\n"


def test_what_others_import_stays():
    source = "def inputs():\n    return 1\n\n\nquestion.forward(inputs, hidden=True)\n"
    assert public(source) == "\n"
    assert public(source, ("inputs",)) == "def inputs():\n    return 1\n"


@pytest.mark.parametrize(
    "kept",
    [
        "from __future__ import annotations",
        "import never_used",
        "import a.b\nimport a.c",
        "A = 1\nA = 2",
        "def inputs():\n    return A\n\n\nquestion.forward(inputs)",
        "@question.check()\ndef a():\n    pass",
        "question = Question()",
        "import a\n\n__all__ = [a]",
        "if True:\n    A = 1",
        "A[0] = 1",
        "from x import *",
    ],
)
def test_what_is_still_of_use_stays(kept):
    source = f"{kept}\n\n\nquestion.forward(a, A, annotations, hidden=True)\n"
    assert public(source) == f"{kept}\n"


def test_the_rest_is_tidy():
    source = "A = 1\n\n\nquestion.forward(hidden=True)\n\n\n\nB = 2\nquestion.forward(1, hidden=True)\nC = 3\n\n\n"
    assert public(source) == "A = 1\n\n\nB = 2\nC = 3\n"


def test_removed_lines_are_those_of_hidden_statements():
    source = "import a\nfrom b import c, d\n\nquestion.f(d)\n# so\nquestion.f(a, c, hidden=True)\n"
    made = make_public(source, "swish.py")
    assert made.removed == {1, 5, 6}
    assert made.text == "from b import d\n\nquestion.f(d)\n"


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("SECRET = True\nquestion.forward(f, hidden=SECRET)\n", 2, "hidden=True or hidden=False"),
        ("question.forward(f, hidden=1)\n", 1, "hidden=True or hidden=False"),
        ("for f in g:\n    question.forward(f, hidden=True)\n", 2, "a statement of its own"),
        ("check = question.check(hidden=True)(f)\n", 1, "a statement of its own"),
        ("@question.check()\ndef f():\n    g(hidden=True)\n", 3, "a statement of its own"),
        ("a = 1; question.forward(f, hidden=True)\n", 1, "one statement on a line"),
        ("question.forward(f, hidden=True); a = 1\n", 1, "one statement on a line"),
        ("### BEGIN HIDDEN TESTS\nquestion.forward(f)\n### END HIDDEN TESTS\n", 1, "hidden=True"),
        ("### BEGIN SOLUTION\n", 1, "hidden=True"),
        ("question.forward(\n", 1, "was never closed"),
    ],
)
def test_what_cannot_be_told_is_refused(source, line, words):
    with pytest.raises(AssignmentError) as caught:
        public(source)
    assert str(caught.value).startswith(f"swish.py line {line}:")
    assert words in str(caught.value)


def test_lines_of_checks_are_told_from_what_they_share():
    source = (
        "import a\n\ndef shared():\n    return 1\n\n@question.check()\ndef f():\n    pass\n\nquestion.g(\n1\n)\nb()\n"
    )
    assert check_lines(source, "swish.py") == {6, 7, 8, 10, 11, 12}
