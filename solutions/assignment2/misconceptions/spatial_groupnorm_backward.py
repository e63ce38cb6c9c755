"""Wrong and other right answers to spatial_groupnorm_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("spatial_groupnorm_backward")


catalogue.wrong(
    "no-path-through-the-mean",
    "The way of x to the loss through the mean of its group is missing.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - x_hat * along_x_hat"),
)

catalogue.wrong(
    "no-path-through-the-variance",
    "The way of x to the loss through the variance of its group is missing.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - along_constant"),
)

catalogue.wrong(
    "statistics-as-constants",
    "Mean and variance are treated as constants; both depend on x, and each is a further way from x to the loss.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat"),
)

catalogue.wrong(
    "means-per-pixel",
    "The parts through mean and variance are averaged over the group's channels only; the statistics also run over all"
    " positions.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4)", "dx_hat.mean(axis=2"),
        ("(dx_hat * x_hat).mean(axis=(2, 3, 4)", "(dx_hat * x_hat).mean(axis=2"),
    ],
)

catalogue.wrong(
    "means-per-channel",
    "The parts through mean and variance are averaged for each channel by itself; the channels of a group share their"
    " statistics.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4)", "dx_hat.mean(axis=(3, 4)"),
        ("(dx_hat * x_hat).mean(axis=(2, 3, 4)", "(dx_hat * x_hat).mean(axis=(3, 4)"),
    ],
)

catalogue.wrong(
    "means-over-the-image",
    "The parts through mean and variance are averaged over all channels of an image; the statistics belong to one"
    " group.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4)", "dx_hat.mean(axis=(1, 2, 3, 4)"),
        ("(dx_hat * x_hat).mean(axis=(2, 3, 4)", "(dx_hat * x_hat).mean(axis=(1, 2, 3, 4)"),
    ],
)

catalogue.wrong(
    "means-over-the-batch",
    "The parts through mean and variance are averaged over the images as well; the statistics belong to one image.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4)", "dx_hat.mean(axis=(0, 2, 3, 4)"),
        ("(dx_hat * x_hat).mean(axis=(2, 3, 4)", "(dx_hat * x_hat).mean(axis=(0, 2, 3, 4)"),
    ],
)

catalogue.wrong(
    "sums-for-means",
    "The parts through mean and variance are sums; both statistics are means, so divide by the number of values in a"
    " group.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4)", "dx_hat.sum(axis=(2, 3, 4)"),
        ("(dx_hat * x_hat).mean(axis=(2, 3, 4)", "(dx_hat * x_hat).sum(axis=(2, 3, 4)"),
    ],
)

catalogue.wrong(
    "divides-by-the-positions",
    "The parts through mean and variance are divided by the number of positions; a group has that many values in each"
    " of its channels.",
    edit=[
        ("dx_hat.mean(axis=(2, 3, 4), keepdims=True)", "dx_hat.sum(axis=(2, 3, 4), keepdims=True) / (H * W)"),
        (
            "(dx_hat * x_hat).mean(axis=(2, 3, 4), keepdims=True)",
            "(dx_hat * x_hat).sum(axis=(2, 3, 4), keepdims=True) / (H * W)",
        ),
    ],
)

catalogue.wrong(
    "g-as-the-size-of-a-group",
    "G is taken for the number of channels in a group; it is the number of groups.",
    edit=[
        ("(dout * gamma).reshape(N, G, C // G, H, W)", "(dout * gamma).reshape(N, C // G, G, H, W)"),
        ("x_hat.reshape(N, G, C // G, H, W)", "x_hat.reshape(N, C // G, G, H, W)"),
    ],
)

catalogue.wrong(
    "no-gamma",
    "gamma is missing in dx: the normalised values were scaled by it, and so is the gradient on its way back.",
    edit=("(dout * gamma)", "dout"),
)

catalogue.wrong(
    "gamma-taken-out-of-the-means",
    "gamma multiplies the finished dx; the means run over channels with different gammas, so it cannot be taken out of"
    " them.",
    edit=[("(dout * gamma)", "dout"), ("return dx.reshape(N, C, H, W)", "return dx.reshape(N, C, H, W) * gamma")],
)

catalogue.wrong(
    "not-divided-by-the-deviation",
    "dx is not divided by the standard deviation: x was, on its way forward.",
    edit=("x_hat * along_x_hat) / std", "x_hat * along_x_hat)"),
)

catalogue.wrong(
    "parameters-per-image",
    "dgamma and dbeta have numbers for each image; the images share the parameters, so their gradients add up.",
    edit=[
        ("dout.sum(axis=(0, 2, 3), keepdims=True)", "dout.sum(axis=(2, 3), keepdims=True)"),
        ("(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)", "(dout * x_hat).sum(axis=(2, 3), keepdims=True)"),
    ],
)

catalogue.wrong(
    "parameters-per-position",
    "dgamma and dbeta have numbers for each position; all positions of a channel share its scale and shift.",
    edit=[
        ("dout.sum(axis=(0, 2, 3), keepdims=True)", "dout.sum(axis=0, keepdims=True)"),
        ("(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)", "(dout * x_hat).sum(axis=0, keepdims=True)"),
    ],
)

catalogue.wrong(
    "parameters-averaged",
    "dgamma and dbeta are averaged over images and positions; the gradient of something shared is the sum over its"
    " uses.",
    edit=[
        ("dout.sum(axis=(0, 2, 3), keepdims=True)", "dout.mean(axis=(0, 2, 3), keepdims=True)"),
        ("(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)", "(dout * x_hat).mean(axis=(0, 2, 3), keepdims=True)"),
    ],
)

catalogue.wrong(
    "dgamma-without-x-hat",
    "dgamma is the sum of the upstream gradient alone; gamma multiplies the normalised values, so these are its slope.",
    edit=("(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)", "dbeta + 0"),
)

catalogue.wrong(
    "gamma-in-dgamma",
    "dgamma contains gamma: it is computed from the gradient after scaling, and should be from the one before.",
    edit=(
        "(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)",
        "(dout * gamma * x_hat).sum(axis=(0, 2, 3), keepdims=True)",
    ),
)

catalogue.wrong(
    "scales-dout-in-place",
    "The upstream gradient is multiplied by gamma in place, and the caller still needs it as it was.",
    edit=("dx_hat = (dout * gamma)", "dout *= gamma\n    dx_hat = dout"),
)


@catalogue.wrong(
    "backward-of-spatial-batchnorm",
    "This averages over the images and within each channel, as spatial batch normalisation does; the statistics here"
    " belong to one group of one image.",
)
def spatial_groupnorm_backward(dout, cache):
    std, x_hat, gamma, G = cache
    axes = (0, 2, 3)
    dbeta, dgamma = dout.sum(axis=axes, keepdims=True), (dout * x_hat).sum(axis=axes, keepdims=True)
    M = dout.size // dout.shape[1]
    std = np.repeat(std.reshape(len(dout), G, 1, 1), dout.shape[1] // G, axis=1)
    return gamma / (M * std) * (M * dout - dbeta - x_hat * dgamma), dgamma, dbeta


@catalogue.right("parameters-with-one-axis")
def spatial_groupnorm_backward(dout, cache):
    std, x_hat, gamma, G = cache
    shape = dout.shape
    dgamma, dbeta = np.einsum("nchw,nchw->c", dout, x_hat), np.einsum("nchw->c", dout)
    d, h = (dout * gamma).reshape(shape[0], G, -1), x_hat.reshape(shape[0], G, -1)
    dx = d - d.mean(axis=2, keepdims=True) - h * np.einsum("ngk,ngk->ng", d, h)[:, :, None] / d.shape[2]
    return (dx / std.reshape(shape[0], G, 1)).reshape(shape), dgamma, dbeta


@catalogue.right("layernorm-of-the-groups")
def spatial_groupnorm_backward(dout, cache):
    std, x_hat, gamma, G = cache
    rows = len(dout) * G
    d, h = np.reshape(dout * gamma, (rows, -1)), np.reshape(x_hat, (rows, -1))
    dx, _, _ = layernorm_backward(d, (std.reshape(rows, 1), h, np.ones(h.shape[1])))
    dbeta = np.sum(dout, axis=(0, 2, 3))[None, :, None, None]
    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3))[None, :, None, None]
    return dx.reshape(dout.shape), dgamma, dbeta


@catalogue.right("walk-through-the-graph")
def spatial_groupnorm_backward(dout, cache):
    std, x_hat, gamma, G = cache
    N, C, H, W = dout.shape
    M = C // G * H * W
    std = std.reshape(N * G, 1)
    centred = x_hat.reshape(N * G, M) * std
    dx_hat = (dout * gamma).reshape(N * G, M)
    dvar = np.sum(dx_hat * centred, axis=1, keepdims=True) * -0.5 * std**-3
    dmean = -np.sum(dx_hat / std, axis=1, keepdims=True) - 2 * dvar * np.mean(centred, axis=1, keepdims=True)
    dx = dx_hat / std + dvar * 2 * centred / M + dmean / M
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    return dx.reshape(N, C, H, W), np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True), dbeta


@catalogue.right("loops-in-float32")
def spatial_groupnorm_backward(dout, cache):
    std, x_hat, gamma, G = cache
    N, C, _, _ = dout.shape
    dx = np.zeros(dout.shape, dtype=np.float32)
    dgamma, dbeta = np.zeros((2, 1, C, 1, 1), dtype=np.float32)
    for n in range(N):
        for g in range(G):
            own = slice(g * C // G, (g + 1) * C // G)
            h, d = x_hat[n, own], dout[n, own] * gamma[0, own]
            dx[n, own] = (d - d.mean() - h * (d * h).mean()) / std[n, g, 0, 0, 0]
        for c in range(C):
            dgamma[0, c] += np.vdot(dout[n, c], x_hat[n, c])
            dbeta[0, c] += dout[n, c].sum()
    return dx, dgamma, dbeta


@catalogue.right("dict-cache-with-x")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        eps, groups = gn_param.get("eps", 1e-5), x.reshape(len(x), G, -1)
        mean, var = groups.mean(axis=2, keepdims=True), groups.var(axis=2, keepdims=True)
        x_hat = ((groups - mean) / np.sqrt(var + eps)).reshape(x.shape)
        return gamma * x_hat + beta, {"x": x, "gamma": gamma, "G": G, "eps": eps}

    def spatial_groupnorm_backward(dout, cache):
        groups = cache["x"].reshape(len(dout), cache["G"], -1)
        std = np.sqrt(groups.var(axis=2, keepdims=True) + cache["eps"])
        x_hat = (groups - groups.mean(axis=2, keepdims=True)) / std
        d = (dout * cache["gamma"]).reshape(groups.shape)
        dx = (d - d.mean(axis=2, keepdims=True) - x_hat * (d * x_hat).mean(axis=2, keepdims=True)) / std
        axes, x_hat = (0, 2, 3), x_hat.reshape(dout.shape)
        dgamma, dbeta = (dout * x_hat).sum(axis=axes, keepdims=True), dout.sum(axis=axes, keepdims=True)
        return dx.reshape(dout.shape), dgamma, dbeta
