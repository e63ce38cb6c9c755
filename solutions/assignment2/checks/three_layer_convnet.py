"""three_layer_convnet: convolution, relu, convolution, relu, affine, on plain torch tensors."""

import numpy as np

from grader import Question, expect, tensor

from ._torchnets import SIZES, can_be_derived, convnet, draw, gradient_of, on_any_device

LAYERS = {
    "conv_forward_naive": ("layers.py", "out cache:kept"),
    "conv_backward_naive": ("layers.py", "dx dw db"),
    "relu_forward": ("layers.py", "out cache:kept"),
    "relu_backward": ("layers.py", "dx"),
    "affine_forward": ("layers.py", "out cache:kept"),
    "affine_backward": ("layers.py", "dx dw db"),
}

question = Question(
    "three_layer_convnet", file="torch_nets.py", points=3, returns="scores:tensor", also=LAYERS, needs=["torch"]
)

IMAGE = (7, 5)


def inputs(rng, images=2, image=IMAGE):
    """Return images that are not square, and parameters."""
    return rng.normal(size=(images, SIZES[0], *image)), draw(rng, image)


def plain(params, **options):
    """Return parameters as the student has them: a list of tensors."""
    return [tensor(value, **options) for value in params.values()]


@question.check(points=4, image=[IMAGE, (4, 6)], images=[1, 3])
def agrees_with_torch(student, rng, image, images):
    """gives the right scores for images of any size"""
    x, params = inputs(rng, images, image)
    expect.close(student.three_layer_convnet(tensor(x), plain(params)), convnet(x, params), "scores")


@question.check(points=3)
def has_gradients(student, rng):
    """lets the gradient reach the images and every parameter"""
    x, params = inputs(rng)
    dscores = rng.normal(size=(len(x), SIZES[-1]))
    got = derived(student, x, params, dscores)
    dx, grads = convnet.gradient(dscores, x, params, wrt=(0, 1))
    for name, want in {**grads, "x": dx}.items():
        expect.close(got[name], want, f"the gradient of {name}")


def derived(student, x, params, dscores):
    """Return the gradients that torch finds in the student's scores, by name."""
    given = {name: student.keep(tensor(value, requires_grad=True), name) for name, value in {**params, "x": x}.items()}
    leaves = [given[name] for name in params]
    scores = student.three_layer_convnet(given["x"], leaves, returns="scores:kept")
    can_be_derived(scores, dscores)
    scores.backward(tensor(dscores))
    return {name: gradient_of(kept, name) for name, kept in given.items()}


@question.check(points=1)
def works_where_its_inputs_are(student, rng):
    """works on whichever device its inputs are"""
    x, params = inputs(rng)
    on_any_device(student, lambda: student.three_layer_convnet(tensor(x), plain(params)))


@question.check(points=0, needs=list(LAYERS))
def agrees_with_your_layers(student, rng):
    """gives what your own numpy layers give, with the same gradients"""
    x, params = inputs(rng)
    dscores = rng.normal(size=(len(x), SIZES[-1]))
    torch_scores = student.three_layer_convnet(tensor(x), plain(params))
    torch_grads = derived(student, x, params, dscores)
    scores, grads = by_layers(student, x, params, dscores)
    expect.close(torch_scores, scores, "scores from torch, beside your layers',")
    for name, want in grads.items():
        expect.close(torch_grads[name], want, f"the gradient of {name} from torch, beside your layers',")


def by_layers(student, x, params, dscores):
    """Return the scores and the gradients that the student's numpy layers give."""
    h1, conv1 = student.conv_forward_naive(x, params["conv_w1"], params["conv_b1"], {"stride": 1, "pad": 2})
    a1, relu1 = student.relu_forward(h1)
    h2, conv2 = student.conv_forward_naive(a1, params["conv_w2"], params["conv_b2"], {"stride": 1, "pad": 1})
    a2, relu2 = student.relu_forward(h2)
    scores, affine = student.affine_forward(a2, params["fc_w"], params["fc_b"])
    da2, dw, db = student.affine_backward(dscores, affine)
    da1, dw2, db2 = student.conv_backward_naive(student.relu_backward(da2, relu2), conv2)
    dx, dw1, db1 = student.conv_backward_naive(student.relu_backward(da1, relu1), conv1)
    grads = {"conv_w1": dw1, "conv_b1": db1, "conv_w2": dw2, "conv_b2": db2, "fc_w": dw, "fc_b": db, "x": dx}
    return scores, {name: np.asarray(value, dtype=np.float64) for name, value in grads.items()}


@question.check(robust=True)
def leaves_arguments(student, rng):
    """leaves its arguments as they were"""
    x, params = inputs(rng)
    student.three_layer_convnet(tensor(x), plain(params))
    expect.unchanged(student)


question.again(agrees_with_torch, hidden=True, image=[(8, 3)], images=[2])
