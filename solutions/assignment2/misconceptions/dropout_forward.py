"""Wrong and other right answers to dropout_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("dropout_forward")

NOT_SCALED = "The kept values are not scaled in training; inverted dropout does so, for test mode to be the identity."
P_DROPS = "p is read as the probability to drop; here it is the probability to keep a value."


catalogue.wrong(
    "not-scaled",
    NOT_SCALED,
    edit=("kept.astype(x.dtype) / p", "kept.astype(x.dtype)"),
)

catalogue.wrong(
    "p-drops",
    P_DROPS,
    edit=[
        ("np.random.rand(*x.shape) < p", "np.random.rand(*x.shape) > p"),
        ("astype(x.dtype) / p", "astype(x.dtype) / (1 - p)"),
    ],
)

catalogue.wrong(
    "p-drops-and-scales",
    P_DROPS,
    edit=("np.random.rand(*x.shape) < p", "np.random.rand(*x.shape) >= p"),
)

catalogue.wrong(
    "scaled-by-the-share-dropped",
    "The kept values are scaled by the probability to drop; dividing by the probability to keep leaves the mean as it"
    " is.",
    edit=("astype(x.dtype) / p", "astype(x.dtype) / (1 - p)"),
)

catalogue.wrong(
    "multiplied-by-p",
    "The kept values are multiplied by p, which shrinks them once more; the scaling should make up for what is"
    " dropped.",
    edit=("astype(x.dtype) / p", "astype(x.dtype) * p"),
)

catalogue.wrong(
    "scaled-by-the-share-kept",
    "The kept values are divided by the share that happened to be kept, so they depend on each other; divide by its"
    " expected value.",
    edit=("astype(x.dtype) / p", "astype(x.dtype) / kept.mean()"),
)

catalogue.wrong(
    "normal-noise",
    "The mask compares normally distributed noise with p, which keeps another share; uniform noise from 0 to 1 is"
    " below p with probability p.",
    edit=("np.random.rand(*x.shape)", "np.random.randn(*x.shape)"),
)

catalogue.wrong(
    "fair-coin",
    "Every value is kept with probability one half, whatever p says.",
    edit=("np.random.rand(*x.shape) < p", "np.random.randint(0, 2, size=x.shape)"),
)

catalogue.wrong(
    "whole-examples",
    "One decision is made for a whole example; every single value should be kept or dropped on its own.",
    edit=("np.random.rand(*x.shape)", "np.random.rand(x.shape[0], 1)"),
)

catalogue.wrong(
    "same-features-in-all-examples",
    "One mask is drawn for all examples, which then lose the same features; every single value should be decided on its"
    " own.",
    edit=("np.random.rand(*x.shape)", "np.random.rand(*x.shape[1:])"),
)

catalogue.wrong(
    "drops-in-test-mode",
    "Values are dropped in test mode too; there the layer should be the identity.",
    edit=('if dropout_param["mode"] == "test":\n        return x, None', "pass"),
)

catalogue.wrong(
    "scales-in-test-mode",
    "Test mode multiplies by p as well; with the scaling done in training, test mode is the identity.",
    edit=("return x, None", 'return x * dropout_param["p"], None'),
)

catalogue.wrong(
    "divides-in-test-mode",
    "Test mode divides by p, though nothing is dropped there; it should be the identity.",
    edit=("return x, None", 'return x / dropout_param["p"], None'),
)

catalogue.wrong(
    "scaling-left-to-test-mode",
    NOT_SCALED,
    edit=[
        ("return x, None", 'return x * dropout_param["p"], None'),
        ("kept.astype(x.dtype) / p", "kept.astype(x.dtype)"),
    ],
)

catalogue.wrong(
    "nothing-in-test-mode",
    "Test mode returns no output; there the layer should hand on its input.",
    edit=("return x, None", "return None, (dropout_param, None)"),
)

catalogue.wrong(
    "all-zero-in-test-mode",
    "Test mode leaves the output as it was allocated, all zero; there the layer should hand on its input.",
    edit=("return x, None", "return np.zeros_like(x), None"),
)

catalogue.wrong(
    "ignores-the-seed",
    "The random numbers come from a generator of its own, which never sees the seed, so the mask cannot be repeated.",
    edit=("np.random.rand(*x.shape)", "np.random.default_rng().random(x.shape)"),
)

catalogue.wrong(
    "same-mask-every-time",
    "The generator is started from one constant in every call, so the same values are dropped each time.",
    edit=("kept = np.random", "np.random.seed(0)\n    kept = np.random"),
)

catalogue.wrong(
    "always-a-seed",
    "Without a seed in the settings a constant one is used, so the same values are dropped in every call.",
    edit=(
        "kept = np.random.rand(*x.shape)",
        'kept = np.random.default_rng(dropout_param.get("seed", 0)).random(x.shape)',
    ),
)

catalogue.wrong(
    "noise-for-a-mask",
    "x is multiplied by the random numbers themselves; they only decide which values are kept.",
    edit=("np.random.rand(*x.shape) < p", "np.random.rand(*x.shape)"),
)

catalogue.wrong(
    "drops-small-values",
    "The values of x themselves are compared with p; which ones are dropped should be left to chance.",
    edit=("np.random.rand(*x.shape) < p", "x < p"),
)

catalogue.wrong(
    "returns-the-mask",
    "The scaled mask is returned in place of the masked input.",
    edit=("return x * mask, mask", "return mask, mask"),
)

catalogue.wrong(
    "name-that-numpy-dropped",
    "np.float is gone from numpy, where it was only another name for Python's own float.",
    edit=("kept.astype(x.dtype)", "kept.astype(np.float)"),
)

catalogue.wrong(
    "writes-into-x",
    "x itself is multiplied by the mask; the caller still needs the old values.",
    edit=("return x * mask, mask", "x *= mask\n    return x, mask"),
)


@catalogue.wrong(
    "same-number-in-every-example",
    "Every example keeps exactly the same number of values; chance should decide for every value by itself.",
)
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p, rng = dropout_param["p"], np.random.default_rng(dropout_param.get("seed"))
    mask = np.zeros((len(x), x[0].size))
    for row in mask:
        row[rng.permutation(row.size) < p * row.size] = 1 / p
    return x * mask.reshape(x.shape), mask.reshape(x.shape)


catalogue.wrong(
    "mask-of-two-axes",
    "The mask is drawn for the first two axes only, but x may have any shape.",
    edit=("np.random.rand(*x.shape)", "np.random.rand(x.shape[0], x.shape[1])"),
)

catalogue.wrong(
    "same-number-every-time",
    "Every call keeps exactly the share p of all values; chance should decide for every value by itself, and then the"
    " number kept varies.",
    edit=("np.random.rand(*x.shape) < p", "(np.random.permutation(x.size) < round(p * x.size)).reshape(x.shape)"),
)


@catalogue.right("binomial-with-a-copy-in-test-mode")
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask, out = None, None
    if mode == "train":
        mask = np.random.binomial(1, p, size=x.shape) / p
        out = x * mask
    elif mode == "test":
        out = x.copy()
    return out, (dropout_param, mask)


@catalogue.right("generator-of-its-own")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, {"mask": np.ones(())}
    rng = np.random.default_rng(dropout_param.get("seed"))
    mask = np.where(rng.random(x.shape) >= 1 - dropout_param["p"], 1 / dropout_param["p"], 0)
    return x * mask, {"mask": mask}


@catalogue.right("zeroes-a-copy-in-float32")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    np.random.seed(dropout_param.get("seed"))
    p = dropout_param["p"]
    dropped = np.random.uniform(size=x.shape) > p
    out = x.astype(np.float32) / np.float32(p)
    out[dropped] = 0
    return out, (dropped, p)


@catalogue.right("loop-with-choice")
def dropout_forward(x, dropout_param):
    p, mode, seed = dropout_param["p"], dropout_param["mode"], dropout_param.get("seed")
    if seed is not None:
        np.random.seed(seed)
    out = np.zeros_like(x)
    mask = np.ones(x.shape, dtype=bool)
    for index, value in np.ndenumerate(x):
        if mode == "train":
            mask[index] = np.random.rand() < p
        out[index] = value * mask[index] / (p if mode == "train" else 1)
    return out, (mask, p)


@catalogue.right("one-draw-for-the-flat-array")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] != "train":
        return x, 1.0
    p = dropout_param["p"]
    random = np.random.RandomState(dropout_param["seed"]) if "seed" in dropout_param else np.random
    mask = random.choice([0.0, 1.0], size=x.size, p=[1 - p, p]).reshape(x.shape)
    return np.asfortranarray(x * mask / p), mask / p
