"""ThreeLayerConvNet: convolution, relu, max pool, affine, relu, affine, softmax."""

import numpy as np

from grader import Question, expect
from grader.reference import three_layer_convnet_loss, three_layer_convnet_scores

from ._nets import agrees, asked_before, draw, is_own_derivative, leaves_all, starts_well
from ._training import learns_by_heart

question = Question(
    "ThreeLayerConvNet",
    file="cnn.py",
    points=4,
    depends=[
        "affine_forward",
        "affine_backward",
        "relu_forward",
        "relu_backward",
        "softmax_loss",
        "conv_forward_naive",
        "conv_backward_naive",
        "max_pool_forward_naive",
        "max_pool_backward_naive",
    ],
)


def shapes(filter_size, filters=3, image=(2, 6, 4), units=5, classes=4):
    """Return the parameters' names and shapes."""
    depth, height, width = image
    return {
        "W1": (filters, depth, filter_size, filter_size),
        "b1": (filters,),
        "W2": (filters * (height // 2) * (width // 2), units),
        "b2": (units,),
        "W3": (units, classes),
        "b3": (classes,),
    }


def setting(student, rng, filter_size, reg):
    """Return a network, images that are not square, labels, and parameters to put into it."""
    net = student.ThreeLayerConvNet(
        input_dim=(2, 6, 4), num_filters=3, filter_size=filter_size, hidden_dim=5, num_classes=4, reg=reg
    )
    X, y = rng.normal(size=(3, 2, 6, 4)), rng.integers(0, 4, size=3)
    return net, X, y, draw(rng, shapes(filter_size))


def right(X, y, params, reg):
    """Return the right loss and gradients."""
    (grads,) = three_layer_convnet_loss.gradient(1.0, X, y, params, reg, wrt=(2,))
    return three_layer_convnet_loss(X, y, params, reg), grads


@question.check(points=1, dtype=["float64", "float32"])
def has_parameters(student, rng, dtype):
    """starts with weights of the given scale, and biases of zero"""
    student.make("numpy.random.seed", 7)  # a second run should see the same
    net = student.ThreeLayerConvNet(
        input_dim=(3, 9, 12),  # pooling leaves the last row out
        num_filters=16,
        filter_size=5,
        hidden_dim=20,
        num_classes=15,
        weight_scale=0.02,
        dtype=np.dtype(dtype).type,
    )
    starts_well(net, shapes(5, 16, (3, 9, 12), 20, 15), 0.02, np.dtype(dtype))


@question.check(points=2, filter_size=[3, 5])
def gives_scores(student, rng, filter_size):
    """gives torch's scores when there are no labels"""
    net, X, _, params = setting(student, rng, filter_size, 0.0)
    expect.close(net.given(params=params).loss(X, returns="scores"), three_layer_convnet_scores(X, params), "scores")


@question.check(points=3, filter_size=[3, 5], reg=[0.0, 0.7])
def gives_loss_and_gradients(student, rng, filter_size, reg):
    """gives torch's loss and gradients, with and without regularisation"""
    net, X, y, params = setting(student, rng, filter_size, reg)
    if reg:
        asked_before(net, X, y, params)
    agrees(net, X, y, params, right(X, y, params, reg))


@question.check(points=1)
def is_its_own_derivative(student, rng):
    """gives gradients that are the derivative of its own loss"""
    net, X, y, params = setting(student, rng, 3, 0.7)
    is_own_derivative(net, X, y, params, right(X, y, params, 0.7)[1], rng)


@question.check(points=2, costly=True)
def learns_fifty_images(student, rng):
    """learns 50 images by heart"""

    def build(one):
        return one.ThreeLayerConvNet(input_dim=(1, 8, 8), num_filters=4, filter_size=3, hidden_dim=50)

    return learns_by_heart(student, rng, build, epochs=14)


@question.check(robust=True)
def leaves_parameters(student, rng):
    """leaves its arguments and its parameters as they were"""
    net, X, y, params = setting(student, rng, 3, 0.7)
    leaves_all(net, X, y, params, student)
