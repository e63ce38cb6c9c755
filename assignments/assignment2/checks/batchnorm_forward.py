"""batchnorm_forward: every feature normalised over the batch, then scaled and shifted."""

from grader import Question
from grader.reference import batchnorm

from ._inputs import batch
from ._running import after_training, given_state

question = Question("batchnorm_forward", file="layers.py", points=5, returns="out cache:kept")

question.forward(
    batchnorm,
    batch,
    points=3,
    title="agrees with torch in training",
    may_change=["bn_param"],
    rows=[4, 7],
    eps=[0.3, None],
)


@question.check(points=2, momentum=[0.7, None])
def trains_then_tests(student, rng, momentum):
    """collects running statistics in training, and uses them in test mode"""
    after_training(student, rng, "batchnorm_forward", batchnorm, (4, 5), momentum)


@question.check(points=2, rows=[3, 1])
def uses_given_statistics(student, rng, rows):
    """uses the running statistics it is given in test mode"""
    given_state(student, rng, "batchnorm_forward", batchnorm, (rows, 5))
