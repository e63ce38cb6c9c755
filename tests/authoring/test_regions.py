from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.regions import make_stub
from grader.errors import AssignmentError


def stub(source: str) -> str:
    return make_stub(textwrap.dedent(source), "layers.py", "layers").text


def refused(source: str) -> str:
    with pytest.raises(AssignmentError) as caught:
        stub(source)
    return str(caught.value)


def test_a_region_becomes_a_stub_that_names_its_function():
    text = stub(
        """\
        def double(x):
            '''Twice x.'''
            y = x  # given
            ### BEGIN SOLUTION
            y = 2 * x
            return y
            ### END SOLUTION

        z = 1
        """
    )
    assert text == textwrap.dedent(
        """\
        def double(x):
            '''Twice x.'''
            y = x  # given
            raise NotImplementedError("write double")

        z = 1
        """
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (
            "class Net:\n    def loss(self):\n        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION\n",
            "Net.loss",
        ),
        ("class Net:\n    # BEGIN SOLUTION\n    size = 1\n    # END SOLUTION\n", "Net"),
        (
            "def a():\n    def b():\n        # BEGIN SOLUTION\n        return\n        # END SOLUTION\n    return b\n",
            "a.b",
        ),
        ("#BEGIN SOLUTION\nx = 1\n#END SOLUTION\n", "layers"),
        ("async def a():\n\t###  BEGIN SOLUTION\n\treturn 1\n\t### END SOLUTION  \n", "a"),
    ],
)
def test_the_stub_names_what_is_to_be_written(source, name):
    assert f'raise NotImplementedError("write {name}")' in stub(source)
    ast.parse(stub(source))


def test_no_prompt_and_hidden_tests_leave_nothing():
    text = stub(
        """\
        a = 1
        # BEGIN SOLUTION NO PROMPT
        def helper():
            return 2
        # END SOLUTION
        ### BEGIN HIDDEN TESTS
        assert a == 1
        ### END HIDDEN TESTS
        b = 2
        """
    )
    assert text == "a = 1\nb = 2\n"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("x = f(a)  # SOLUTION", "x = ..."),
        ("x = (a + b) # SOLUTION", "x = ..."),
        ("x = y = f(k=1) # SOLUTION", "x = y = ..."),
        ("x['é'] = f(a) # SOLUTION", "x['é'] = ..."),
        ("x: int = f(a)  # SOLUTION", "x: int = ..."),
        ("x += f(a)  # SOLUTION", "..."),
        ("print(a == b)  # SOLUTION", "..."),
        ("x = f(\n    a,\n)  # SOLUTION", "x = ..."),
        ("x = f(  # SOLUTION\n    a,\n)", "x = ..."),
        ("x[\n    0\n] = f(a)  # SOLUTION", "..."),
        ("print(a)  # SOLUTION NO PROMPT", None),
        ("x = f(\n    a\n)  # SOLUTION NO PROMPT", None),
    ],
)
def test_a_line_end_marker_takes_the_value_out(line, left):
    assert stub(f"a = 1\n{line}\nb = 2\n") == "a = 1\n" + (f"{left}\n" if left else "") + "b = 2\n"
    indented = textwrap.indent(line, "    ")
    assert stub(f"def f():\n    c = 1\n{indented}\n") == "def f():\n    c = 1\n" + (f"    {left}\n" if left else "")


def test_a_prompt_appears_without_its_markers():
    source = '''\
def f(x):
    # BEGIN SOLUTION NO PROMPT
    return 2 * x
    # END SOLUTION
    """ # BEGIN PROMPT
    # twice x, please
    return ...
    """; # END PROMPT
'''
    assert stub(source) == "def f(x):\n    # twice x, please\n    return ...\n"


def test_a_prompt_before_a_region_is_kept_beside_its_stub():
    source = '''\
def f(x):
    """ # BEGIN PROMPT
    y = ...  # twice x
    """ # END PROMPT
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
    assert stub(source) == 'def f(x):\n    y = ...  # twice x\n    raise NotImplementedError("write f")\n'


def test_markers_inside_of_strings_are_none():
    source = 'a = "### BEGIN SOLUTION"\nb = """\n### BEGIN SOLUTION\nx = 1 # SOLUTION\n"""\n'
    assert stub(source) == source


def test_line_endings_become_plain_and_nothing_else_changes():
    assert stub("a = 1  \r\n\r\n\r\n\tb = [1,\r\n 2]\r\n".replace("\tb", "b")) == "a = 1  \n\n\nb = [1,\n 2]\n"
    assert stub("a = 1\n\x0c\nb = 2") == "a = 1\n\x0c\nb = 2"


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\n### END SOLUTION\n", 2, "without a 'BEGIN SOLUTION'"),
        ("x = 1\n### END HIDDEN TESTS\n", 2, "without a 'BEGIN HIDDEN TESTS'"),
        ("### BEGIN SOLUTION\nx = 1\n", 1, "without 'END SOLUTION'"),
        ("### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION\ny = 1\n### END SOLUTION\n### END SOLUTION\n", 3, "nested"),
        ("### BEGIN SOLUTION\nx = 1  # SOLUTION\n### END SOLUTION\n", 2, "nested"),
        ("### BEGIN SOLUTION\nx = 1\n### END HIDDEN TESTS\n", 3, "nested"),
        ("### BEGIN SOLUTION\n### END SOLUTION\n", 1, "no code"),
        ("### BEGIN SOLUTION\n# thoughts\n### END SOLUTION\n", 1, "no code"),
        ("### BEGIN SOLUTON\nx = 1\n### END SOLUTION\n", 1, "resembles a marker"),
        ("### begin solution\nx = 1\n### end solution\n", 1, "resembles a marker"),
        ("### BEGIN_SOLUTION\nx = 1\n", 1, "resembles a marker"),
        ("### BEGIN SOLUTION of part 2\nx = 1\n### END SOLUTION\n", 1, "nothing behind it"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION.\n", 3, "resembles a marker"),
        ("### START SOLUTION\nx = 1\n", 1, "resembles a marker"),
        ("### BEGIN HIDDEN TEST\nx = 1\n", 1, "resembles a marker"),
        ("x = 1  # Solution\n", 1, "resembles a marker"),
        ("x = 1  # type: ignore # SOLUTION\n", 1, "resembles a marker"),
        ("x = 1  ### BEGIN SOLUTION\ny = 1\n### END SOLUTION\n", 1, "a line of its own"),
        ("# SOLUTION\nx = 1\n", 1, "at the end of a line"),
        ("if a:  # SOLUTION\n    x = 1\n", 1, "opens a block"),
        ("def f():  # SOLUTION\n    x = 1\n", 1, "opens a block"),
        ("x = 1; y = 2  # SOLUTION\n", 1, "several statements"),
        ("if a: x = 1  # SOLUTION\n", 1, "lines of its own"),
        ('"""x = 1\n""" # END PROMPT\n', 2, "a prompt is written"),
        ("x = 1 # BEGIN PROMPT\n", 1, "a prompt is written"),
        ('""" # BEGIN PROMPT\nx = 1\n"""\n', 1, "does not end"),
        ('""" # BEGIN PROMPT\nx = 1\n"""\n### BEGIN SOLUTION\ny = 1\n### END SOLUTION\n', 1, "does not end"),
        ('""" # BEGIN PROMPT\nx = 1 """ # END PROMPT\n', 1, "lines of their own"),
        ('x = """ # BEGIN PROMPT\nx = 1\n""" # END PROMPT\n', 1, "lines of their own"),
        ('""" # BEGIN PROMPT\nx = 1\n""", 2 # END PROMPT\n', 3, "nothing may stand between"),
        ("def f():\n    # BEGIN SOLUTION NO PROMPT\n    return 1\n    # END SOLUTION\nx = 1\n", 5, "no Python"),
        ("def f():\n    # BEGIN SOLUTION NO PROMPT\n    return 1\n    # END SOLUTION\n", 1, "no Python"),
        ("x = [\n    ### BEGIN SOLUTION\n    1,\n    ### END SOLUTION\n]\n", 2, "no Python"),
        ("def f():\n    ### BEGIN SOLUTION\n    return 1\n### END SOLUTION\n", 4, "not indented"),
        ("def f():\n### BEGIN SOLUTION\n    return 1\n### END SOLUTION\n", 2, "only a part"),
        ("if a:\n    x = 1\n### BEGIN SOLUTION\nelse:\n    x = 2\n### END SOLUTION\n", 3, "only a part"),
        ("### BEGIN SOLUTION\nif a:\n    x = 1\n### END SOLUTION\nelse:\n    x = 2\n", 1, "only a part"),
        (
            "def f():\n    ### BEGIN SOLUTION\n    return 1\n\ndef g():\n    x = 1\n    ### END SOLUTION\n    return\n",
            2,
            "only a part",
        ),
        (
            "def f():\n    ### BEGIN SOLUTION\n    return 1\n\ndef g():\n    return 2\n    ### END SOLUTION\n",
            2,
            "after the end of its block",
        ),
        ("def f(:\n", 1, "layers.py"),
        ("x = 1\n  y = 2\n", 2, "indent"),
    ],
)
def test_wrong_markers_are_refused_with_file_and_line(source, line, words):
    message = refused(source)
    assert message.startswith(f"layers.py line {line}:")
    assert words in message


def test_text_with_null_bytes_is_refused():
    with pytest.raises(AssignmentError, match=r"layers\.py"):
        make_stub("x = '\0'\n", "layers.py", "layers")


@pytest.mark.parametrize(
    "comment",
    [
        "# the solution of the equation",
        "# a solution",
        "# end of the loop",
        "# begin with zeros",
        "# SOLUTIONS",
        "# solve",
    ],
)
def test_prose_is_no_marker(comment):
    if comment == "# SOLUTIONS":
        assert "resembles" in refused(f"{comment}\nx = 1\n")
    else:
        assert stub(f"{comment}\nx = 1\n") == f"{comment}\nx = 1\n"


def test_removed_lines_are_those_between_the_markers():
    source = "a = 1\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\ny = 2 # SOLUTION\nb = 1\n"
    assert make_stub(source, "layers.py", "layers").removed == {2, 3, 4, 5}


lines = st.sampled_from(
    ["x = 1", "y = [1, 2]  # two", "", "# prose", "def f():\n    return 1", "'text'", "z = '''\n### a\n'''"]
)


@given(st.lists(lines).map("\n".join))
def test_text_without_markers_is_unchanged(source):
    made = make_stub(source, "layers.py", "layers")
    assert made.text == source
    assert not made.removed


pieces = st.sampled_from(
    [
        ("kept = 1", "kept = 1"),
        ("# BEGIN SOLUTION\nsecret = 1\n# END SOLUTION", 'raise NotImplementedError("write layers")'),
        (
            "### BEGIN SOLUTION\nfor secret in []:\n    pass\n\n### END SOLUTION",
            'raise NotImplementedError("write layers")',
        ),
        ("# BEGIN SOLUTION NO PROMPT\nsecret = '''\n# END\n'''\n# END SOLUTION", None),
        ("### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS", None),
        ("value = secret  # SOLUTION", "value = ..."),
        ("secret()  # SOLUTION NO PROMPT", None),
        ('""" # BEGIN PROMPT\nvalue = ...\n""" # END PROMPT', "value = ..."),
    ]
)


@given(st.lists(pieces, min_size=1), st.booleans())
def test_no_line_of_a_solution_is_left(chosen, inside):
    source = "\n".join(before for before, _ in chosen)
    wanted = [after for _, after in chosen if after is not None]
    if inside:
        source = "def layers():\n    given = 1\n" + textwrap.indent(source, "    ")
        wanted = ["def layers():", "    given = 1", *(f"    {line}" for line in wanted)]
    assert make_stub(source, "layers.py", "layers").text == "\n".join(wanted)
