"""softmax_loss: the mean cross-entropy of softmax probabilities, and its gradient."""

import numpy as np

from grader import Question, expect
from grader.checking import numeric
from grader.errors import WrongAnswerError
from grader.reference import softmax_loss

question = Question("softmax_loss", file="layers.py", points=3, returns="loss:number dx")


def agrees(student, x, y):
    loss, dx = student.softmax_loss(x, y)
    expect.close((loss, dx), (softmax_loss(x, y), *softmax_loss.gradient(1.0, x, y)), ("loss", "dx"))


@question.check(points=4, shape=[(6, 4), (1, 5)])
def agrees_with_torch(student, rng, shape):
    """gives torch's loss and gradient"""
    agrees(student, rng.normal(scale=2.0, size=shape), rng.integers(0, shape[1], size=shape[0]))


@question.check(points=1)
def is_its_own_derivative(student, rng):
    """gives the derivative of its own loss"""
    x, y = rng.normal(size=(4, 3)), rng.integers(0, 3, size=4)
    _, dx = student.softmax_loss(x, y)
    try:
        expect.close(dx, *softmax_loss.gradient(1.0, x, y), "dx")
    except WrongAnswerError:
        numeric.derivative(lambda moved: student.softmax_loss(moved, y)[0], [x], [dx], 1.0, rng, ["dx"])


@question.check(points=2, offset=[1000.0, -1000.0])
def stays_finite(student, rng, offset):
    """stays finite when all logits are large"""
    agrees(student, rng.normal(size=(5, 4)) + offset, rng.integers(0, 4, size=5))


@question.check(robust=True)
def survives_impossible_labels(student, rng):
    """gives the right loss where a probability is too small for a float"""
    x = np.array([[0.0, -2000.0, -1000.0], [3000.0, 0.0, 1.0], [1.0, 2.0, 3.0]])
    loss, dx = student.softmax_loss(x, y := np.array([1, 2, 0]))
    expect.close((loss, dx), (softmax_loss(x, y), *softmax_loss.gradient(1.0, x, y)), ("loss", "dx"))


@question.check(robust=True)
def leaves_arguments(student, rng):
    """leaves its arguments as they were"""
    student.softmax_loss(rng.normal(size=(4, 3)), rng.integers(0, 3, size=4))
    expect.unchanged(student)


question.again(agrees_with_torch, hidden=True, shape=[(9, 7), (2, 2)])
