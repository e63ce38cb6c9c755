"""What is handed in: small assignments, their honest submissions, and the code that attackers add theirs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ARRAYS", "TENSORS", "Subject"]


@dataclass(frozen=True)
class Subject:
    """A small assignment.

    ``checks`` are the files of its questions, with places for secrets; ``honest`` a right submission, which is the
    solution as well; ``base`` is put before every attack: right in some questions, and wrong in others.
    """

    config: str
    checks: Mapping[str, str]
    honest: Mapping[str, str]
    base: str

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of its questions."""
        return tuple(self.checks)


IMPORTS = """
import numpy as np

from grader import Question, expect
from grader.checking.tensors import tensor

"""

ATTEMPT = """
import os, sys, time
import numpy as np

def attempt(action):
    # Says what came of it, so that what did not happen is not taken for a defence.
    try:
        found = action()
    except BaseException as error:
        print("stopped:", type(error).__name__, str(error)[:200])
    else:
        print("did:", str(found)[:3000])
"""

LAYERS = """
import numpy as np

def scale_forward(x, w):
    return x * w, (x, w)

def scale_backward(dout, cache):
    x, w = cache
    return dout * w, (dout * x).sum(axis=0)

def running_sum(x):
    return np.cumsum(x)
"""
OPTIM = "def step(w, g, lr):\n    return w - lr * g\n"

ARRAYS = Subject(
    config="""
title = "Tiny"
points = 10
questions = ["scale_forward", "scale_backward", "running_sum", "step"]
[limits]
call_seconds = 5
question_seconds = 20
memory_mb = 128
[files]
"layers.py" = []
"optim.py" = []
""",
    checks={
        "scale_forward": """
        question = Question("scale_forward", file="layers.py", points=4, returns="out cache:kept")

        @question.check(rows=[1, 3])
        def multiplies(student, rng, rows):
            "multiplies"
            x, w = rng.normal(size=(rows, 4)), rng.normal(size=4)
            out, _ = student.scale_forward(x, w)
            expect.close(out, x * w, "out")

        @question.check(robust=True)
        def leaves_arguments(student, rng):
            "leaves its arguments as they were"
            student.scale_forward(rng.normal(size=(2, 4)), rng.normal(size=4))
            expect.unchanged(student)

        @question.check(hidden=True)
        def multiplies_others(student, rng):
            "multiplies other numbers"
            secret = "{hidden}"
            x = rng.normal(size=(2, 4))
            out, _ = student.scale_forward(x, np.full(4, 3.0))
            expect.close(out, 3.0 * x, "out")
        """,
        "scale_backward": """
        question = Question("scale_backward", file="layers.py", points=3, returns="dx dw",
                            also={{"scale_forward": ("layers.py", "out cache:kept")}})

        EXPECTED = "{expected}"

        @question.check(rows=[2])
        def differentiates(student, rng, rows):
            "gives the gradients"
            x, w, dout = rng.normal(size=(rows, 4)), rng.normal(size=4), rng.normal(size=(rows, 4))
            _, cache = student.scale_forward(x, w)
            want = dout * w
            dx, _ = student.scale_backward(dout, cache)
            expect.close(dx, want, "dx")
        """,
        "running_sum": """
        question = Question("running_sum", file="layers.py", points=1, returns="out")

        @question.check()
        def is_fast(student, rng):
            "is right, and fast"
            times = []
            for _ in range(3):
                x = rng.normal(size=9)
                expect.close(student.running_sum(x), np.cumsum(x), "out")
                times.append(student.last.wall)
            expect.that(min(times) < 0.1, "it is slow")
        """,
        "step": """
        question = Question("step", file="optim.py", points=2, returns="w")

        @question.check(cases=[{{"lr": 0.5}}, {{"lr": 0.25}}])
        def steps(student, rng, lr):
            "goes down the gradient"
            w, g = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
            expect.close(student.step(w, g, lr), w - lr * g, "w")
        """,
    },
    honest={"layers.py": LAYERS, "optim.py": OPTIM},
    base=ATTEMPT
    + """
def scale_forward(x, w):
    return x * w, (x, w)

def scale_backward(dout, cache):
    return dout, dout  # wrong

def running_sum(x):  # right, and far too slow
    time.sleep(0.2)
    return np.cumsum(x)
""",
)

NETS = """
import torch
import torch.nn.functional as F

def double(x):
    return 2 * x

def probabilities(x):
    return F.softmax(x, dim=1)
"""

TENSORS = Subject(
    config="""
title = "Tiny nets"
points = 4
questions = ["double", "probabilities"]
[limits]
call_seconds = 10
question_seconds = 40
memory_mb = 512
[files]
"nets.py" = []
""",
    checks={
        "double": """
        question = Question("double", file="nets.py", points=2, returns="y:tensor", needs=["torch"])

        @question.check()
        def doubles(student, rng):
            "doubles"
            x = rng.normal(size=(2, 3)).astype(np.float32)
            y = student.double(tensor(x))
            expect.that(y.dtype == "float32" and y.device == "cpu", "y is no ordinary tensor")
            expect.close(y, 2 * x, "y")
        """,
        "probabilities": """
        question = Question("probabilities", file="nets.py", points=2, returns="p:tensor", needs=["torch"])

        @question.check(hidden=True)
        def sums_to_one(student, rng):
            "gives probabilities"
            secret = "{hidden} {expected}"
            x = rng.normal(size=(2, 3))
            powers = np.exp(x)
            expect.close(student.probabilities(tensor(x)), powers / powers.sum(axis=1, keepdims=True), "p", 1e-5)
        """,
    },
    honest={"nets.py": NETS},
    base=ATTEMPT
    + """
import torch
import torch.nn.functional as F

def double(x):
    return 2 * x

def probabilities(x):
    return x * 0 + 1  # wrong
""",
)
