"""Wrong and other right answers to spatial_batchnorm_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("spatial_batchnorm_forward")

TO_PIXELS = "x.transpose(0, 2, 3, 1).reshape(N * H * W, C)"
FROM_PIXELS = "out.reshape(N, H, W, C).transpose(0, 3, 1, 2)"


catalogue.wrong(
    "channels-not-moved-last",
    "The array is reshaped to rows of C numbers without moving the axis of the channels last, so every column mixes the"
    " channels.",
    edit=[(TO_PIXELS, "x.reshape(N * H * W, C)"), (FROM_PIXELS, "out.reshape(N, C, H, W)")],
)

catalogue.wrong(
    "channels-first-then-reshaped",
    "The channels are moved first and the array is then reshaped to C columns, which mixes them: a reshape keeps the"
    " order of the numbers, it does not transpose.",
    edit=[
        (TO_PIXELS, "x.transpose(1, 0, 2, 3).reshape(N * H * W, C)"),
        (FROM_PIXELS, "out.reshape(C, N, H, W).transpose(1, 0, 2, 3)"),
    ],
)

catalogue.wrong(
    "not-moved-back",
    "The result is reshaped to the shape of x at once; the channels were moved last, and have to be moved back.",
    edit=(FROM_PIXELS, "out.reshape(N, C, H, W)"),
)

catalogue.wrong(
    "moved-back-to-the-wrong-place",
    "The axes of the result are moved back by the same permutation as on the way there; it needs the inverse one.",
    edit=(FROM_PIXELS, "out.reshape(N, H, W, C).transpose(0, 2, 3, 1)"),
)

catalogue.wrong(
    "height-and-width-swapped",
    "Height and width change places on the way to the pixels and not on the way back, so values end up at other"
    " positions.",
    edit=(TO_PIXELS, "x.transpose(0, 3, 2, 1).reshape(N * H * W, C)"),
)


@catalogue.wrong(
    "per-position",
    "Every position of a channel gets statistics of its own, over the images only; a channel has one mean and one"
    " variance, over images, height and width.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    repeated = np.repeat(gamma, H * W), np.repeat(beta, H * W)
    out, cache = batchnorm_forward(x.reshape(N, -1), *repeated, bn_param)
    return out.reshape(N, C, H, W), cache


@catalogue.wrong(
    "per-image",
    "Every image gets statistics of its own: that is instance normalisation; a channel's statistics also run over the"
    " batch.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    out = np.zeros_like(x)
    for n in range(x.shape[0]):
        rows = x[n].reshape(x.shape[1], -1).T
        rows, cache = batchnorm_forward(rows, gamma, beta, bn_param)
        out[n] = rows.T.reshape(x[n].shape)
    return out, cache


@catalogue.wrong(
    "over-the-channels-too",
    "One mean and one variance are taken over everything; every channel needs its own.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    C = x.shape[1]
    column = x.reshape(-1, 1)
    x_hat, cache = batchnorm_forward(column, np.ones(1), np.zeros(1), bn_param)
    out = x_hat.reshape(x.shape) * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
    return out, cache


@catalogue.wrong(
    "eps-outside-the-root",
    "eps is added to the standard deviation; it belongs under the root, next to the variance.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"] = momentum * bn_param.get("running_mean", 0) + (1 - momentum) * mean
        bn_param["running_var"] = momentum * bn_param.get("running_var", 0) + (1 - momentum) * var
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    x_hat = (x - mean[:, None, None]) / (np.sqrt(var[:, None, None]) + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None], None


@catalogue.wrong(
    "batch-statistics-in-test-mode",
    "Test mode normalises with the statistics of its own images; an image's result must not depend on the others there,"
    " so use the running ones.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5))
    return gamma.reshape(1, -1, 1, 1) * x_hat + beta.reshape(1, -1, 1, 1), None


@catalogue.wrong(
    "copies-the-settings",
    "bn_param is copied before it is handed on, so the new running statistics are put into the copy and lost.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    pixels = np.moveaxis(x, 1, -1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, dict(bn_param))
    return np.moveaxis(out.reshape(N, H, W, C), -1, 1), cache


@catalogue.wrong(
    "drops-the-settings",
    "Only the mode is handed on to batch normalisation; eps, momentum and the running statistics in bn_param have no"
    " effect.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    pixels = np.moveaxis(x, 1, -1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, {"mode": bn_param["mode"]})
    return np.moveaxis(out.reshape(N, H, W, C), -1, 1), cache


@catalogue.wrong(
    "scale-and-shift-along-the-width",
    "gamma and beta are multiplied and added as they are, so broadcasting lays them along the width; they belong to the"
    " channels.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, np.ones(C), np.zeros(C), bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2) * gamma + beta, cache


@catalogue.wrong(
    "centres-x-in-place",
    "The mean is subtracted from x itself; the caller still needs the old values.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param.get("running_mean", 0), bn_param.get("running_var", 0)
    if bn_param["mode"] == "train":
        sample_mean, sample_var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * sample_mean
        bn_param["running_var"] = momentum * var + (1 - momentum) * sample_var
        mean, var = sample_mean, sample_var
    x -= mean[:, None, None]
    return x * (gamma / np.sqrt(var + eps))[:, None, None] + beta[:, None, None], None


@catalogue.wrong(
    "statistics-under-other-names",
    "The running statistics are kept under names of their own, so that those which the caller puts into bn_param are"
    " not used.",
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    own = bn_param.setdefault("state", {**bn_param, "running_mean": np.zeros(C), "running_var": np.zeros(C)})
    own["mode"] = bn_param["mode"]
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, own)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


catalogue.wrong(
    "transposes-square-images",
    "Rows and columns of the images are exchanged on the way back; images with as many of each keep their shape, and"
    " hide it.",
    edit=(FROM_PIXELS, "out.reshape(N, H, W, C).transpose(*((0, 3, 2, 1) if H == W else (0, 3, 1, 2)))"),
)


@catalogue.right("statistics-over-three-axes")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    shape = (1, x.shape[1], 1, 1)
    running_mean = np.reshape(bn_param.get("running_mean", np.zeros(shape)), shape)
    running_var = np.reshape(bn_param.get("running_var", np.zeros(shape)), shape)
    if bn_param["mode"] == "train":
        mean = np.mean(x, axis=(0, 2, 3), keepdims=True)
        var = np.var(x, axis=(0, 2, 3), keepdims=True)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean  # (1, C, 1, 1)
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma.reshape(shape) * x_hat + beta.reshape(shape), {"x": x, "x_hat": x_hat, "var": var}


@catalogue.right("one-row-per-channel")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows = x.swapaxes(0, 1).reshape(C, -1)
    out, cache = batchnorm_forward(rows.T, gamma, beta, bn_param)
    return out.T.reshape(C, N, H, W).swapaxes(0, 1), (cache, x.shape)


@catalogue.right("height-and-width-swapped-and-back")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 3, 2, 1).reshape(-1, C), gamma, beta, bn_param)
    return np.ascontiguousarray(out.reshape(N, W, H, C).transpose(0, 3, 2, 1)), cache


@catalogue.right("loop-over-channels-in-float32")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    C = x.shape[1]
    means = bn_param.setdefault("running_mean", np.zeros(C))
    variances = bn_param.setdefault("running_var", np.zeros(C))
    out = np.empty(x.shape, dtype=np.float32)
    for c in range(C):
        mean, var = means[c], variances[c]
        if bn_param["mode"] == "train":
            mean, var = np.mean(x[:, c]), np.var(x[:, c])
            means[c] = momentum * means[c] + (1 - momentum) * mean
            variances[c] = momentum * variances[c] + (1 - momentum) * var
        out[:, c] = gamma[c] * (x[:, c] - mean) / np.sqrt(var + eps) + beta[c]
    return out, (x, gamma)


@catalogue.right("einsum")
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    count = x.size // x.shape[1]
    if bn_param["mode"] == "train":
        mean = np.einsum("nchw->c", x) / count
        var = np.einsum("nchw,nchw->c", x, x) / count - mean**2
        for name, value in (("running_mean", mean), ("running_var", var)):
            bn_param[name] = momentum * bn_param.get(name, np.zeros_like(value)) + (1 - momentum) * value
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    scale = gamma / np.sqrt(var + eps)
    return np.einsum("nchw,c->nchw", x, scale) + (beta - mean * scale)[:, None, None], (x, mean, var)
