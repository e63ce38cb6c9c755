"""Wrong and other right answers to spatial_groupnorm_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("spatial_groupnorm_forward")

NO_EPS = "The eps in gn_param has no effect: it is part of the definition, and added to the variance under the root."


catalogue.wrong(
    "per-pixel",
    "The statistics run over the group's channels only, at every position by itself; a group has one mean and one"
    " variance, over its channels and all positions.",
    edit=[("groups.mean(axis=(2, 3, 4)", "groups.mean(axis=2"), ("groups.var(axis=(2, 3, 4)", "groups.var(axis=2")],
)

catalogue.wrong(
    "per-channel",
    "Every channel gets statistics of its own: that is instance normalisation; the channels of a group share theirs.",
    edit=[
        ("groups.mean(axis=(2, 3, 4)", "groups.mean(axis=(3, 4)"),
        ("groups.var(axis=(2, 3, 4)", "groups.var(axis=(3, 4)"),
    ],
)

catalogue.wrong(
    "whole-image",
    "The statistics run over all channels of an image: that is layer normalisation; every group has its own.",
    edit=[
        ("groups.mean(axis=(2, 3, 4)", "groups.mean(axis=(1, 2, 3, 4)"),
        ("groups.var(axis=(2, 3, 4)", "groups.var(axis=(1, 2, 3, 4)"),
    ],
)

catalogue.wrong(
    "over-the-batch",
    "The statistics run over the images of the batch as well; in group normalisation an image never depends on the"
    " others.",
    edit=[
        ("groups.mean(axis=(2, 3, 4)", "groups.mean(axis=(0, 2, 3, 4)"),
        ("groups.var(axis=(2, 3, 4)", "groups.var(axis=(0, 2, 3, 4)"),
    ],
)

catalogue.wrong(
    "g-as-the-size-of-a-group",
    "G is taken for the number of channels in a group; it is the number of groups.",
    edit=("x.reshape(N, G, C // G, H, W)", "x.reshape(N, C // G, G, H, W)"),
)


@catalogue.wrong(
    "every-gth-channel",
    "A group is made of every G-th channel; the groups are runs of neighbouring channels.",
)
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    x_hat = np.zeros_like(x)
    for g in range(G):
        group = x[:, g::G]
        mean, var = group.mean(axis=(1, 2, 3), keepdims=True), group.var(axis=(1, 2, 3), keepdims=True)
        x_hat[:, g::G] = (group - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
    return gamma * x_hat + beta, None


@catalogue.wrong(  # noqa: RET503 - the mistake itself
    "first-group-only",
    "Only the first group is normalised, and the other channels stay zero: the function returns inside its loop over"
    " the groups.",
)
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    size = x.shape[1] // G
    x_hat = np.zeros_like(x)
    for g in range(G):
        group = x[:, g * size : (g + 1) * size]
        mean, var = group.mean(axis=(1, 2, 3), keepdims=True), group.var(axis=(1, 2, 3), keepdims=True)
        x_hat[:, g * size : (g + 1) * size] = (group - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return gamma * x_hat + beta, None


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
    "Where gn_param has no eps, another number is taken than the 1e-5 that the docstring promises.",
    edit=("np.sqrt(var + eps)", 'np.sqrt(var + gn_param.get("eps", 1e-6))'),
)

catalogue.wrong(
    "eps-hard-coded",
    NO_EPS,
    edit=("np.sqrt(var + eps)", "np.sqrt(var + 1e-5)"),
)

catalogue.wrong(
    "divides-by-the-variance",
    "The groups are divided by their variance; dividing by the standard deviation gives them unit variance.",
    edit=("np.sqrt(var + eps)", "var + eps"),
)

catalogue.wrong(
    "unbiased-variance",
    "The variance is the unbiased estimate; group normalisation divides by the number of values, not by one less.",
    edit=("groups.var(axis=(2, 3, 4), keepdims=True)", "groups.var(axis=(2, 3, 4), keepdims=True, ddof=1)"),
)

catalogue.wrong(
    "no-scale-and-shift",
    "The groups are normalised, but not scaled by gamma and shifted by beta.",
    edit=("gamma * x_hat + beta", "x_hat"),
)

catalogue.wrong(
    "scales-the-shift",
    "beta is added before multiplying by gamma, which scales the shift as well.",
    edit=("gamma * x_hat + beta", "gamma * (x_hat + beta)"),
)

catalogue.wrong(
    "stays-in-groups",
    "The normalised array keeps its five axes, so gamma and beta do not meet their channels; bring it back to the"
    " shape of x first.",
    edit=("((groups - mu) / std).reshape(N, C, H, W)", "(groups - mu) / std"),
)

catalogue.wrong(
    "one-scale-per-group",
    "All channels of a group get the scale and shift of its first one; every channel has its own.",
    edit=(
        "out = gamma * x_hat + beta",
        "first = np.arange(C) // (C // G) * (C // G)\n    out = gamma[:, first] * x_hat + beta[:, first]",
    ),
)

catalogue.wrong(
    "writes-into-x",
    "The groups are a view of x, so centring them in place changes x itself, which the caller still needs.",
    edit=("x_hat = ((groups - mu) / std)", "groups -= mu\n    x_hat = (groups / std)"),
)


@catalogue.right("one-row-per-group")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    rows = x.reshape(x.shape[0] * G, -1)
    mean = np.mean(rows, axis=1)[:, None]
    std = np.sqrt(np.mean((rows - mean) ** 2, axis=1) + gn_param.get("eps", 1e-5))[:, None]
    x_hat = ((rows - mean) / std).reshape(x.shape)
    return x_hat * gamma + beta, {"x_hat": x_hat, "std": std, "G": G}


@catalogue.right("layernorm-of-the-groups")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    D = C // G * H * W
    rows, cache = layernorm_forward(x.reshape(N * G, D), np.ones(D), np.zeros(D), gn_param)
    return gamma.reshape(C, 1, 1) * rows.reshape(N, C, H, W) + beta.reshape(C, 1, 1), (G, gamma, cache)


@catalogue.right("loops-in-float32")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, _, _ = x.shape
    size = C // G
    out = np.empty(x.shape, dtype=np.float32)
    cache = []
    for n in range(N):
        for c in range(0, C, size):
            group = x[n, c : c + size]
            mean, var = np.mean(group), np.var(group)
            out[n, c : c + size] = (group - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
            cache.append((group, mean, var))
    return out * gamma.astype(np.float32) + beta.astype(np.float32), cache


@catalogue.right("split-and-concatenate")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    parts = []
    for part in np.split(x, G, axis=1):
        mean = part.mean(axis=(1, 2, 3), keepdims=True)
        var = (part**2).mean(axis=(1, 2, 3), keepdims=True) - mean**2
        parts.append((part - mean) * (var + gn_param.get("eps", 1e-5)) ** -0.5)
    return np.concatenate(parts, axis=1) * gamma + beta, parts


@catalogue.right("einsum")
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    groups = x.reshape(len(x), G, -1)
    mean = np.einsum("ngk->ng", groups) / groups.shape[2]
    centred = groups - mean[..., None]
    var = np.einsum("ngk,ngk->ng", centred, centred) / groups.shape[2]
    x_hat = np.einsum("ngk,ng->ngk", centred, 1 / np.sqrt(var + gn_param.get("eps", 1e-5)))
    return np.einsum("nchw,c->nchw", x_hat.reshape(x.shape), gamma.ravel()) + beta, (x_hat, var)
