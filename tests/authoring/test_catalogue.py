from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from grader.authoring.catalogue import Catalogue, load_catalogue, make_submission
from grader.checking.assignment import load_assignment
from grader.errors import AssignmentError

from .conftest import Author

HEAD = 'import functools\n\nfrom grader.authoring.catalogue import Catalogue\n\ncatalogue = Catalogue("swish")\n'


def catalogue(author: Author, text: str) -> Catalogue:
    author.write("misconceptions/swish.py", HEAD + textwrap.dedent(text))
    return load_catalogue(author.assignment(), "swish")


def submitted(author: Author, text: str, folder: Path) -> str:
    """Return what the last answer of a catalogue hands in."""
    variant = catalogue(author, text).variants[-1]
    assignment = author.assignment()
    (question,) = assignment.questions(["swish"])
    return (make_submission(assignment, question, variant, folder / "answer") / "layers.py").read_text()


def test_functions_that_belong_together_stand_in_a_class(author: Author, tmp_path: Path) -> None:
    text = """
        @catalogue.right("one")
        class _:
            def swish(x):
                return 1


        @catalogue.wrong(
            "two",
            "Both are zero.",
        )
        class _:
            ZERO = 0.0

            def swish(x):
                return ZERO * x

            @functools.cache
            def affine_forward(x, w, b):
                return ZERO, None
        """
    one, two = catalogue(author, text).variants
    assert (one.names, one.right, two.names, two.right) == (("swish",), True, ("swish", "affine_forward"), False)
    assert one.source == "def swish(x):\n    return 1\n"
    written = submitted(author, text, tmp_path)
    assert written.endswith(
        "ZERO = 0.0\n\n\ndef swish(x):\n    return ZERO * x\n\n\n"
        "@functools.cache\ndef affine_forward(x, w, b):\n    return ZERO, None\n"
    )


def test_a_function_stands_for_itself_without_the_decorator_that_put_it_there(author: Author, tmp_path: Path) -> None:
    text = """
        @catalogue.wrong("one", "No.")
        def swish(x):
            return 1


        @catalogue.wrong("two", "No.")
        @functools.cache
        def swish(x):
            return 2
        """
    assert submitted(author, text, tmp_path).endswith("\n\n@functools.cache\ndef swish(x):\n    return 2\n")


def test_methods_take_the_place_of_the_classs_own(author: Author, tmp_path: Path) -> None:
    author.write("layers.py", 'class Net:\n    """A net."""\n\n    def loss(self):\n        return 1\n')
    author.write(
        "checks/swish.py", 'from grader import Question\n\nquestion = Question("Net", file="layers.py", points=2)\n'
    )
    (author.folder / "checks" / "swish.py").rename(author.folder / "checks" / "Net.py")
    author.replace("assignment.toml", '"swish"', '"Net"')
    author.write(
        "misconceptions/Net.py",
        'from grader.authoring.catalogue import Catalogue\n\ncatalogue = Catalogue("Net")\n\n\n'
        '@catalogue.right("both")\nclass _:\n    def loss(self):\n        return self.two()\n\n'
        "    def two(self):\n        return 2\n",
    )
    assignment = load_assignment(author.folder)
    (question,) = assignment.questions(["Net"])
    (variant,) = load_catalogue(assignment, "Net").variants
    folder = make_submission(assignment, question, variant, tmp_path / "answer")
    space: dict[str, type] = {}
    exec((folder / "layers.py").read_text(), space)
    assert space["Net"]().loss() == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('@catalogue.right("a")\nclass _:\n    x = 1\n', "'a' holds no function"),
        ('@catalogue.right("a", edit=("x", "y"))\ndef swish(x):\n    pass\n', "both an edit and a function"),
        ('@catalogue.right("A b")\ndef swish(x):\n    pass\n', "should be lower-case words"),
        ('catalogue.wrong("a", "No stop", edit=("x", "y"))\n', "with a full stop"),
        ('catalogue.right("a", edit=("x", "y"))\ncatalogue.right("a", edit=("x", "z"))\n', "there are two 'a'"),
        ("def swish(x):\n    pass\n", "swish belongs to no answer"),
        ('catalogue.right("a")(print)\n', "an answer is a function, or a class of functions"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(author: Author, text: str, says: str) -> None:
    with pytest.raises(AssignmentError, match=rf"misconceptions/swish\.py.*{says}"):
        catalogue(author, text)


def test_an_edited_catalogue_is_read_again(author: Author) -> None:
    text = '@catalogue.right("a")\ndef swish(x):\n    return {}\n'
    assert "return 1" in catalogue(author, text.format(1)).variants[0].source
    assert "return 22" in catalogue(author, text.format(22)).variants[0].source
