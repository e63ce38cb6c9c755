"""adam: moving averages of the gradient and of its square, both corrected for their start at zero."""

from grader import Question
from grader.reference import adam

from ._updates import follows, keeps_gradient

question = Question("adam", file="optim.py", points=3, returns="next_w config:kept")

DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
# Where epsilon goes: all are in use.
FORMS = [{}, {"form": "inside"}, {"form": "efficient"}, {"form": "efficient inside"}]
GIVEN = {"learning_rate": 0.1, "beta1": 0.6, "beta2": 0.8, "epsilon": 0.1}


@question.check(points=2)
def follows_from_given_settings(student, rng):
    """moves the weights as it should over several steps"""
    follows(student, rng, "adam", adam, DEFAULTS, GIVEN, FORMS)


@question.check(points=1)
def follows_from_a_given_state(student, rng):
    """goes on from given m, v and t"""
    state = {"m": rng.normal(size=(3, 4)), "v": rng.uniform(0.5, 2.0, size=(3, 4)), "t": 2}
    follows(student, rng, "adam", adam, DEFAULTS, GIVEN | state, FORMS)


@question.check(points=1)
def follows_from_defaults(student, rng):
    """starts by itself when config is None"""
    follows(student, rng, "adam", adam, DEFAULTS, None, FORMS)


@question.check(robust=True)
def leaves_gradient(student, rng):
    """leaves dw as it was"""
    keeps_gradient(student, rng, "adam")
