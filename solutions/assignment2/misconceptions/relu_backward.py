"""Wrong and other right answers to relu_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("relu_backward")

WRITTEN = "The x of the cache is written into; it is the output of the layer below, which still needs it."
OF_THE_GRADIENT = "The sign of the upstream gradient decides what passes; it is the sign of the input that does."


catalogue.wrong(
    "passes-all",
    "The gradient passes everywhere; where the input was negative, the output does not depend on it.",
    edit=("dout * (x > 0)", "dout"),
)

catalogue.wrong(
    "mask-of-the-gradient",
    OF_THE_GRADIENT,
    edit=("dout * (x > 0)", "dout * (dout > 0)"),
)

catalogue.wrong(
    "both-masks",
    "Negative upstream gradients are dropped as well; a gradient may have either sign, only the input's sign matters.",
    edit=("dout * (x > 0)", "dout * (x > 0) * (dout > 0)"),
)

catalogue.wrong(
    "times-the-output",
    "The upstream gradient is multiplied by the output; the slope of the function is zero or one, not its value.",
    edit=("dout * (x > 0)", "dout * np.maximum(x, 0)"),
)

catalogue.wrong(
    "slope-only",
    "Only the slope of the function itself is returned; by the chain rule it has to be multiplied by the upstream"
    " gradient.",
    edit=("dout * (x > 0)", "(x > 0).astype(float)"),
)

catalogue.wrong(
    "relu-of-the-gradient",
    OF_THE_GRADIENT,
    edit=("dout * (x > 0)", "np.maximum(dout, 0)"),
)

catalogue.wrong(
    "mask-the-wrong-way-round",
    "The gradient passes where the input was negative; it should pass where the input was positive.",
    edit=("dout * (x > 0)", "dout * (x < 0)"),
)

catalogue.wrong(
    "leaky",
    "A little of the gradient passes where the input was negative: that is the leaky variant; here the slope is zero.",
    edit=("dout * (x > 0)", "np.where(x > 0, dout, 0.01 * dout)"),
)


@catalogue.wrong(
    "writes-into-dout",
    "The gradient is set to zero in dout itself; the layer above may still need it.",
)
def relu_backward(dout, cache):
    dx, x = dout, cache
    dx[x <= 0] = 0
    return dx


@catalogue.wrong(
    "mask-written-into-the-cache",
    WRITTEN,
)
def relu_backward(dout, cache):
    x = cache
    x[x <= 0] = 0
    x[x > 0] = 1
    return x * dout


@catalogue.wrong(
    "gradient-written-into-the-cache",
    WRITTEN,
)
def relu_backward(dout, cache):
    x = cache
    x[...] = np.where(x > 0, dout, 0)
    return x


@catalogue.wrong(
    "global-instead-of-cache",
    "The mask is kept in a module-level variable, which the next forward pass overwrites; what the backward pass needs"
    " belongs in the cache.",
)
class _:
    def relu_forward(x):
        global positive
        positive = x > 0
        return x * positive, x

    def relu_backward(dout, cache):
        return dout * positive


@catalogue.right("passes-at-zero")
def relu_backward(dout, cache):
    return np.where(cache >= 0, dout, 0)


@catalogue.right("half-at-zero")
def relu_backward(dout, cache):
    return dout * np.heaviside(cache, 0.5)


@catalogue.right("changes-a-copy-in-float32")
def relu_backward(dout, cache):
    dx = np.array(dout, dtype=np.float32)
    dx[cache <= 0] = 0
    return dx


@catalogue.right("loop")
def relu_backward(dout, cache):
    dx = np.zeros_like(dout)
    for index, value in np.ndenumerate(cache):
        if value > 0:
            dx[index] = dout[index]
    return dx


@catalogue.right("mask-as-cache")
class _:
    def relu_forward(x):
        mask = (x > 0).astype(np.int8)
        return mask * x, {"mask": mask}

    def relu_backward(dout, cache):
        return cache["mask"] * dout
