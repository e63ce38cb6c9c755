"""Wrong and other right answers to batchnorm_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("batchnorm_backward")


catalogue.wrong(
    "no-path-through-the-mean",
    "The way of x to the loss through the mean of the batch is missing.",
    edit=("dx = dx + dmu / N", "dx = dx + 0"),
)

catalogue.wrong(
    "no-path-through-the-variance",
    "The way of x to the loss through the variance of the batch is missing.",
    edit=("dcentred = dcentred + 2 * centred * dvar / N", "dcentred = dcentred + 0"),
)

catalogue.wrong(
    "statistics-as-constants",
    "Mean and variance are treated as constants; both depend on x, and each is a further way from x to the loss.",
    edit=[
        ("dx = dx + dmu / N", "dx = dx + 0"),
        ("dcentred = dcentred + 2 * centred * dvar / N", "dcentred = dcentred + 0"),
    ],
)

catalogue.wrong(
    "mean-path-not-averaged",
    "The gradient of the mean is added to every example in full; each example has only an N-th part in the mean.",
    edit=("dx = dx + dmu / N", "dx = dx + dmu"),
)

catalogue.wrong(
    "variance-path-not-averaged",
    "The variance is a mean over the batch, but its gradient is given to every example without that 1 / N.",
    edit=("2 * centred * dvar / N", "2 * centred * dvar"),
)

catalogue.wrong(
    "square-without-its-two",
    "The derivative of the square in the variance lacks its factor two.",
    edit=("2 * centred * dvar / N", "centred * dvar / N"),
)

catalogue.wrong(
    "root-without-its-half",
    "The derivative of the square root lacks its factor one half.",
    edit=("dvar = dstd / (2 * std)", "dvar = dstd / std"),
)

catalogue.wrong(
    "wrong-power-of-the-deviation",
    "The derivative of one divided by the deviation has the wrong power: deriving a power lowers its exponent by one.",
    edit=("(dx_hat * centred).sum(axis=0) / std**2", "(dx_hat * centred).sum(axis=0) / std"),
)

catalogue.wrong(
    "sign-of-the-deviation",
    "The gradient of the deviation has the wrong sign: the larger the deviation that is divided by, the smaller x_hat.",
    edit=("-(dx_hat * centred).sum(axis=0)", "(dx_hat * centred).sum(axis=0)"),
)

catalogue.wrong(
    "sign-of-the-mean",
    "The gradient of the mean has the wrong sign: the mean is subtracted on the way forward.",
    edit=("dmu = -dcentred.sum(axis=0)", "dmu = dcentred.sum(axis=0)"),
)

catalogue.wrong(
    "normalised-for-centred",
    "The gradient through the variance uses the normalised values; the derivative of the square has the centred ones.",
    edit=("2 * centred * dvar / N", "2 * x_hat * dvar / N"),
)

catalogue.wrong(
    "divides-by-the-number-of-features",
    "The means are taken over the number of features; mean and variance run over the examples of the batch.",
    edit=("N = dout.shape[0]", "N = dout.shape[1]"),
)

catalogue.wrong(
    "no-gamma",
    "gamma is missing in dx: the normalised values were scaled by it, and so is the gradient on its way back.",
    edit=("dx_hat = dout * gamma", "dx_hat = dout"),
)

catalogue.wrong(
    "dgamma-without-x-hat",
    "dgamma is the sum of the upstream gradient alone; gamma multiplies the normalised values, so these are its slope.",
    edit=("(dout * x_hat).sum(axis=0)", "dout.sum(axis=0) + 0"),
)

catalogue.wrong(
    "dgamma-of-centred",
    "dgamma uses the centred values; gamma multiplies the normalised ones.",
    edit=("(dout * x_hat).sum(axis=0)", "(dout * centred).sum(axis=0)"),
)

catalogue.wrong(
    "dgamma-of-the-output",
    "dgamma uses the scaled values; gamma multiplies the normalised ones as they are before scaling.",
    edit=("(dout * x_hat).sum(axis=0)", "(dout * x_hat * gamma).sum(axis=0)"),
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
    "parameters-summed-over-features",
    "dgamma and dbeta are summed over the features; every feature has its own, shared by the examples of the batch.",
    edit=[
        ("dbeta = dout.sum(axis=0)", "dbeta = dout.sum(axis=1)"),
        ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).sum(axis=1)"),
    ],
)

catalogue.wrong(
    "parameters-not-summed",
    "dgamma and dbeta have a row for each example; the batch shares the parameters, so its gradients add up.",
    edit=[("dbeta = dout.sum(axis=0)", "dbeta = dout"), ("(dout * x_hat).sum(axis=0)", "dout * x_hat")],
)


@catalogue.wrong(
    "eps-forgotten-on-the-way-back",
    "The deviation is computed anew without eps; the way back has to use the very values of the way forward.",
)
def batchnorm_backward(dout, cache):
    centred, _, x_hat, gamma = cache
    N = dout.shape[0]
    std = np.sqrt(np.mean(centred**2, axis=0))
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * centred, axis=0) * -0.5 * std**-3
    dmu = np.sum(-dx_hat / std, axis=0)
    dx = dx_hat / std + dvar * 2 * centred / N + dmu / N
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@catalogue.wrong(
    "scales-dout-in-place",
    "The upstream gradient is multiplied by gamma in place, and the caller still needs it as it was.",
)
def batchnorm_backward(dout, cache):
    _, std, x_hat, gamma = cache
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    dout *= gamma
    dx = (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / std
    return dx, dgamma, dbeta


@catalogue.wrong(
    "works-inside-the-cache",
    "The gradient is computed inside an array of the cache, so a second backward pass starts from other values.",
)
def batchnorm_backward(dout, cache):
    _, std, x_hat, gamma = cache
    dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)
    dx = x_hat
    dx *= -dgamma / dout.shape[0]
    dx += dout - dbeta / dout.shape[0]
    dx *= gamma / std
    return dx, dgamma, dbeta


@catalogue.wrong(
    "global-instead-of-cache",
    "The intermediate values are kept in a module-level variable, which the next forward pass overwrites; what the"
    " backward pass needs belongs in the cache, or two layers of one network get in each other's way.",
)
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        global saved
        std = np.sqrt(x.var(axis=0) + bn_param.get("eps", 1e-5))
        saved = (x - x.mean(axis=0)) / std, std, gamma
        return gamma * saved[0] + beta, None

    def batchnorm_backward(dout, cache):
        x_hat, std, gamma = saved
        d = dout * gamma
        dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / std
        return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@catalogue.right("simplified-formula")
def batchnorm_backward(dout, cache):
    _, std, x_hat, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


# The variance does not depend on the mean to first order: the deviations add up to zero.
catalogue.right(
    "mean-path-of-the-direct-part",
    edit=("dmu = -dcentred.sum(axis=0)", "dmu = -(dx_hat / std).sum(axis=0)"),
)


@catalogue.right("formulas-of-the-paper")
def batchnorm_backward(dout, cache):
    centred, std, x_hat, gamma = cache
    m = dout.shape[0]
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * centred * -0.5 * np.power(std**2, -1.5), axis=0)
    dmean = np.sum(dx_hat * -1.0 / std, axis=0) + dvar * np.sum(-2.0 * centred, axis=0) / m
    dx = dx_hat * (1.0 / std) + dvar * 2.0 * centred / m + dmean * (1.0 / m)
    return dx, (dout * x_hat).sum(0), dout.sum(0)


@catalogue.right("one-jacobian-per-feature")
def batchnorm_backward(dout, cache):
    _, std, x_hat, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D))
    for d in range(D):
        column = x_hat[:, d]
        jacobian = (np.eye(N) - np.ones((N, N)) / N - np.outer(column, column) / N) / std[d]
        dx[:, d] = gamma[d] * jacobian.T.dot(dout[:, d])
    return dx, np.einsum("nd,nd->d", dout, x_hat), np.ones(N).dot(dout)


@catalogue.right("small-steps-in-float32")
def batchnorm_backward(dout, cache):
    centred, std, x_hat, gamma = [value.astype(np.float32) for value in cache]
    dout = dout.astype(np.float32)
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dinverse = np.sum(dx_hat * centred, axis=0)
    dcentred1 = dx_hat / std
    dstd = -1.0 / (std**2) * dinverse
    dvar = 0.5 / std * dstd
    dsquare = np.ones((N, D), dtype=np.float32) / np.float32(N) * dvar
    dcentred2 = 2 * centred * dsquare
    dx1 = dcentred1 + dcentred2
    dmu = -1 * np.sum(dcentred1 + dcentred2, axis=0)
    dx2 = np.ones((N, D), dtype=np.float32) / np.float32(N) * dmu
    return dx1 + dx2, dgamma, dbeta


@catalogue.right("dict-cache-with-x")
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps = bn_param.get("eps", 1e-5)
        mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
        out = gamma * (x - mean) / np.sqrt(var + eps) + beta
        return out, {"x": x, "mean": mean, "var": var, "eps": eps, "gamma": gamma}

    def batchnorm_backward(dout, cache):
        centred, N = cache["x"] - cache["mean"], len(dout)
        std = np.sqrt(cache["var"] + cache["eps"])
        dgamma, dbeta = (dout * centred / std).sum(axis=0), dout.sum(axis=0)
        dx_hat = dout * cache["gamma"]
        dvar = -0.5 * (dx_hat * centred).sum(axis=0) / std**3
        dcentred = dx_hat / std + 2 * centred * dvar / N
        return dcentred - dcentred.mean(axis=0), dgamma, dbeta
