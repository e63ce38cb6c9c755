"""Whatever functions and networks answer, no check may fail for it itself: a fault is never the student's."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.question import Question
from grader.checking.submission import open_submission
from grader.sandbox.launch import Launcher

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")

GARBAGE = [
    "None",
    "()",
    "0",
    "np.inf",
    "'text'",
    "object()",
    "[[1.0, 2.0]]",
    "np.zeros(())",
    "np.zeros(0)",
    "np.zeros((0, 3))",
    "np.full((3, 4), np.nan)",
    "np.ones((1,) * 8)",
    "np.ones(3, bool)",
    "np.ones((2, 2), complex)",
    "np.array([None, 1])",
    "args[-1]",
    "args[0]",
    "args",
    "(args[0], args)",
    "(args[0],) * 3",
    "(np.zeros_like(args[0]), args)",
    "(np.full(np.shape(args[0]), np.nan), None)",
    "(np.ones((2, 3)),) * 3",
    "(0.5, {'W1': None, 'b1': 3})",
    "(np.float32(0.5), {name: np.zeros(()) for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')})",
    "(0.5, {name: np.full((50,), np.inf) for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')})",
    "(1, 2, 3, 4, 5)",
    "{}",
    "{'W1': np.ones(3)}",
    "1 / 0",
]

TORCH = "torch_nets.py"
TENSORS = [
    "None",
    "'text'",
    "{}",
    "()",
    "0.5",
    "torch.zeros(())",
    "torch.zeros(2, 3, device='meta')",
    "torch.zeros(2, 4).to_sparse()",
    "torch.zeros(2, 4, dtype=torch.bfloat16, requires_grad=True)",
    "torch.full((2, 4), 1j)",
    "torch.full((2, 4), torch.nan, requires_grad=True)",
    "torch.zeros(2, 4).as_subclass(Lying)",
    "[torch.zeros(3)] * 6",
    "[torch.full(shape, 1e30, requires_grad=True) for shape in SHAPES]",
    "[torch.full(shape, torch.inf) for shape in SHAPES]",
    "[torch.zeros(shape).as_subclass(Lying) for shape in SHAPES]",
    "[np.zeros(shape) for shape in SHAPES]",
    "Odd([torch.zeros(shape) for shape in SHAPES])",
    "[float('nan')] * 6",
    "np.array([1.0, None])",
    "torch.nn.Linear(2, 3)",
    "torch.nn.Sequential()",
    "torch.nn.Sequential(Forward('text'))",
    "Forward(torch.zeros(2, 4).to_sparse())",
    "Forward(torch.zeros(2, 4, requires_grad=True))",
    "Names(None)",
    "Names([('fc', 3), (None, torch.zeros(3)), ('conv', torch.zeros(3, device='meta'))])",
    "Names([(str(i), torch.zeros(shape)) for i, shape in enumerate(SHAPES)])",
    "Names(1 / 0 for _ in SHAPES)",
    "Torn()",
    "spoilt(args)",
    "1 / 0",
]

TENSOR_FUNCTION = """

import numpy as np
from torch import nn

SHAPES = (3, 2, 5, 5), (3,), (6, 3, 3, 3), (6,), (4, 6144), (4,)


class Lying(torch.Tensor):
    shape = property(lambda self: (2, 4))
    requires_grad = property(lambda self: 1 / 0)
    is_leaf = property(lambda self: "true")
    grad = property(lambda self: self)
    __torch_function__ = classmethod(lambda *args, **kwargs: 1 / 0)

    def backward(self, *args):
        return self


class Odd(list):
    __len__ = lambda self: 10**9
    __getitem__ = __iter__ = lambda self, *args: 1 / 0


class Forward(nn.Module):
    def __init__(self, scores):
        super().__init__()
        self.scores = scores
        for index, shape in enumerate(SHAPES):
            self.register_parameter("p" + str(index), nn.Parameter(torch.rand(shape)))

    def forward(self, x):
        return self.scores


class Names(nn.Sequential):
    def __init__(self, names):
        super().__init__()
        self.names = names

    def forward(self, x):
        return x.sum(dim=(2, 3)).repeat(1, 2)

    def named_parameters(self, *args, **kwargs):
        return self.names

    def state_dict(self, *args, **kwargs):
        return self.names

    def load_state_dict(self, *args, **kwargs):
        return self.names


class Torn(nn.Sequential):
    def named_parameters(self, *args, **kwargs):
        raise KeyboardInterrupt

    state_dict = load_state_dict = forward = to = named_parameters


def spoilt(args):
    for value in args:
        if isinstance(value, nn.Sequential):
            value[1] = nn.Identity()
            value[0].weight = nn.Parameter(torch.zeros(7))
        if isinstance(value, list):
            value.clear()
        if isinstance(value, torch.optim.Optimizer):
            value.param_groups.clear()
        if isinstance(value, torch.utils.data.DataLoader):
            value.dataset.tensors = ()
    return [0.5, *args][0]


def {name}(*args, **kwargs):
    return {garbage}
"""

FUNCTION = """

def {name}(*args, **kwargs):
    return {garbage}
"""
CLASS = """

class {name}:
    def __init__(self, *args, **kwargs):
        self.params = ({garbage}) if {broken} else {{"W1": np.ones((3, 2)), "b1": np.zeros(2)}}

    def loss(self, *args, **kwargs):
        return {garbage}
"""


@pytest.mark.parametrize("broken", [False, True], ids=["loss", "params"])
@pytest.mark.parametrize("garbage", GARBAGE)
def test_no_fault(garbage: str, broken: bool, tmp_path: Path, cache: Path, launcher: Launcher) -> None:
    questions = [
        question
        for question in ASSIGNMENT.questions()
        if question.file != TORCH and (not broken or question.returns is None)
    ]
    submit(
        tmp_path,
        [
            (
                question,
                (CLASS if question.returns is None else FUNCTION).format(
                    name=question.symbol, garbage=garbage, broken=broken
                ),
            )
            for question in questions
        ],
    )
    none_passes(questions, tmp_path, cache, launcher)


@pytest.mark.parametrize("garbage", TENSORS)
def test_no_fault_in_torch(garbage: str, tmp_path: Path, cache: Path, launcher: Launcher) -> None:
    questions = [question for question in ASSIGNMENT.questions() if question.file == TORCH]
    submit(
        tmp_path,
        [(question, TENSOR_FUNCTION.format(name=question.symbol, garbage=garbage)) for question in questions],
    )
    none_passes(questions, tmp_path, cache, launcher)


def submit(folder: Path, answers: Iterable[tuple[Question, str]]) -> None:
    """Write the solution with other answers behind it."""
    for entry in ASSIGNMENT.files:
        shutil.copyfile(ASSIGNMENT.folder / entry.name, folder / entry.name)
    for question, text in answers:
        with (folder / question.file).open("a") as file:
            file.write(text)


def none_passes(questions: Sequence[Question], folder: Path, cache: Path, launcher: Launcher) -> None:
    report = run(
        ASSIGNMENT,
        open_submission(folder, ASSIGNMENT),
        Options([question.name for question in questions], cache=cache, launcher=launcher),
    )
    for result in report.questions:
        for check in result.checks:
            assert check.status != "fault", f"{result.id}.{check.id}: {check.details}"
        assert result.status != "passed", result.id
