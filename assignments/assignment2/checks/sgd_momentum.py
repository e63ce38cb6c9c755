"""sgd_momentum: gradient descent with a velocity."""

from grader import Question
from grader.reference import sgd_momentum

from ._updates import follows, keeps_gradient

question = Question("sgd_momentum", file="optim.py", points=2, returns="next_w config:kept")

DEFAULTS = {"learning_rate": 1e-2, "momentum": 0.9}


@question.check(points=2)
def follows_from_given_settings(student, rng):
    """moves the weights as it should over several steps"""
    follows(student, rng, "sgd_momentum", sgd_momentum, DEFAULTS, {"learning_rate": 0.1, "momentum": 0.6})


@question.check(points=1)
def follows_from_defaults(student, rng):
    """starts by itself when config is None"""
    follows(student, rng, "sgd_momentum", sgd_momentum, DEFAULTS, None)


@question.check(robust=True)
def leaves_gradient(student, rng):
    """leaves dw as it was"""
    keeps_gradient(student, rng, "sgd_momentum")
