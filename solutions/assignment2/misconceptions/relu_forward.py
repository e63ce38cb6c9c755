"""Wrong and other right answers to relu_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("relu_forward")


catalogue.wrong(
    "leaky",
    "Negative values keep a small slope: that is the leaky variant; a plain rectified linear unit makes them zero.",
    edit=("np.maximum(x, 0)", "np.maximum(0.01 * x, x)"),
)

catalogue.wrong(
    "absolute-value",
    "Negative values are turned positive; they should become zero.",
    edit=("np.maximum(x, 0)", "np.abs(x)"),
)

catalogue.wrong(
    "keeps-the-negative-part",
    "The negative part of x is kept and the positive part dropped; it should be the other way round.",
    edit=("np.maximum(x, 0)", "np.minimum(x, 0)"),
)

catalogue.wrong(
    "largest-along-an-axis",
    "The largest value along an axis is taken, which loses that axis; every element should be compared with zero by"
    " itself.",
    edit=("np.maximum(x, 0)", "np.max(x, 0)"),
)

catalogue.wrong(
    "mask-only",
    "The result only says where x is positive; there, the value itself should pass.",
    edit=("np.maximum(x, 0)", "(x > 0).astype(float)"),
)

catalogue.wrong(
    "saturates-at-one",
    "Values above one are cut off; a rectified linear unit has no upper bound.",
    edit=("np.maximum(x, 0)", "np.clip(x, 0, 1)"),
)

catalogue.wrong(
    "saturates-at-six",
    "Values above six are cut off: that is the variant called ReLU6; a plain rectified linear unit has no upper bound.",
    edit=("np.maximum(x, 0)", "np.minimum(np.maximum(x, 0), 6)"),
)

catalogue.wrong(
    "softplus",
    "A smooth function is used in place of the kink, and it is not zero for negative values.",
    edit=("np.maximum(x, 0)", "np.log(1 + np.exp(x))"),
)


@catalogue.wrong(
    "writes-into-x",
    "The negative values are set to zero in x itself: giving an array a second name makes no copy, and the caller still"
    " needs the old values.",
)
def relu_forward(x):
    out = x
    out[out < 0] = 0
    return out, x


@catalogue.right("multiplies-by-the-mask")
def relu_forward(x):
    mask = x > 0
    return x * mask, mask


@catalogue.right("half-sum-in-float32")
def relu_forward(x):
    x = x.astype(np.float32)
    return (x + np.abs(x)) / 2, {"x": x}


@catalogue.right("changes-a-copy")
def relu_forward(x):
    out = x.copy()
    out[x < 0] = 0.0
    return out, (x, out)


@catalogue.right("loop")
def relu_forward(x):
    out = np.array([value if value > 0 else 0.0 for value in x.flatten()])
    return out.reshape(x.shape), x


@catalogue.right("clips-from-below-in-column-order")
def relu_forward(x):
    return np.asfortranarray(np.clip(x, 0, np.inf)), x


catalogue.right("output-as-cache", edit=("return out, x", "return out, out"))


@catalogue.right("lambda")
def relu_forward(x):
    relu = lambda values: np.where(values < 0, 0, values)  # noqa: E731 - as students write
    return relu(x), x
