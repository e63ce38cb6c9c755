"""rmsprop: every weight has a step of its own, by a moving average of its squared gradients."""

from grader import Question
from grader.reference import rmsprop

from ._updates import follows, keeps_gradient

question = Question("rmsprop", file="optim.py", points=2, returns="next_w config:kept")

DEFAULTS = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
FORMS = [{}, {"inside": True}]  # epsilon outside or inside the root: both are in use
GIVEN = {"learning_rate": 0.1, "decay_rate": 0.6, "epsilon": 0.2}


@question.check(points=2)
def follows_from_given_settings(student, rng):
    """moves the weights as it should over several steps"""
    follows(student, rng, "rmsprop", rmsprop, DEFAULTS, GIVEN, FORMS)


@question.check(points=1)
def follows_from_a_given_state(student, rng):
    """goes on from a given cache"""
    state = {"cache": rng.uniform(0.5, 2.0, size=(3, 4))}
    follows(student, rng, "rmsprop", rmsprop, DEFAULTS, GIVEN | state, FORMS)


@question.check(points=1)
def follows_from_defaults(student, rng):
    """starts by itself when config is None"""
    follows(student, rng, "rmsprop", rmsprop, DEFAULTS, None, FORMS)


@question.check(robust=True)
def leaves_gradient(student, rng):
    """leaves dw as it was"""
    keeps_gradient(student, rng, "rmsprop")
