"""init_three_layer_convnet: first weights of the right size, as plain tensors."""

import numpy as np

from grader import Question, expect

from ._torchnets import on_any_device, shapes

question = Question("init_three_layer_convnet", file="torch_nets.py", points=1, returns="params:kept", needs=["torch"])

IMAGE = (9, 6)


def asked(student, sizes):
    """Return the parameters by their names, for images that are not square; and the list of them, as it stays there."""
    kept = student.init_three_layer_convnet(*sizes, image_size=IMAGE, device=student.device)
    params, names = kept.value("tensors"), shapes(*sizes, IMAGE)
    expect.that(len(params) == len(names), f"there are {len(params)} tensors, should be 6: {', '.join(names)}")
    return dict(zip(names, params, strict=True)), kept


@question.check(points=2, sizes=[(3, 8, 4, 5), (1, 2, 6, 10)])
def has_shapes(student, rng, sizes):
    """gives six tensors of the right shapes, the biases zero"""
    params, _ = asked(student, sizes)
    for name, shape in shapes(*sizes, IMAGE).items():
        expect.shape(params[name], shape, name)
        if name.endswith(("b", "b1", "b2")):
            expect.close(params[name], np.zeros(shape), name)


@question.check(points=3, sizes=[(6, 30, 24, 20), (24, 16, 40, 12)])
def has_scale(student, rng, sizes):
    """draws weights of the standard deviation sqrt(2 / fan_in)"""
    for seed in ("torch.manual_seed", "numpy.random.seed"):  # a second run should see the same
        student.make(seed, 7)
    params, _ = asked(student, sizes)
    for name, shape in shapes(*sizes, IMAGE).items():
        expect.shape(params[name], shape, name)
        if len(shape) > 1:
            fan_in = shape[0] if name == "fc_w" else int(np.prod(shape[1:]))
            is_normal(params[name].values, (2 / fan_in) ** 0.5, name)


def is_normal(values, wanted, name):
    """Expect draws from a normal distribution. Each bound is six standard deviations of what it is about."""
    with np.errstate(all="ignore"):  # they may be of any size
        weights = values.astype(np.float64).ravel() / wanted
        mean, spread = float(weights.mean()), float(weights.std())
        kurtosis = float(((weights - mean) ** 4).mean() / np.float64(spread) ** 4)
    expect.that(
        abs(spread - 1) < 6 / np.sqrt(2 * weights.size),
        f"{name} has standard deviation {spread * wanted:.3g}, should be about {wanted:.3g}",
    )
    expect.that(abs(mean) < 6 / np.sqrt(weights.size), f"the mean of {name} is {mean * wanted:.3g}, should be about 0")
    expect.that(  # 3 for a normal distribution, 1.8 for a uniform one
        abs(kurtosis - 3) < 6 * np.sqrt(24 / weights.size), f"{name} is not drawn from a normal distribution"
    )


@question.check(points=2)
def can_be_trained(student, rng):
    """gives float32 tensors that gradients can be asked for"""
    params, kept = asked(student, (2, 3, 4, 5))
    for name, value in params.items():
        expect.that(value.dtype == "float32", f"{name} has dtype torch.{value.dtype}, should be torch.float32")
        expect.that(value.requires_grad, f"{name} does not require a gradient, so that it would never be trained")
    are_leaves(params, kept)


def are_leaves(params, kept):
    """Expect tensors that keep the gradients that reach them."""
    for index, name in enumerate(params):
        expect.that(
            kept.item(index).read("is_leaf:any") is True,
            f"{name} is the result of a computation that is recorded, so that its own gradient is thrown away:"
            " ask for gradients once it is made",
        )


@question.check(points=1)
def is_on_the_device(student, rng):
    """puts them where they are asked for"""
    on_any_device(student, lambda: are_leaves(*asked(student, (2, 3, 4, 5))))


@question.check(robust=True)
def draws_anew(student, rng):
    """draws other weights at every call"""
    (first, _), (second, _) = asked(student, (2, 3, 4, 5)), asked(student, (2, 3, 4, 5))
    for name in ("conv_w1", "conv_w2", "fc_w"):
        expect.that(
            first[name].shape != second[name].shape or bool(np.any(first[name].values != second[name].values)),
            f"{name} is the same at every call: leave the random generator's seed to the caller",
        )
