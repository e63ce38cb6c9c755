"""three_layer_convnet_sequential: the same network as a sequence of layers."""

from grader import Question

from ._torchnets import SIZES, draw, gives_gradients, gives_scores, images, is_sequential, moves, registers_all

question = Question(
    "three_layer_convnet_sequential", file="torch_nets.py", points=1, returns="model:kept", needs=["torch"]
)


def build(student):
    """Return a new network."""
    return student.three_layer_convnet_sequential(*SIZES)


@question.check(points=1)
def is_a_sequence(student, rng):
    """is an nn.Sequential with all its parameters"""
    is_sequential(student, build(student))
    registers_all(build(student), images(rng))


@question.check(points=3, count=[1, 2])
def gives_right_scores(student, rng, count):
    """gives the right scores for given weights"""
    gives_scores(student, build, images(rng, count), draw(rng))


@question.check(points=2)
def has_gradients(student, rng):
    """lets the gradient reach the images and every parameter"""
    gives_gradients(student, build, rng, images(rng), draw(rng))


@question.check(points=1)
def moves_as_a_whole(student, rng):
    """works on whichever device it is moved to"""
    moves(student, build, images(rng))
