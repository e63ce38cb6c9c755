"""TwoLayerNet: affine, relu, affine, softmax."""

from grader import Question, expect
from grader.reference import fully_connected_loss, fully_connected_scores

from ._nets import agrees, asked_before, draw, is_own_derivative, leaves_all, starts_well

question = Question(
    "TwoLayerNet",
    file="fc_net.py",
    points=3,
    depends=["affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss"],
)

SHAPES = {"W1": (6, 5), "b1": (5,), "W2": (5, 4), "b2": (4,)}


def setting(student, rng, reg):
    """Return a network, images, labels, and parameters to put into it."""
    net = student.TwoLayerNet(input_dim=6, hidden_dim=5, num_classes=4, reg=reg)
    return net, rng.normal(size=(7, 2, 3)), rng.integers(0, 4, size=7), draw(rng, SHAPES)


def right(X, y, params, reg):
    """Return the right loss and gradients."""
    config = {"reg": reg}
    (grads,) = fully_connected_loss.gradient(1.0, X, y, params, config, wrt=(2,))
    return fully_connected_loss(X, y, params, config), grads


@question.check(points=1)
def has_parameters(student, rng):
    """starts with weights of the given scale, and biases of zero"""
    student.make("numpy.random.seed", 7)  # a second run should see the same
    # The scale is one whose root is not He's.
    net = student.TwoLayerNet(input_dim=40, hidden_dim=30, num_classes=20, weight_scale=0.03)
    starts_well(net, {"W1": (40, 30), "b1": (30,), "W2": (30, 20), "b2": (20,)}, 0.03)


@question.check(points=2)
def gives_scores(student, rng):
    """gives torch's scores when there are no labels"""
    net, X, _, params = setting(student, rng, 0.0)
    net.write("params", params)
    expect.close(net.loss(X, returns="scores"), fully_connected_scores(X, params, {}), "scores")


@question.check(points=3, reg=[0.0, 0.7])
def gives_loss_and_gradients(student, rng, reg):
    """gives torch's loss and gradients, with and without regularisation"""
    net, X, y, params = setting(student, rng, reg)
    if reg:
        asked_before(net, X, y, params)
    agrees(net, X, y, params, right(X, y, params, reg))


@question.check(points=1)
def is_its_own_derivative(student, rng):
    """gives gradients that are the derivative of its own loss"""
    net, X, y, params = setting(student, rng, 0.7)
    is_own_derivative(net, X, y, params, right(X, y, params, 0.7)[1], rng)


@question.check(robust=True)
def leaves_parameters(student, rng):
    """leaves its arguments and its parameters as they were"""
    net, X, y, params = setting(student, rng, 0.7)
    leaves_all(net, X, y, params, student)
