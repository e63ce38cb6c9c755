"""spatial_batchnorm_forward: every channel normalised over the batch, the height and the width."""

from grader import Question
from grader.reference import spatial_batchnorm

from ._inputs import channels
from ._running import after_training, given_state

question = Question(
    "spatial_batchnorm_forward", file="layers.py", points=3, returns="out cache:kept", depends=["batchnorm_forward"]
)

question.forward(
    spatial_batchnorm,
    channels,
    points=3,
    title="agrees with torch in training",
    may_change=["bn_param"],
    images=[2, 1],
    eps=[0.05, 0.3],
)


@question.check(points=1, momentum=[0.7])
def trains_then_tests(student, rng, momentum):
    """collects running statistics in training, and uses them in test mode"""
    after_training(student, rng, "spatial_batchnorm_forward", spatial_batchnorm, (2, 3, 4, 2), momentum)


@question.check(points=1, images=[2])
def uses_given_statistics(student, rng, images):
    """uses the running statistics it is given in test mode"""
    given_state(student, rng, "spatial_batchnorm_forward", spatial_batchnorm, (images, 3, 4, 2))


question.forward(spatial_batchnorm, channels, id="on_other_batches", hidden=True, images=[3], eps=[0.1])
