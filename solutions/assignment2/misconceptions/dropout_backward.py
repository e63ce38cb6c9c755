"""Wrong and other right answers to dropout_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("dropout_backward")

# No input tells these apart.
OUTSIDE = (
    "The mask is kept outside the cache, in a module-level variable or in dropout_param, which the next forward pass"
    " overwrites; what the backward pass needs belongs in the cache, or two layers of one network share a mask."
)


catalogue.wrong(
    "passes-all",
    "The gradient passes everywhere; a value that was dropped did not reach the loss.",
    edit=("dout if mask is None else dout * mask", "dout"),
)

catalogue.wrong(
    "not-scaled",
    "The gradient of the kept values is not scaled; they were scaled on their way forward, and so is their gradient.",
    edit=("dout * mask", "dout * (mask > 0)"),
)

catalogue.wrong(
    "scaled-twice",
    "The gradient of the kept values is scaled twice; each value was scaled just once on its way forward.",
    edit=("dout * mask", "dout * mask * mask.max()"),
)

catalogue.wrong(
    "unscaled-by-the-mask",
    "The gradient is multiplied by p where the values were divided by it; both ways have the same factor.",
    edit=("dout * mask", "dout * (mask > 0) / mask.max()"),
)

catalogue.wrong(
    "mask-the-wrong-way-round",
    "The gradient passes where values were dropped; it should pass where they were kept.",
    edit=("dout * mask", "dout * (mask == 0) * mask.max()"),
)

catalogue.wrong(
    "draws-a-new-mask",
    "A new mask is drawn on the way back; the gradient has to go through the very values that were kept.",
    edit=("dout * mask", "dout * np.random.permutation(mask.ravel()).reshape(mask.shape)"),
)

catalogue.wrong(
    "mask-only",
    "Only the mask is returned; by the chain rule it has to be multiplied by the upstream gradient.",
    edit=("dout * mask", "mask"),
)

catalogue.wrong(
    "no-test-mode",
    "Test mode is not handled, where there is no mask: the layer is the identity there, and so is its backward pass.",
    edit=("dout if mask is None else dout * mask", "dout * mask"),
)

catalogue.wrong(
    "zero-in-test-mode",
    "Nothing comes back in test mode; the layer is the identity there, so the gradient passes as it is.",
    edit=("dout if mask is None", "np.zeros_like(dout) if mask is None"),
)


@catalogue.wrong(
    "writes-into-dout",
    "The mask is multiplied into dout itself, and the caller still needs it as it was.",
)
def dropout_backward(dout, cache):
    if cache is not None:
        dout *= cache
    return dout


@catalogue.wrong(
    "writes-into-the-mask",
    "The gradient is multiplied into the mask of the cache, so a second backward pass finds another mask.",
)
def dropout_backward(dout, cache):
    if cache is None:
        return dout
    dx = cache
    dx *= dout
    return dx


@catalogue.wrong(
    "global-instead-of-cache",
    OUTSIDE,
)
class _:
    def dropout_forward(x, dropout_param):
        global last_mask
        last_mask = 1
        if dropout_param["mode"] == "train":
            np.random.seed(dropout_param.get("seed"))
            last_mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
        return x * last_mask, dropout_param

    def dropout_backward(dout, cache):
        return dout * last_mask


@catalogue.wrong(
    "mask-from-the-output",
    "Which values were kept is read off the output, but a value that was zero before, as after a relu, is zero there"
    " in any case.",
)
class _:
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return x, None
        np.random.seed(dropout_param.get("seed"))
        out = x * (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
        return out, (out, dropout_param["p"])

    def dropout_backward(dout, cache):
        if cache is None:
            return dout
        out, p = cache
        return dout * (out != 0) / p


@catalogue.wrong(
    "mask-from-positive-outputs",
    "A value is taken to be kept where the output is positive, but negative values are kept as well, and stay"
    " negative.",
)
class _:
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return x, None
        np.random.seed(dropout_param.get("seed"))
        out = x * (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
        return out, (out, dropout_param["p"])

    def dropout_backward(dout, cache):
        if cache is None:
            return dout
        out, p = cache
        return dout * (out > 0) / p


@catalogue.wrong(
    "mask-in-the-settings",
    OUTSIDE,
)
class _:
    def dropout_forward(x, dropout_param):
        np.random.seed(dropout_param.get("seed"))
        dropout_param["mask"] = 1.0
        if dropout_param["mode"] == "train":
            dropout_param["mask"] = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
        return x * dropout_param["mask"], dropout_param

    def dropout_backward(dout, cache):
        return dout * cache["mask"]


@catalogue.right("with-where")
def dropout_backward(dout, cache):
    if cache is None:
        return dout.copy()
    return np.where(cache > 0, dout * np.max(cache), 0)


@catalogue.right("loop-in-float32")
def dropout_backward(dout, cache):
    dx = np.array(dout, dtype=np.float32)
    if cache is not None:
        for index in np.ndindex(dout.shape):
            dx[index] *= cache[index]
    return dx


@catalogue.right("settings-and-mask-as-cache")
class _:
    def dropout_forward(x, dropout_param):
        np.random.seed(dropout_param.get("seed"))
        mask = np.random.rand(*x.shape) < dropout_param["p"]
        out = x * mask / dropout_param["p"] if dropout_param["mode"] == "train" else x
        return out, (dropout_param, mask)

    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        return mask / dropout_param["p"] * dout if dropout_param["mode"] == "train" else dout


@catalogue.right("places-as-cache")
class _:
    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if dropout_param["mode"] == "test":
            return x, {"kept": ..., "scale": 1}
        kept = np.nonzero(np.random.default_rng(dropout_param.get("seed")).random(x.shape) < p)
        out = np.zeros_like(x)
        out[kept] = x[kept] / p
        return out, {"kept": kept, "scale": 1 / p}

    def dropout_backward(dout, cache):
        kept = cache["kept"]
        dx = np.zeros_like(dout)
        dx[kept] = cache["scale"] * dout[kept]
        return dx
