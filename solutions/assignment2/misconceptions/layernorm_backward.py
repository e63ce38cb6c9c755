"""Wrong and other right answers to layernorm_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("layernorm_backward")

PER_EXAMPLE = (
    "dgamma and dbeta have one number per example; every feature has its own, shared by the examples of the batch."
)

OF_BATCHNORM = (
    "The parts through mean and variance are averaged over the batch, as in batch normalisation; here the statistics"
    " belong to one example and run over its features."
)


catalogue.wrong(
    "means-over-the-batch",
    OF_BATCHNORM,
    edit=[
        ("dx_hat.mean(axis=1, keepdims=True)", "dx_hat.mean(axis=0)"),
        ("(dx_hat * x_hat).mean(axis=1, keepdims=True)", "(dx_hat * x_hat).mean(axis=0)"),
    ],
)

catalogue.wrong(
    "parameters-summed-over-features",
    PER_EXAMPLE,
    edit=[
        ("dbeta = dout.sum(axis=0)", "dbeta = dout.sum(axis=1)"),
        ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).sum(axis=1)"),
    ],
)

catalogue.wrong(
    "parameters-averaged",
    "dgamma and dbeta are averaged over the batch; the gradient of something shared is the sum over its uses.",
    edit=[
        ("dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)"),
        ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).mean(axis=0)"),
    ],
)

catalogue.wrong(
    "parameters-not-summed",
    "dgamma and dbeta have a row for each example; the batch shares the parameters, so its gradients add up.",
    edit=[("dbeta = dout.sum(axis=0)", "dbeta = dout"), ("(dout * x_hat).sum(axis=0)", "dout * x_hat")],
)

catalogue.wrong(
    "no-path-through-the-mean",
    "The way of x to the loss through the mean of its example is missing.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - x_hat * along_x_hat"),
)

catalogue.wrong(
    "no-path-through-the-variance",
    "The way of x to the loss through the variance of its example is missing.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - along_constant"),
)

catalogue.wrong(
    "statistics-as-constants",
    "Mean and variance are treated as constants; both depend on x, and each is a further way from x to the loss.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat"),
)

catalogue.wrong(
    "sums-for-means",
    "The parts through mean and variance are sums; both statistics are means, so divide by the number of features.",
    edit=[
        ("dx_hat.mean(axis=1, keepdims=True)", "dx_hat.sum(axis=1, keepdims=True)"),
        ("(dx_hat * x_hat).mean(axis=1, keepdims=True)", "(dx_hat * x_hat).sum(axis=1, keepdims=True)"),
    ],
)

catalogue.wrong(
    "divides-by-the-batch",
    "The parts through mean and variance are divided by the number of examples; the statistics are means over the"
    " features.",
    edit=[
        ("dx_hat.mean(axis=1, keepdims=True)", "dx_hat.sum(axis=1, keepdims=True) / len(dout)"),
        ("(dx_hat * x_hat).mean(axis=1, keepdims=True)", "(dx_hat * x_hat).sum(axis=1, keepdims=True) / len(dout)"),
    ],
)

catalogue.wrong(
    "no-gamma",
    "gamma is missing in dx: the normalised values were scaled by it, and so is the gradient on its way back.",
    edit=("dx_hat = dout * gamma", "dx_hat = dout"),
)

catalogue.wrong(
    "gamma-taken-out-of-the-means",
    "gamma multiplies the finished dx, as in batch normalisation; here the means run over features with different"
    " gammas, so it cannot be taken out of them.",
    edit=[
        ("dx_hat = dout * gamma", "dx_hat = dout"),
        ("x_hat * along_x_hat) / std", "x_hat * along_x_hat) * gamma / std"),
    ],
)

catalogue.wrong(
    "not-divided-by-the-deviation",
    "dx is not divided by the standard deviation: x was, on its way forward.",
    edit=("x_hat * along_x_hat) / std", "x_hat * along_x_hat)"),
)

catalogue.wrong(
    "dgamma-without-x-hat",
    "dgamma is the sum of the upstream gradient alone; gamma multiplies the normalised values, so these are its slope.",
    edit=("(dout * x_hat).sum(axis=0)", "dout.sum(axis=0) + 0"),
)

catalogue.wrong(
    "gamma-in-dgamma",
    "dgamma contains gamma: it is computed from the gradient after scaling, and should be from the one before.",
    edit=("(dout * x_hat).sum(axis=0)", "(dout * gamma * x_hat).sum(axis=0)"),
)


@catalogue.wrong(
    "backward-of-batchnorm",
    OF_BATCHNORM,
)
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    return batchnorm_backward_alt(dout, (None, std, x_hat, gamma))


@catalogue.wrong(
    "parameters-of-the-transposed",
    PER_EXAMPLE,
)
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    dx, dgamma, dbeta = batchnorm_backward_alt((dout * gamma).T, (None, std.T, x_hat.T, np.ones((1, len(dout)))))
    return dx.T, dgamma, dbeta


catalogue.wrong(
    "scales-dout-in-place",
    "The upstream gradient is multiplied by gamma in place, and the caller still needs it as it was.",
    edit=("dx_hat = dout * gamma", "dout *= gamma\n    dx_hat = dout"),
)


@catalogue.wrong(
    "works-inside-the-cache",
    "The gradient is computed inside an array of the cache, so a second backward pass starts from other values.",
)
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    x_hat *= np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    return (dx_hat - np.mean(dx_hat, axis=1, keepdims=True) - x_hat) / std, dgamma, dbeta


@catalogue.right("batchnorm-of-the-transposed")
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    N = dout.shape[0]
    dx, _, _ = batchnorm_backward_alt((dout * gamma).T, (None, std[:, 0], x_hat.T, np.ones(N)))
    return dx.T, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@catalogue.right("walk-through-the-graph")
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    D = dout.shape[1]
    centred = x_hat * std
    dx_hat = dout * gamma
    dstd = np.sum(dx_hat * centred, axis=1, keepdims=True) * -1 / std**2
    dvar = dstd * 0.5 / std
    dcentred = dx_hat / std + dvar * 2 / D * centred
    dmean = -np.sum(dcentred, axis=1, keepdims=True)
    return dcentred + dmean / D, (dout * x_hat).sum(0), dout.sum(0)


@catalogue.right("one-jacobian-per-example")
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    D = dout.shape[1]
    jacobians = (np.eye(D) - 1 / D - np.einsum("ni,nj->nij", x_hat, x_hat) / D) / std[:, :, None]
    dx = np.einsum("nij,nj->ni", jacobians, dout * gamma)
    return dx, np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)


@catalogue.right("loop-in-float32")
def layernorm_backward(dout, cache):
    std, x_hat, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D), dtype=np.float32)
    dgamma = np.zeros(D, dtype=np.float32)
    dbeta = np.zeros(D, dtype=np.float32)
    for n in range(N):
        d = dout[n] * gamma
        dx[n] = (D * d - d.sum() - x_hat[n] * d.dot(x_hat[n])) / (D * std[n])
        dgamma += dout[n] * x_hat[n]
        dbeta += dout[n]
    return dx, dgamma, dbeta


@catalogue.right("dict-cache-with-x")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        cache = {"x": x, "gamma": gamma, **ln_param}
        mean, var = x.mean(1)[:, None], x.var(1)[:, None]
        return gamma * (x - mean) / np.sqrt(var + ln_param["eps"]) + beta, cache

    def layernorm_backward(dout, cache):
        x, d = cache["x"], dout * cache["gamma"]
        std = np.sqrt(x.var(axis=1, keepdims=True) + cache["eps"])
        x_hat = (x - x.mean(axis=1, keepdims=True)) / std
        along = x_hat * (d * x_hat).mean(axis=1, keepdims=True)
        dx = (d - d.mean(axis=1, keepdims=True) - along) / std
        return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
