"""Wrong and other right answers to rmsprop."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("rmsprop")

NO_EPSILON = "The epsilon in config has no effect: it is left out, or a fixed number."  # no input tells these apart


catalogue.wrong(
    "no-root",
    "The step is divided by the mean square of the gradient itself, not by its root: the units do not fit, and small"
    " gradients make huge steps.",
    edit=('np.sqrt(cache) + config["epsilon"]', 'cache + config["epsilon"]'),
)

catalogue.wrong(
    "fixed-epsilon",
    NO_EPSILON,
    edit=('np.sqrt(cache) + config["epsilon"]', "np.sqrt(cache) + 1e-8"),
)

catalogue.wrong(
    "no-epsilon",
    NO_EPSILON,
    edit=('(np.sqrt(cache) + config["epsilon"])', "np.sqrt(cache)"),
)

catalogue.wrong(
    "epsilon-outside-the-division",
    "Epsilon is added to the quotient instead of to its denominator: brackets are missing, and the weights drift.",
    edit=('/ (np.sqrt(cache) + config["epsilon"])', '/ np.sqrt(cache) + config["epsilon"]'),
)

catalogue.wrong(
    "epsilon-in-the-state",
    "Epsilon is added to the cache that is handed on, so that it piles up step by step; it belongs to the division"
    " only.",
    edit=("(1 - decay_rate) * dw**2", '(1 - decay_rate) * dw**2 + config["epsilon"]'),
)

catalogue.wrong(
    "gradient-not-squared",
    "The cache averages the gradient and not its square, so that its root may not exist.",
    edit=("(1 - decay_rate) * dw**2", "(1 - decay_rate) * dw"),
)

catalogue.wrong(
    "magnitude-instead-of-square",
    "The cache averages the gradient's magnitude, and then a root is taken; a root mean square needs the square first.",
    edit=("(1 - decay_rate) * dw**2", "(1 - decay_rate) * np.abs(dw)"),
)

catalogue.wrong(
    "decay-the-wrong-way-round",
    "The shares are exchanged: decay_rate is the share of the old cache that is kept.",
    edit=(
        'decay_rate * config["cache"] + (1 - decay_rate) * dw**2',
        '(1 - decay_rate) * config["cache"] + decay_rate * dw**2',
    ),
)

catalogue.wrong(
    "fixed-decay",
    "The decay rate is a fixed number, whatever config asks for.",
    edit=('decay_rate = config["decay_rate"]', "decay_rate = 0.99"),
)

catalogue.wrong(
    "adds-up-all-squares",
    "The squares are added up without forgetting: that is AdaGrad, whose steps shrink for ever. RMSprop keeps a running"
    " mean.",
    edit=('decay_rate * config["cache"] + (1 - decay_rate) * dw**2', 'config["cache"] + dw**2'),
)

catalogue.wrong(
    "new-square-has-full-weight",
    "The square of the new gradient enters whole; in a running mean it gets the share that the old one gave up.",
    edit=("(1 - decay_rate) * dw**2", "dw**2"),
)

catalogue.wrong(
    "forgets-the-cache",
    "The new cache is not returned in config, so that every step starts without memory.",
    edit=('{**config, "cache": cache}', "config"),
)

catalogue.wrong(
    "divides-by-the-old-cache",
    "The step is divided by the root of the old cache: the present gradient should be in it already, or else the first"
    " step divides by nearly nothing.",
    edit=("np.sqrt(cache)", 'np.sqrt(config["cache"])'),
)

catalogue.wrong(
    "one-scale-for-all-weights",
    "The squares are averaged over all weights, so that all get the same scale; each weight should have its own.",
    edit=("(1 - decay_rate) * dw**2", "(1 - decay_rate) * np.mean(dw**2)"),
)

catalogue.wrong(
    "walks-uphill",
    "The step is added to the weights, so that the loss grows: it should lead against the gradient.",
    edit=('next_w = w - config["learning_rate"]', 'next_w = w + config["learning_rate"]'),
)

catalogue.wrong(
    "no-learning-rate",
    "The learning rate is left out of the step.",
    edit=('w - config["learning_rate"] * dw', "w - dw"),
)

catalogue.wrong(
    "corrects-like-adam",
    "The cache is corrected for its start at zero, as Adam does; plain RMSprop has no such correction.",
    edit=("np.sqrt(cache)", "np.sqrt(cache / (1 - decay_rate))"),
)

catalogue.wrong(
    "squares-the-gradient-in-place",
    "dw itself is replaced by its square, but the gradient is still needed, for the step and by the caller.",
    edit=("(1 - decay_rate) * dw**2", "(1 - decay_rate) * np.square(dw, out=dw)"),
)


@catalogue.wrong(
    "state-under-another-name",
    "The mean of squares is kept under a name of its own, so that a cache which the caller hands in is not gone on"
    " from.",
)
def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "squares": 0, **(config or {})}
    config["squares"] = config["decay_rate"] * config["squares"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["squares"]) + config["epsilon"]), config


@catalogue.wrong("other-defaults", "What config leaves out takes another default than the one that is asked for.")
def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.9, "epsilon": 1e-8, "cache": 0, **(config or {})}
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


catalogue.wrong(
    "makes-the-gradient-the-step",
    "dw is changed in place on the way to the step, but the gradient is the caller's.",
    edit=[
        (
            'next_w = w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"])',
            'dw *= config["learning_rate"] / (np.sqrt(cache) + config["epsilon"])',
        ),
        ("return next_w", "return w - dw"),
    ],
)


@catalogue.right("course-form")
def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * (dw * dw)
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return next_w, config


catalogue.right(
    "epsilon-inside-the-root",
    edit=('(np.sqrt(cache) + config["epsilon"])', 'np.sqrt(cache + config["epsilon"])'),
)


@catalogue.right("in-place")
def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w), **(config or {})}
    cache = config["cache"]
    cache += (1 - config["decay_rate"]) * (np.square(dw) - cache)
    w -= config["learning_rate"] / (cache**0.5 + config["epsilon"]) * dw
    return w, config


@catalogue.right("loops-in-float32")
def rmsprop(w, dw, config=None):
    config = dict(config or {})
    rate, decay = config.get("learning_rate", 1e-2), config.get("decay_rate", 0.99)
    epsilon = config.get("epsilon", 1e-8)
    cache = np.array(config.get("cache", np.zeros(w.shape)), dtype=np.float32)
    next_w = np.zeros(w.shape, dtype=np.float32)
    for place in np.ndindex(*w.shape):
        cache[place] = decay * cache[place] + (1 - decay) * dw[place] ** 2
        next_w[place] = w[place] - rate * dw[place] / (np.sqrt(cache[place]) + epsilon)
    config["cache"] = cache
    return next_w, config


@catalogue.right("keeps-the-root-elsewhere")
def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    before = config.pop("cache", None)
    root = np.sqrt(before) if before is not None else config.get("root", np.zeros_like(w))
    keep = config["decay_rate"]
    root = np.hypot(np.sqrt(keep) * root, np.sqrt(1 - keep) * dw)
    return w - config["learning_rate"] * dw / (root + config["epsilon"]), {**config, "root": root}
