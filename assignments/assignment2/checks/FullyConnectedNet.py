"""FullyConnectedNet: any number of hidden layers, with normalisation and dropout."""

import itertools

import numpy as np

from grader import Question, expect
from grader.reference import affine, fully_connected_loss, fully_connected_scores, fully_connected_statistics

from ._nets import LOSS, agrees, asked_before, draw, is_own_derivative, leaves_all, starts_well
from ._training import learns_by_heart

question = Question(
    "FullyConnectedNet",
    file="fc_net.py",
    points=8,
    depends=[
        "affine_forward",
        "affine_backward",
        "relu_forward",
        "relu_backward",
        "softmax_loss",
        "batchnorm_forward",
        "batchnorm_backward",
        "layernorm_forward",
        "layernorm_backward",
        "dropout_forward",
        "dropout_backward",
    ],
)

NORMALIZATIONS = [None, "batchnorm", "layernorm"]


def shapes(sizes, normalization, inputs=6, classes=4):
    """Return the parameters' names and shapes."""
    found = {}
    widths = [inputs, *sizes, classes]
    for layer, (rows, columns) in enumerate(itertools.pairwise(widths), start=1):
        found |= {f"W{layer}": (rows, columns), f"b{layer}": (columns,)}
        if normalization and layer <= len(sizes):
            found |= {f"gamma{layer}": (columns,), f"beta{layer}": (columns,)}
    return found


def setting(student, rng, sizes, normalization=None, reg=0.0, **more):
    """Return a network, inputs, labels, and parameters to put into it."""
    net = student.FullyConnectedNet(
        list(sizes), input_dim=6, num_classes=4, normalization=normalization, reg=reg, **more
    )
    X, y = rng.normal(size=(8, 2, 3)), rng.integers(0, 4, size=8)
    return net, X, y, draw(rng, shapes(sizes, normalization))


def right(X, y, params, normalization, reg):
    """Return the right loss and gradients in training."""
    config = {"normalization": normalization, "reg": reg}
    (grads,) = fully_connected_loss.gradient(1.0, X, y, params, config, wrt=(2,))
    return fully_connected_loss(X, y, params, config), grads


@question.check(points=1, normalization=NORMALIZATIONS)
def has_parameters(student, rng, normalization):
    """starts with weights of the given scale, biases and shifts of zero, and scales of one"""
    student.make("numpy.random.seed", 7)  # a second run should see the same
    dtype = np.float32 if normalization == "layernorm" else np.float64
    net = student.FullyConnectedNet(  # of a scale whose root is not He's
        [30, 20], input_dim=40, num_classes=15, normalization=normalization, weight_scale=0.03, dtype=dtype
    )
    starts_well(net, shapes((30, 20), normalization, 40, 15), 0.03, dtype)


@question.check(points=2, sizes=[(5,), (5, 3, 7)])
def gives_scores(student, rng, sizes):
    """gives torch's scores when there are no labels"""
    net, X, _, params = setting(student, rng, sizes)
    scores = net.given(params=params).loss(X, returns="scores")
    expect.close(scores, fully_connected_scores(X, params, {}), "scores")


@question.check(points=3, sizes=[(5,), (5, 3, 7)], reg=[0.0, 0.7])
def gives_loss_and_gradients(student, rng, sizes, reg):
    """gives torch's loss and gradients, with and without regularisation"""
    net, X, y, params = setting(student, rng, sizes, None, reg)
    if reg:
        asked_before(net, X, y, params)
    agrees(net, X, y, params, right(X, y, params, None, reg))


@question.check(points=3, normalization=NORMALIZATIONS[1:], reg=[0.3])
def normalises(student, rng, normalization, reg):
    """gives torch's loss and gradients with batch and with layer normalisation"""
    net, X, y, params = setting(student, rng, (5, 6), normalization, reg)
    agrees(net, X, y, params, right(X, y, params, normalization, reg))


@question.check(points=1)
def tests_with_layer_normalisation(student, rng):
    """gives torch's scores with layer normalisation"""
    net, X, _, params = setting(student, rng, (5, 6), "layernorm")
    want = fully_connected_scores(X, params, {"normalization": "layernorm"})
    expect.close(net.given(params=params).loss(X, returns="scores"), want, "scores")


@question.check(points=2)
def tests_with_running_statistics(student, rng):
    """uses the running statistics of its batch normalisations when there are no labels"""
    net, _, _, params = setting(student, rng, (5, 6), "batchnorm")
    net.write("params", params)
    running = [np.zeros(params[f"gamma{layer}"].shape) for layer in (1, 1, 2, 2)]
    for _ in range(3):
        X, y = rng.normal(size=(8, 2, 3)), rng.integers(0, 4, size=8)
        net.loss(X, y, returns=LOSS)
        seen = fully_connected_statistics(X, params, {"normalization": "batchnorm"})
        running = [0.9 * old + 0.1 * new for old, new in zip(running, seen, strict=True)]
    X = rng.normal(size=(3, 2, 3))
    config = {"normalization": "batchnorm", "statistics": [running[:2], running[2:]]}
    want = fully_connected_scores(X, params, config)
    for _ in range(2):  # scores must not move the statistics
        expect.close(net.loss(X, returns="scores"), want, "scores in test mode")


@question.check(points=2, seed=[None, 7])
def drops(student, rng, seed):
    """applies dropout after every relu in training, and never in test mode"""
    keep, units = 0.6, 400
    net = student.FullyConnectedNet([units], input_dim=6, num_classes=3, dropout_keep_ratio=keep, seed=seed)
    params = {
        "W1": rng.uniform(0.1, 1.0, size=(6, units)),  # with these, every hidden unit is positive: zeros are dropout's
        "b1": rng.uniform(0.1, 1.0, size=units),
        "W2": rng.normal(scale=0.05, size=(units, 3)),
        "b2": rng.normal(size=3),
    }
    net.write("params", params)
    X, y = rng.uniform(0.1, 1.0, size=(1, 6)), np.array([1])
    hidden = affine(X, params["W1"], params["b1"])[0]

    loss, grads = net.loss(X, y, returns=LOSS)
    for name, value in params.items():
        expect.that(name in grads, f"grads has no '{name}'")
        expect.shape(grads[name], value.shape, f"grads['{name}']")
    upstream = grads["b2"].astype(float)  # one example: this is the gradient of its scores
    largest = int(np.argmax(np.abs(upstream)))
    expect.that(bool(np.abs(upstream).max() > 1e-6), "the gradient of the scores is zero")
    left = grads["W2"][:, largest] / upstream[largest]  # and so this is what is left of the hidden layer
    share = float(np.mean(left != 0))
    expect.that(share < 1, "no hidden unit is dropped in training")
    bound = 6 * np.sqrt(keep * (1 - keep) / units)
    expect.that(abs(share - keep) < bound, f"{share:.0%} of the hidden units are kept, should be about {keep:.0%}")
    expect.close(left, np.where(left != 0, hidden / keep, 0.0), "the hidden layer after dropout")
    scores = left @ params["W2"] + params["b2"]
    expect.close(loss, np.log(np.exp(scores - scores[1]).sum()), "loss")
    through = params["W2"] @ upstream * (left != 0) / keep
    expect.close(grads["W1"], np.outer(X[0], through), "grads['W1']")

    expect.close(net.loss(X, returns="scores"), fully_connected_scores(X, params, {}), "scores in test mode")
    _, again = net.loss(X, y, returns=LOSS)
    same = bool(((again["W2"] != 0) == (grads["W2"] != 0)).all()) if "W2" in again else False
    if seed is None:
        expect.that(not same, "every call drops the same units, without a seed")
    else:
        expect.that(same, "two calls of a network with a seed drop different units")


@question.check(points=1, normalization=NORMALIZATIONS)
def drops_in_every_layer(student, rng, normalization):
    """applies dropout after every hidden layer, beside any normalisation"""
    keep, examples, sizes = 0.3, 3, (200, 300)
    net = student.FullyConnectedNet(
        list(sizes), input_dim=6, num_classes=4, dropout_keep_ratio=keep, normalization=normalization
    )
    params = {}
    for name, shape in shapes(sizes, normalization).items():
        # All positive: zeros in a hidden layer are dropout's.
        params[name] = rng.uniform(0.1, 1.0, size=shape) / shape[0]
        if name.startswith("beta"):
            params[name] += 1.0  # more than gamma, now below 0.01, can take away
    net.write("params", params)
    X, y = rng.uniform(0.1, 1.0, size=(examples, 6)), np.array([0, 1, 2])
    _, grads = net.loss(X, y, returns=LOSS)
    want = 1 - (1 - keep) ** examples  # a unit's weights have a gradient if it was kept in any of the examples
    for layer, units in enumerate(sizes, start=1):
        name = f"W{layer + 1}"
        expect.that(name in grads, f"grads has no '{name}'")
        expect.shape(grads[name], params[name].shape, f"grads['{name}']")
        share = float((grads[name] != 0).any(axis=1).mean())
        bound = 6 * np.sqrt(want * (1 - want) / units)
        expect.that(
            abs(share - want) < bound,
            f"{share:.0%} of the units of hidden layer {layer} are kept in at least one of {examples} examples,"
            f" should be about {want:.0%}",
        )
    if normalization:  # both, with hardly ever a value that is dropped: once in 10 ** 10 networks
        net, X, y, params = setting(student, rng, (5, 6), normalization, 0.3, dropout_keep_ratio=1 - 1e-12)
        agrees(net, X, y, params, right(X, y, params, normalization, 0.3))


@question.check(points=1, normalization=NORMALIZATIONS)
def is_its_own_derivative(student, rng, normalization):
    """gives gradients that are the derivative of its own loss"""
    net, X, y, params = setting(student, rng, (5, 3), normalization, 0.7)
    is_own_derivative(net, X, y, params, right(X, y, params, normalization, 0.7)[1], rng)


@question.check(points=2, costly=True)
def learns_fifty_images(student, rng):
    """learns 50 images by heart"""
    return learns_by_heart(student, rng, lambda one: one.FullyConnectedNet([32, 32], input_dim=64), epochs=12)


@question.check(robust=True)
def leaves_parameters(student, rng):
    """leaves its arguments and its parameters as they were"""
    net, X, y, params = setting(student, rng, (5, 3), "batchnorm", 0.7)
    expect.unchanged(student)  # the list of sizes
    leaves_all(net, X, y, params, student)
