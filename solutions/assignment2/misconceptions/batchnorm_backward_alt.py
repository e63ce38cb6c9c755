"""Wrong and other right answers to batchnorm_backward_alt."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("batchnorm_backward_alt")


catalogue.wrong(
    "part-along-the-constant-stays",
    "The part of the gradient along the constant vector is not removed: adding one number to all examples of a feature"
    " changes nothing, so the gradient of a feature must add up to zero.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - x_hat * along_x_hat"),
)

catalogue.wrong(
    "part-along-x-hat-stays",
    "The part of the gradient along the normalised values is not removed: that is the way through the variance.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat - along_constant"),
)

catalogue.wrong(
    "statistics-as-constants",
    "Mean and variance are treated as constants; both depend on x, and the simplified formula has a term for each.",
    edit=("dx_hat - along_constant - x_hat * along_x_hat", "dx_hat"),
)

catalogue.wrong(
    "sums-for-means",
    "The two removed parts are sums over the batch; both come from means, so each is divided by N.",
    edit=[
        ("dx_hat.mean(axis=0)", "dx_hat.sum(axis=0)"),
        ("(dx_hat * x_hat).mean(axis=0)", "(dx_hat * x_hat).sum(axis=0)"),
    ],
)

catalogue.wrong(
    "sum-along-the-constant",
    "The part along the constant vector is a sum over the batch; it comes from the mean, so it is divided by N.",
    edit=("dx_hat.mean(axis=0)", "dx_hat.sum(axis=0)"),
)

catalogue.wrong(
    "sum-along-x-hat",
    "The part along the normalised values is a sum over the batch; the variance is a mean, so it is divided by N.",
    edit=("(dx_hat * x_hat).mean(axis=0)", "(dx_hat * x_hat).sum(axis=0)"),
)


@catalogue.wrong(
    "n-times-too-large",
    "dx is N times too large: after bringing the formula to a common denominator, its 1 / N was lost.",
)
def batchnorm_backward_alt(dout, cache):
    _, std, x_hat, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = gamma / std * (N * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@catalogue.wrong(
    "eps-forgotten-on-the-way-back",
    "The deviation is computed anew without eps; the way back has to use the very values of the way forward.",
)
def batchnorm_backward_alt(dout, cache):
    centred, _, x_hat, gamma = cache
    N = dout.shape[0]
    dbeta, dgamma = dout.sum(axis=0), np.sum(dout * x_hat, axis=0)
    dx = gamma / N / centred.std(axis=0) * (N * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@catalogue.wrong(
    "centred-for-normalised",
    "The centred values stand where the normalised ones belong: the direction that is removed must have unit variance.",
)
def batchnorm_backward_alt(dout, cache):
    centred, std, x_hat, gamma = cache
    dbeta, dgamma = dout.sum(axis=0), np.sum(dout * x_hat, axis=0)
    N = len(dout)
    dx = gamma / (N * std) * (N * dout - dbeta - centred * np.sum(dout * centred, axis=0))
    return dx, dgamma, dbeta


catalogue.wrong(
    "no-gamma",
    "gamma is missing in dx: the normalised values were scaled by it, and so is the gradient on its way back.",
    edit=("dx_hat = dout * gamma", "dx_hat = dout"),
)

catalogue.wrong(
    "gamma-on-one-term-only",
    "gamma scales the first term only; it multiplies the whole upstream gradient, and so every term.",
    edit=[
        ("dx_hat.mean(axis=0)", "dout.mean(axis=0)"),
        ("(dx_hat * x_hat).mean(axis=0)", "(dout * x_hat).mean(axis=0)"),
    ],
)

catalogue.wrong(
    "not-divided-by-the-deviation",
    "dx is not divided by the standard deviation: x was, on its way forward.",
    edit=("x_hat * along_x_hat) / std", "x_hat * along_x_hat)"),
)

catalogue.wrong(
    "divided-by-the-variance",
    "dx is divided by the variance; x was divided by its root, the standard deviation.",
    edit=("x_hat * along_x_hat) / std", "x_hat * along_x_hat) / std**2"),
)

catalogue.wrong(
    "sign-along-x-hat",
    "The part along the normalised values is added; both parts are removed from the gradient.",
    edit=("- x_hat * along_x_hat", "+ x_hat * along_x_hat"),
)

catalogue.wrong(
    "n-minus-one",
    "The parts are averaged with N - 1; the variance of the forward pass is the biased one, which divides by N.",
    edit=[
        ("dx_hat.mean(axis=0)", "dx_hat.sum(axis=0) / (len(dout) - 1)"),
        ("(dx_hat * x_hat).mean(axis=0)", "(dx_hat * x_hat).sum(axis=0) / (len(dout) - 1)"),
    ],
)

catalogue.wrong(
    "means-over-features",
    "The two parts are means over the features: that is layer normalisation; here the statistics run over the batch.",
    edit=[
        ("dx_hat.mean(axis=0)", "dx_hat.mean(axis=1, keepdims=True)"),
        ("(dx_hat * x_hat).mean(axis=0)", "(dx_hat * x_hat).mean(axis=1, keepdims=True)"),
    ],
)

catalogue.wrong(
    "gamma-in-dgamma",
    "dgamma contains gamma: it is computed from the gradient after scaling, and should be from the one before.",
    edit=("dgamma = (dout * x_hat).sum(axis=0)", "dgamma = (dout * gamma * x_hat).sum(axis=0)"),
)

catalogue.wrong(
    "dgamma-and-dbeta-swapped",
    "dgamma and dbeta are returned in the wrong order: the order is that of the arguments going forward.",
    edit=("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
)

catalogue.wrong(
    "scales-dout-in-place",
    "The upstream gradient is multiplied by gamma in place, and the caller still needs it as it was.",
    edit=("dx_hat = dout * gamma", "dout *= gamma\n    dx_hat = dout"),
)


@catalogue.right("common-denominator")
def batchnorm_backward_alt(dout, cache):
    _, std, x_hat, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    return gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta


@catalogue.right("projection-matrices")
def batchnorm_backward_alt(dout, cache):
    _, std, x_hat, gamma = cache
    N = dout.shape[0]
    centring = np.eye(N) - np.full((N, N), 1 / N)
    along = np.einsum("nd,md,md->nd", x_hat, x_hat, dout) / N
    return (centring @ dout - along) * gamma / std, np.einsum("nd,nd->d", dout, x_hat), dout.sum(0)


@catalogue.right("centred-values-and-variance")
def batchnorm_backward_alt(dout, cache):
    centred, std, _, gamma = cache
    N = dout.shape[0]
    inverse_var = std**-2.0
    dgamma = np.sum(centred * dout, axis=0) / std
    dx = dout - np.mean(dout, axis=0) - centred * inverse_var * np.sum(dout * centred, axis=0) / N
    dx *= gamma
    dx *= np.sqrt(inverse_var)
    return dx, dgamma, np.sum(dout, axis=0)


@catalogue.right("loop-in-float32")
def batchnorm_backward_alt(dout, cache):
    _, std, x_hat, gamma = cache
    dx = np.zeros(dout.shape, dtype=np.float32)
    dgamma, dbeta = np.zeros((2, dout.shape[1]), dtype=np.float32)
    for d in range(dout.shape[1]):
        g, h = dout[:, d], x_hat[:, d]
        dbeta[d], dgamma[d] = sum(g), g @ h
        dx[:, d] = (g - g.mean() - h * (g @ h) / len(g)) * (gamma[d] / std[d])
    return dx, dgamma, dbeta


@catalogue.right("transposed-views")
def batchnorm_backward_alt(dout, cache):
    _, std, x_hat, gamma = cache
    d, h = (dout * gamma).T, x_hat.T
    d = d - d.mean(axis=1, keepdims=True) - h * (d * h).mean(axis=1, keepdims=True)
    return (d / std[:, None]).T, (dout.T * h).sum(axis=1), dout.T.sum(axis=1)
