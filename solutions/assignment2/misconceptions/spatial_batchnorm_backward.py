"""Wrong and other right answers to spatial_batchnorm_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("spatial_batchnorm_backward")

TO_PIXELS = "dout.transpose(0, 2, 3, 1).reshape(N * H * W, C)"
FROM_PIXELS = "dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)"


catalogue.wrong(
    "channels-not-moved-last",
    "dout is reshaped to rows of C numbers without moving the axis of the channels last, so every column mixes the"
    " channels.",
    edit=[(TO_PIXELS, "dout.reshape(N * H * W, C)"), (FROM_PIXELS, "dx.reshape(N, C, H, W)")],
)

catalogue.wrong(
    "channels-first-then-reshaped",
    "The channels are moved first and the array is then reshaped to C columns, which mixes them: a reshape keeps the"
    " order of the numbers, it does not transpose.",
    edit=[
        (TO_PIXELS, "dout.transpose(1, 0, 2, 3).reshape(N * H * W, C)"),
        (FROM_PIXELS, "dx.reshape(C, N, H, W).transpose(1, 0, 2, 3)"),
    ],
)

catalogue.wrong(
    "not-moved-back",
    "dx is reshaped to the shape of x at once; the channels were moved last, and have to be moved back.",
    edit=(FROM_PIXELS, "dx.reshape(N, C, H, W)"),
)

catalogue.wrong(
    "stays-with-the-pixels",
    "dx is returned with one row per pixel; a gradient has the shape of the array that it belongs to.",
    edit=(FROM_PIXELS, "dx"),
)

catalogue.wrong(
    "channels-stay-last",
    "dx is returned with its channels last; a gradient has the shape of the array that it belongs to.",
    edit=(FROM_PIXELS, "dx.reshape(N, H, W, C)"),
)

catalogue.wrong(
    "height-and-width-swapped",
    "Height and width change places in dout and not in the values of the forward pass, so the two do not fit together.",
    edit=[
        (TO_PIXELS, "dout.transpose(0, 3, 2, 1).reshape(N * H * W, C)"),
        (FROM_PIXELS, "dx.reshape(N, W, H, C).transpose(0, 3, 2, 1)"),
    ],
)


@catalogue.wrong(
    "per-image",
    "The backward pass goes image by image, as if each had statistics of its own; a channel's statistics run over the"
    " batch.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    centred, std, x_hat, gamma = cache
    dx, dgamma, dbeta = np.zeros_like(dout), 0, 0
    for n in range(N):
        own = slice(n * H * W, (n + 1) * H * W)
        part = (centred[own], std, x_hat[own], gamma)
        rows, a, b = batchnorm_backward(dout[n].reshape(C, -1).T, part)
        dx[n] = rows.T.reshape(C, H, W)
        dgamma, dbeta = dgamma + a, dbeta + b
    return dx, dgamma, dbeta


@catalogue.wrong(
    "statistics-as-constants",
    "Mean and variance are treated as constants; both depend on x, and each is a further way from x to the loss.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    _, std, x_hat, gamma = cache
    x_hat = x_hat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    dx = dout * (gamma / std).reshape(1, C, 1, 1)
    return dx, np.sum(dout * x_hat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))


@catalogue.wrong(
    "averages-over-the-images-only",
    "The parts through mean and variance are divided by the number of images; a channel has as many values as there are"
    " pixels in all images.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    _, std, x_hat, gamma = cache
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dbeta, dgamma = d.sum(axis=0), (d * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * d - dbeta - x_hat * dgamma)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


@catalogue.wrong(
    "parameters-per-position",
    "dgamma and dbeta are summed over the images only; all positions of a channel share its scale and shift.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    x_hat = cache[2].reshape(N, H, W, C).transpose(0, 3, 1, 2)
    dx, _, _ = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@catalogue.wrong(
    "parameters-averaged",
    "dgamma and dbeta are averaged over images and positions; the gradient of something shared is the sum over its"
    " uses.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    M = N * H * W
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma / M, dbeta / M


catalogue.wrong(
    "parameters-in-four-axes",
    "dgamma and dbeta have four axes; a gradient has the shape of the array that it belongs to, here one number per"
    " channel.",
    edit=("transpose(0, 3, 1, 2), dgamma, dbeta", "transpose(0, 3, 1, 2), dgamma[:, None, None], dbeta[:, None, None]"),
)


@catalogue.wrong(
    "works-inside-the-cache",
    "The gradient is computed inside an array of the cache, so a second backward pass starts from other values.",
)
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    _, std, x_hat, gamma = cache
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dbeta, dgamma = d.sum(axis=0), (d * x_hat).sum(axis=0)
    x_hat *= dgamma / len(d)
    dx = (d - dbeta / len(d) - x_hat) * gamma / std
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


@catalogue.right("simplified-form")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward_alt(np.moveaxis(dout, 1, 3).reshape(-1, C), cache)
    return np.moveaxis(dx.reshape(N, H, W, C), 3, 1), dgamma, dbeta


@catalogue.right("four-axes-throughout")
def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    _, std, x_hat, gamma = cache
    x_hat = x_hat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    axes = (0, 2, 3)
    dbeta, dgamma = np.sum(dout, axis=axes), np.sum(dout * x_hat, axis=axes)
    M = N * H * W
    scale = (gamma / std / M).reshape(1, -1, 1, 1)
    dx = scale * (M * dout - dbeta.reshape(1, -1, 1, 1) - x_hat * dgamma.reshape(1, -1, 1, 1))
    return dx, dgamma, dbeta


@catalogue.right("loop-over-channels-in-float32")
def spatial_batchnorm_backward(dout, cache):
    C = dout.shape[1]
    dx = np.zeros(dout.shape, dtype=np.float32)
    dgamma, dbeta = np.zeros((2, C), dtype=np.float32)
    for c in range(C):
        part = [np.asarray(value)[..., c : c + 1] for value in cache]
        column = dout[:, c].reshape(-1, 1)
        d, dgamma[c : c + 1], dbeta[c : c + 1] = batchnorm_backward(column, part)
        dx[:, c] = d.reshape(dx[:, c].shape)
    return dx, dgamma, dbeta


@catalogue.right("dict-cache-with-x")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
        std = np.sqrt(var + bn_param["eps"])
        x_hat = (x - mean) / std
        gamma = gamma.reshape(1, -1, 1, 1)
        return gamma * x_hat + beta.reshape(1, -1, 1, 1), {"gamma": gamma, "std": std, "x_hat": x_hat}

    def spatial_batchnorm_backward(dout, cache):
        axes, x_hat = (0, 2, 3), cache["x_hat"]
        d = dout * cache["gamma"]
        along = x_hat * (d * x_hat).mean(axes, keepdims=True)
        dx = (d - d.mean(axes, keepdims=True) - along) / cache["std"]
        return dx, (dout * x_hat).sum(axes), dout.sum(axes)
