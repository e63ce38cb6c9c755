"""Wrong and other right answers to layernorm_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("layernorm_forward")

NO_EPS = "The eps in ln_param has no effect: it is part of the definition, and added to the variance under the root."


catalogue.wrong(
    "over-the-batch",
    "Mean and variance are those of each feature over the batch: that is batch normalisation; layer normalisation takes"
    " them for each example over its features.",
    edit=[("x.mean(axis=1, keepdims=True)", "x.mean(axis=0)"), ("x.var(axis=1, keepdims=True)", "x.var(axis=0)")],
)

catalogue.wrong(
    "over-the-whole-array",
    "One mean and one variance are taken of the whole array; every example needs its own, or it depends on the others.",
    edit=[("x.mean(axis=1, keepdims=True)", "x.mean()"), ("x.var(axis=1, keepdims=True)", "x.var()")],
)

catalogue.wrong(
    "statistics-lose-their-axis",
    "The statistics of the examples have lost an axis, so broadcasting spreads them over the features instead.",
    edit=[("x.mean(axis=1, keepdims=True)", "x.mean(axis=1)"), ("x.var(axis=1, keepdims=True)", "x.var(axis=1)")],
)

catalogue.wrong(
    "eps-outside-the-root",
    "eps is added to the standard deviation; it belongs under the root, next to the variance.",
    edit=("np.sqrt(var + eps)", "np.sqrt(var) + eps"),
)

catalogue.wrong(
    "no-eps",
    NO_EPS,
    edit=("np.sqrt(var + eps)", "np.sqrt(var)"),
)

catalogue.wrong(
    "another-default-eps",
    "Where ln_param has no eps, another number is taken than the 1e-5 that the docstring promises.",
    edit=("np.sqrt(var + eps)", 'np.sqrt(var + ln_param.get("eps", 1e-8))'),
)

catalogue.wrong(
    "eps-hard-coded",
    NO_EPS,
    edit=("np.sqrt(var + eps)", "np.sqrt(var + 1e-5)"),
)

catalogue.wrong(
    "unbiased-variance",
    "The variance is the unbiased estimate; layer normalisation divides by the number of features, not by one less.",
    edit=("x.var(axis=1, keepdims=True)", "x.var(axis=1, keepdims=True, ddof=1)"),
)

catalogue.wrong(
    "divides-by-the-variance",
    "The examples are divided by their variance; dividing by the standard deviation gives them unit variance.",
    edit=("np.sqrt(var + eps)", "var + eps"),
)

catalogue.wrong(
    "variance-not-centred",
    "The mean of the squares is taken for the variance; that holds only once the mean has been subtracted.",
    edit=("x.var(axis=1, keepdims=True)", "(x**2).mean(axis=1, keepdims=True)"),
)

catalogue.wrong(
    "mean-not-subtracted",
    "The examples are divided by their deviation, but their mean is not subtracted first.",
    edit=("(x - mu) / std", "x / std"),
)

catalogue.wrong(
    "no-scale-and-shift",
    "The examples are normalised, but not scaled by gamma and shifted by beta.",
    edit=("gamma * x_hat + beta", "x_hat"),
)

catalogue.wrong(
    "scale-and-shift-per-example",
    "gamma and beta are laid out as columns, one number per example; there is one per feature, shared by all examples.",
    edit=("gamma * x_hat + beta", "gamma.reshape(-1, 1) * x_hat + beta.reshape(-1, 1)"),
)

catalogue.wrong(
    "not-turned-back",
    "The array is transposed to normalise it over the batch, and never turned back before scaling and shifting.",
    edit=("gamma * x_hat + beta", "gamma * x_hat.T + beta"),
)

catalogue.wrong(
    "centres-x-in-place",
    "The mean is subtracted from x itself; the caller still needs the old values.",
    edit=("x_hat = (x - mu) / std", "x -= mu\n    x_hat = x / std"),
)


@catalogue.wrong(
    "running-statistics-in-test-mode",
    "In test mode running statistics are used, as in batch normalisation; layer normalisation has none, and does the"
    " same in training and testing.",
)
def layernorm_forward(x, gamma, beta, ln_param):
    mode, eps = ln_param.get("mode", "train"), ln_param.get("eps", 1e-5)
    N = x.shape[0]
    out, cache = batchnorm_forward(x.T, np.ones(N), np.zeros(N), {"mode": mode, "eps": eps})
    return gamma * out.T + beta, cache


@catalogue.wrong(
    "batchnorm-on-its-own-parameters",
    "ln_param is handed to batch normalisation of the transposed array, which leaves running statistics in it; they"
    " have one number per example, and break the next batch of another size.",
)
def layernorm_forward(x, gamma, beta, ln_param):
    ln_param["mode"] = "train"
    N = x.shape[0]
    out, cache = batchnorm_forward(x.T, np.ones(N), np.zeros(N), ln_param)
    return gamma * out.T + beta, cache


@catalogue.right("transposed")
def layernorm_forward(x, gamma, beta, ln_param):
    columns = x.T
    mean = np.mean(columns, axis=0)
    std = np.sqrt(np.mean((columns - mean) ** 2, axis=0) + ln_param.get("eps", 1e-5))
    x_hat = ((columns - mean) / std).T
    return x_hat * gamma + beta, {"x_hat": x_hat, "std": std}


@catalogue.right("batchnorm-of-the-transposed")
def layernorm_forward(x, gamma, beta, ln_param):
    N = x.shape[0]
    bn_param = {"mode": "train", "eps": ln_param.get("eps", 1e-5)}
    out, cache = batchnorm_forward(x.T, np.ones(N), np.zeros(N), bn_param)
    return gamma * out.T + beta, (out.T, gamma, cache)


@catalogue.right("mean-of-squares")
def layernorm_forward(x, gamma, beta, ln_param):
    D = x.shape[1]
    mean = np.einsum("nd->n", x) / D
    var = np.einsum("nd,nd->n", x, x) / D - mean**2
    inverse = (var + ln_param.get("eps", 1e-5)) ** -0.5
    return np.einsum("nd,n,d->nd", x - mean[:, None], inverse, gamma) + beta, None


@catalogue.right("loop-in-float32")
def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    out = np.empty_like(x, dtype=np.float32)
    cache = []
    for n, example in enumerate(x):
        mean = sum(example) / len(example)
        var = sum((value - mean) ** 2 for value in example) / len(example)
        x_hat = (example - mean) / (var + eps) ** 0.5
        cache.append((x_hat, var))
        out[n] = gamma * x_hat + beta
    return out, cache
