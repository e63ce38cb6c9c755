"""Which questions a change affects: never too few, and none for comments."""

from __future__ import annotations

import pytest

from grader.checking.question import Question
from grader.watching.effects import Program, affected, starts
from grader.watching.source import Broken, Source, read

LAYERS = '''
import numpy as np

EPS = 1e-5
TABLE = np.ones(3)

def affine(x):
    """A docstring."""
    return x + _helper(x)

def _helper(x):
    return x * EPS

def relu(x):
    return np.maximum(x, TABLE[0])

def dynamic(x):
    return globals()[x]
'''
OPTIM = "def sgd(w):\n    return w\n\ndef adam(w):\n    return w\n"
NET = """
from layers import *
from .layers import relu as rectify
import package.optim as rules

class Base:
    def step(self, w):
        return rules.sgd(w)

class Net(Base):
    def loss(self, x):
        return affine(rectify(x))
"""
SOLVER = """
import layers, optim

def solve(rule):
    return getattr(optim, rule)

def apply(x):
    return layers.relu(x)
"""
FILES = {"layers": LAYERS, "optim": OPTIM, "net": NET, "solver": SOLVER}
QUESTIONS = {
    question.name: question
    for question in (
        Question("affine", "layers.py", 1),
        Question("relu", "layers.py", 1),
        Question("dynamic", "layers.py", 1),
        Question("adam", "optim.py", 1),
        Question("Net", "net.py", 1),
        Question("solve", "solver.py", 1),
        Question("apply", "solver.py", 1),
        Question("waits", "optim.py", 1, depends=["relu"], called="sgd"),
        Question("beside", "optim.py", 1, also={"_helper": ("layers.py", "out")}, called="sgd"),
    )
}


def program(files: dict[str, str]) -> Program:
    sources = [read(module, text.encode()) for module, text in files.items()]
    assert all(isinstance(source, Source) for source in sources)
    return Program(source for source in sources if isinstance(source, Source))


def after(file: str, old: str, new: str) -> set[str]:
    """The questions that are affected by an edit."""
    assert old in FILES[file]
    before, later = program(FILES), program({**FILES, file: FILES[file].replace(old, new)})
    changed = before.changes(later)
    return set(affected(before, later, changed, starts(QUESTIONS.values(), QUESTIONS)))


USES_SGD = {"solve", "Net", "waits", "beside", "dynamic"}
OF_LAYERS = {"affine", "relu", "dynamic", "Net", "solve", "apply", "waits", "beside"}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("layers", "import numpy as np\n", "# one\n\nimport numpy as np  # two\n", set()),
        ("layers", '"""A docstring."""', '"""Another."""', set()),
        ("layers", "    return x * EPS", "    return (x\n        * EPS)", set()),
        ("layers", "x + _helper(x)", "x - _helper(x)", {"affine", "dynamic", "Net"}),
        ("layers", "x * EPS", "x / EPS", {"affine", "dynamic", "Net", "beside"}),
        ("layers", "EPS = 1e-5", "EPS = 1e-6", {"affine", "dynamic", "Net", "beside"}),
        ("layers", "np.maximum(x,", "np.minimum(x,", {"relu", "dynamic", "Net", "apply", "waits"}),
        ("layers", "globals()[x]", "globals()[x + 1]", {"dynamic"}),
        ("layers", "TABLE = np.ones(3)", "TABLE = np.zeros(3)", OF_LAYERS),  # it runs at the import, and may fail
        ("layers", "import numpy as np", "import numpy as np, missing", OF_LAYERS),
        ("layers", "def relu(x):", "@cached\ndef relu(x):", OF_LAYERS),
        ("layers", "def relu(x):", "def relu(x, y=None):", {"relu", "dynamic", "Net", "apply", "waits"}),
        ("layers", "def relu(x):", "def relu(x, y=undefined):", OF_LAYERS),
        ("layers", "def relu(x):", "if True:\n  def relu(x):", OF_LAYERS),
        ("layers", "def relu(x):", "def renamed(x):", {"relu", "dynamic", "Net", "apply", "waits"}),
        ("layers", "def relu(x):", "def new(x):\n    return x\n\ndef relu(x):", {"dynamic"}),
        ("layers", "EPS = 1e-5", "EPS = 1e-5\nx = 3", {"affine", "relu", "dynamic", "Net", "apply", "waits", "beside"}),
        ("optim", "def adam(w):\n    return w", "def adam(w):\n    return -w", {"adam", "solve", "dynamic"}),
        ("optim", "def sgd(w):\n    return w", "def sgd(w):\n    return -w", USES_SGD),
        ("net", "affine(rectify(x))", "rectify(affine(x))", {"Net", "dynamic"}),
        ("net", "return rules.sgd(w)", "return -rules.sgd(w)", {"Net", "dynamic"}),
        ("net", "class Net(Base):", "class Net(Base, Other):", {"Net", "dynamic"}),
        ("net", "def loss(self, x):", "@property\n    def loss(self, x):", {"Net", "dynamic"}),
        ("solver", "layers.relu(x)", "layers.affine(x)", {"apply", "dynamic"}),
    ],
)  # fmt: skip
def test_what_an_edit_affects(file: str, old: str, new: str, expected: set[str]) -> None:
    assert after(file, old, new) == expected


def test_a_file_that_comes_or_goes_affects_what_imports_it() -> None:
    there, gone = program(FILES), program({key: text for key, text in FILES.items() if key != "optim"})
    begins = starts(QUESTIONS.values(), QUESTIONS)
    for before, later in ((there, gone), (gone, there)):
        found = affected(before, later, before.changes(later), begins)
        assert set(found) == {"adam", "Net", "solve", "apply", "waits", "beside", "dynamic"}


def test_a_new_file_affects_only_who_uses_it() -> None:
    before, later = program(FILES), program({**FILES, "notes": "def f(): pass\n"})
    assert set(affected(before, later, before.changes(later), starts(QUESTIONS.values(), QUESTIONS))) == {"dynamic"}


def test_a_huge_file_is_one_thing_that_may_do_anything() -> None:
    huge = LAYERS + "x = 1\n" * 100_000
    before, later = program({**FILES, "layers": huge}), program({**FILES, "layers": huge + "#"})
    assert set(affected(before, later, before.changes(later), starts(QUESTIONS.values(), QUESTIONS))) >= OF_LAYERS
    assert before.changes(before) == set()


def test_questions_that_depend_on_each_other_do_not_go_round_in_circles() -> None:
    one, other = Question("one", "a.py", 1, depends=["other"]), Question("other", "b.py", 1, depends=["one"])
    begins = starts([one, other], {"one": one, "other": other})
    assert set(begins["one"]) == set(begins["other"]) == {("a", "one"), ("a", ""), ("b", "other"), ("b", "")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"def f(:\n", "line 1"),
        (b"x = '\0'\n", ""),
        (b"\xff\xfe\x00", ""),
        (b"f = " + b"(" * 5000 + b")" * 5000, ""),
        (b"# coding: nonsense\n", "encoding"),
    ],
)
def test_what_is_no_python_says_why(data: bytes, why: str) -> None:
    source = read("layers", data)
    assert isinstance(source, Broken)
    assert why in source.why
    assert source.why
