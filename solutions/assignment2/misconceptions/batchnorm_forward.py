"""Wrong and other right answers to batchnorm_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("batchnorm_forward")

NO_EPS = "The eps in bn_param has no effect: it is part of the definition, and added to the variance under the root."
EPS_OUTSIDE = "eps is added to the standard deviation; it belongs under the root, next to the variance."


catalogue.wrong(
    "eps-outside-the-root",
    EPS_OUTSIDE,
    edit=[("np.sqrt(var + eps)", "np.sqrt(var) + eps"), ("np.sqrt(running_var + eps)", "(np.sqrt(running_var) + eps)")],
)

catalogue.wrong(
    "eps-outside-the-root-in-training",
    EPS_OUTSIDE,
    edit=("np.sqrt(var + eps)", "np.sqrt(var) + eps"),
)

catalogue.wrong(
    "no-eps",
    NO_EPS,
    edit=[("np.sqrt(var + eps)", "np.sqrt(var)"), ("np.sqrt(running_var + eps)", "np.sqrt(running_var)")],
)

catalogue.wrong(
    "no-eps-in-test-mode",
    "In test mode eps is left out; the running variance needs it just as the variance of a batch does.",
    edit=("np.sqrt(running_var + eps)", "np.sqrt(running_var)"),
)

catalogue.wrong(
    "eps-hard-coded",
    NO_EPS,
    edit=[("np.sqrt(var + eps)", "np.sqrt(var + 1e-5)"), ("np.sqrt(running_var + eps)", "np.sqrt(running_var + 1e-5)")],
)

catalogue.wrong(
    "another-default-eps",
    "Where bn_param has no eps, another number is taken than the 1e-5 that the docstring promises.",
    edit=[
        ("np.sqrt(var + eps)", 'np.sqrt(var + bn_param.get("eps", 1e-8))'),
        ("np.sqrt(running_var + eps)", 'np.sqrt(running_var + bn_param.get("eps", 1e-8))'),
    ],
)

catalogue.wrong(
    "running-variance-with-eps",
    "The running variance collects the variance plus eps, and test mode adds eps again; collect the variance alone.",
    edit=("(1 - momentum) * var", "(1 - momentum) * (var + eps)"),
)

catalogue.wrong(
    "running-standard-deviation",
    "The running statistic collects the standard deviation, but test mode takes it for a variance.",
    edit=("(1 - momentum) * var", "(1 - momentum) * std"),
)

catalogue.wrong(
    "running-variance-unbiased",
    "The running variance collects the unbiased estimate; here both modes use the biased one, which divides by N.",
    edit=("(1 - momentum) * var", "(1 - momentum) * x.var(axis=0, ddof=1)"),
)

catalogue.wrong(
    "unbiased-variance",
    "The batch is normalised by the unbiased variance; batch normalisation divides by N, not by N - 1.",
    edit=("(centred**2).mean(axis=0)", "x.var(axis=0, ddof=1)"),
)

catalogue.wrong(
    "no-scale-and-shift-in-test-mode",
    "gamma and beta are forgotten in test mode; they are learnt parameters and belong to both modes.",
    edit=("return gamma * x_hat + beta, None", "return x_hat, None"),
)

catalogue.wrong(
    "no-scale-and-shift",
    "The batch is normalised, but not scaled by gamma and shifted by beta.",
    edit=("out = gamma * x_hat + beta", "out = x_hat"),
)

catalogue.wrong(
    "no-shift",
    "beta is never added: after scaling, every feature also gets its shift.",
    edit=[
        ("return gamma * x_hat + beta, None", "return gamma * x_hat, None"),
        ("out = gamma * x_hat + beta", "out = gamma * x_hat"),
    ],
)

catalogue.wrong(
    "scales-the-shift",
    "beta is added before multiplying by gamma, which scales the shift as well.",
    edit=[
        ("return gamma * x_hat + beta, None", "return gamma * (x_hat + beta), None"),
        ("out = gamma * x_hat + beta", "out = gamma * (x_hat + beta)"),
    ],
)

catalogue.wrong(
    "momentum-the-wrong-way-round",
    "momentum weighs the new batch; here it is the share of the old running statistics that is kept.",
    edit=[
        ("momentum * running_mean + (1 - momentum) * mu", "(1 - momentum) * running_mean + momentum * mu"),
        ("momentum * running_var + (1 - momentum) * var", "(1 - momentum) * running_var + momentum * var"),
    ],
)

catalogue.wrong(
    "momentum-hard-coded",
    "The share of the old running statistics is a constant in the code, so the momentum in bn_param has no effect.",
    edit=[
        ("momentum * running_mean + (1 - momentum) * mu", "0.9 * running_mean + 0.1 * mu"),
        ("momentum * running_var + (1 - momentum) * var", "0.9 * running_var + 0.1 * var"),
    ],
)

catalogue.wrong(
    "running-statistics-grow",
    "The statistics of the batch are added with full weight, so the running ones grow beyond them; old and new shares"
    " have to add up to one.",
    edit=[("(1 - momentum) * mu", "mu"), ("(1 - momentum) * var", "var")],
)

catalogue.wrong(
    "keeps-only-the-last-batch",
    "The running statistics are replaced by those of the last batch; they should move a little with each batch.",
    edit=[
        ("momentum * running_mean + (1 - momentum) * mu", "mu"),
        ("momentum * running_var + (1 - momentum) * var", "var"),
    ],
)

catalogue.wrong(
    "running-statistics-not-stored",
    "New running statistics are not stored in a bn_param that has none yet, so the next call starts from nothing"
    " again.",
    edit=[('bn_param["running_mean"] = ', "running_mean = "), ('bn_param["running_var"] = ', "running_var = ")],
)

catalogue.wrong(
    "running-variance-not-stored",
    "Only the running mean is stored in bn_param; test mode also needs the running variance.",
    edit=('bn_param["running_var"] = ', "running_var = "),
)

catalogue.wrong(
    "batch-statistics-in-test-mode",
    "Test mode normalises with the statistics of its own batch; an example's result must not depend on its neighbours"
    " there, so use the running ones.",
    edit=("(x - running_mean) / np.sqrt(running_var + eps)", "(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)"),
)

catalogue.wrong(
    "running-statistics-in-training",
    "Training normalises with the running statistics; it should use those of the batch and only collect the others.",
    edit=("x_hat = centred / std", "x_hat = (x - running_mean) / np.sqrt(running_var + eps)"),
)

catalogue.wrong(
    "test-mode-moves-the-statistics",
    "Test mode moves the running statistics; they are learnt in training only, or testing changes what is tested.",
    edit=(
        "return gamma * x_hat + beta, None",
        'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * x.mean(axis=0)\n'
        '        bn_param["running_var"] = momentum * running_var + (1 - momentum) * x.var(axis=0)\n'
        "        return gamma * x_hat + beta, None",
    ),
)

catalogue.wrong(
    "divides-by-the-variance",
    "The features are divided by their variance; dividing by the standard deviation gives them unit variance.",
    edit=[("np.sqrt(var + eps)", "var + eps"), ("np.sqrt(running_var + eps)", "(running_var + eps)")],
)

catalogue.wrong(
    "variance-not-centred",
    "The mean of the squares is taken for the variance; that holds only once the mean has been subtracted.",
    edit=("(centred**2).mean(axis=0)", "(x**2).mean(axis=0)"),
)

catalogue.wrong(
    "square-of-the-mean",
    "The deviations are averaged before they are squared, and their mean is zero; the variance is the mean of the"
    " squares.",
    edit=("(centred**2).mean(axis=0)", "centred.mean(axis=0) ** 2"),
)

catalogue.wrong(
    "per-example",
    "Mean and variance are those of each example over its features: that is layer normalisation; batch normalisation"
    " takes them for each feature over the batch.",
    edit=[
        ("x.mean(axis=0)", "x.mean(axis=1, keepdims=True)"),
        ("(centred**2).mean(axis=0)", "(centred**2).mean(axis=1, keepdims=True)"),
    ],
)

catalogue.wrong(
    "over-all-features",
    "One mean and one variance are taken of the whole array; every feature needs its own.",
    edit=[("x.mean(axis=0)", "x.mean()"), ("(centred**2).mean(axis=0)", "(centred**2).mean()")],
)

catalogue.wrong(
    "centres-x-in-place",
    "The mean is subtracted from x itself; the caller still needs the old values.",
    edit=("centred = x - mu", "x -= mu\n    centred = x"),
)


@catalogue.wrong(
    "statistics-under-other-names",
    "The running statistics are kept under names of their own, so that those which the caller puts into bn_param are"
    " not used.",
)
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param.get("mean", 0), bn_param.get("var", 0)
    if bn_param["mode"] == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    mu, std = x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)
    bn_param["mean"] = momentum * mean + (1 - momentum) * mu
    bn_param["var"] = momentum * var + (1 - momentum) * x.var(axis=0)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x - mu, std, x_hat, gamma)


@catalogue.right("variance-of-numpy")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.zeros(D))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    x_hat = (x - mean) * (var + eps) ** -0.5
    return x_hat * gamma + beta, {"x_hat": x_hat, "gamma": gamma, "var": var, "eps": eps}


@catalogue.right("mean-of-squares")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "test":
        scale = gamma / np.sqrt(bn_param["running_var"] + eps)
        return x * scale + (beta - bn_param["running_mean"] * scale), ()
    N, D = x.shape
    mean = np.einsum("nd->d", x) / N
    var = np.einsum("nd,nd->d", x, x) / N - mean * mean
    scale = gamma / np.sqrt(var + eps)
    for name, now in (("running_mean", mean), ("running_var", var)):
        bn_param[name] = momentum * bn_param.get(name, np.zeros(D)) + (1 - momentum) * now
    return x * scale + (beta - mean * scale), (x, mean, var)


@catalogue.right("statistics-as-rows")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = np.reshape(bn_param.get("running_mean", np.zeros(x.shape[1])), (1, -1))
    running_var = np.reshape(bn_param.get("running_var", np.zeros(x.shape[1])), (1, -1))
    cache = None
    if bn_param["mode"] == "train":
        mu = np.mean(x, axis=0, keepdims=True)
        var = np.mean(np.square(x - mu), axis=0, keepdims=True)
        x_hat = (x - mu) / np.sqrt(var + eps)
        out = gamma * x_hat + beta
        cache = x, mu, var, x_hat, gamma, beta, bn_param
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
    elif bn_param["mode"] == "test":
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    bn_param["running_mean"] = running_mean  # (1, D)
    bn_param["running_var"] = running_var
    return out, cache


@catalogue.right("running-statistics-updated-in-place")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.setdefault("running_mean", np.zeros(x.shape[1]))
    var = bn_param.setdefault("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        return beta + gamma * ((x - mean) / np.sqrt(var + eps)), None
    sample_mean, sample_var = x.mean(0), x.var(0)
    mean *= momentum
    mean += (1 - momentum) * sample_mean
    var *= momentum
    var += (1 - momentum) * sample_var
    std = np.sqrt(sample_var + eps)
    x_hat = (x - sample_mean) / std
    return beta + gamma * x_hat, (x_hat, std, gamma)


@catalogue.right("loop-over-features-in-float32")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=np.float32)).copy()
    running_var = bn_param.get("running_var", np.zeros(D, dtype=np.float32)).copy()
    out = np.empty((N, D), dtype=np.float32)
    for d in range(D):
        mean, var = running_mean[d], running_var[d]
        if bn_param["mode"] == "train":
            mean = sum(x[:, d]) / N
            var = sum((value - mean) ** 2 for value in x[:, d]) / N
            running_mean[d] += (1 - momentum) * (mean - running_mean[d])
            running_var[d] += (1 - momentum) * (var - running_var[d])
        out[:, d] = gamma[d] * (x[:, d] - mean) / np.sqrt(var + eps) + beta[d]
    bn_param.update(running_mean=running_mean, running_var=running_var)
    return out, (x, gamma, eps)
