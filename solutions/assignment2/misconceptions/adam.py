"""Wrong and other right answers to adam."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("adam")

# No input tells these apart.
ALWAYS_FIRST = "Every step is corrected as if it were the first: the correction fades with t, which grows in config."


catalogue.wrong(
    "t-never-moves-on",
    "A step is corrected as if it were the one before it: the new t is not returned in config, or is used too early.",
    edit=('{**config, "m": m, "v": v, "t": t}', '{**config, "m": m, "v": v}'),
)

catalogue.wrong(
    "t-is-always-one",
    ALWAYS_FIRST,
    edit=('t = config["t"] + 1', "t = 1"),
)

catalogue.wrong(
    "t-counts-too-late",
    "t is used before it is increased. The first step has t = 1; at t = 0 the correction divides by zero.",
    edit=[('t = config["t"] + 1', 't = config["t"]'), ('"t": t}', '"t": t + 1}')],
)

catalogue.wrong(
    "t-counts-twice",
    "t moves on by two at every step, so that the correction fades too early.",
    edit=('"t": t}', '"t": t + 1}'),
)

catalogue.wrong(
    "no-bias-correction",
    "The means are used as they are. They start at zero and are far too small in the first steps, unless they are"
    " corrected for it.",
    edit=[("m_hat = m / (1 - beta1**t)", "m_hat = m"), ("v_hat = v / (1 - beta2**t)", "v_hat = v")],
)

catalogue.wrong(
    "corrects-only-m",
    "Only the mean of the gradient is corrected for its start at zero; that of its square needs it even more.",
    edit=("v_hat = v / (1 - beta2**t)", "v_hat = v"),
)

catalogue.wrong(
    "corrects-only-v",
    "Only the mean of the squared gradient is corrected for its start at zero; that of the gradient starts there too.",
    edit=("m_hat = m / (1 - beta1**t)", "m_hat = m"),
)

catalogue.wrong(
    "correction-without-the-power",
    ALWAYS_FIRST,
    edit=[("(1 - beta1**t)", "(1 - beta1)"), ("(1 - beta2**t)", "(1 - beta2)")],
)

catalogue.wrong(
    "correction-with-a-product",
    "The correction multiplies beta by t where a power is needed, and soon divides by zero or less.",
    edit=[("(1 - beta1**t)", "(1 - beta1 * t)"), ("(1 - beta2**t)", "abs(1 - beta2 * t)")],
)

catalogue.wrong(
    "same-correction-for-both",
    "Both means are corrected with beta1, but each forgets at a rate of its own.",
    edit=("v_hat = v / (1 - beta2**t)", "v_hat = v / (1 - beta1**t)"),
)

catalogue.wrong(
    "keeps-the-corrected-means",
    "The corrected means are handed on as the new state, so that the next step corrects them again; the correction is"
    " for the present step only.",
    edit=('{**config, "m": m, "v": v, "t": t}', '{**config, "m": m_hat, "v": v_hat, "t": t}'),
)

catalogue.wrong(
    "no-root",
    "The step is divided by the mean square of the gradient itself, not by its root: the units do not fit.",
    edit=("np.sqrt(v_hat)", "v_hat"),
)

catalogue.wrong(
    "fixed-epsilon",
    "Epsilon is a fixed number, whatever config asks for.",
    edit=('np.sqrt(v_hat) + config["epsilon"]', "np.sqrt(v_hat) + 1e-8"),
)

catalogue.wrong(
    "epsilon-outside-the-division",
    "Epsilon is added to the quotient instead of to its denominator: brackets are missing, and the weights drift.",
    edit=('/ (np.sqrt(v_hat) + config["epsilon"])', '/ np.sqrt(v_hat) + config["epsilon"]'),
)

catalogue.wrong(
    "gradient-not-squared",
    "v averages the gradient and not its square, so that its root may not exist.",
    edit=("(1 - beta2) * dw**2", "(1 - beta2) * dw"),
)

catalogue.wrong(
    "squares-the-mean",
    "v averages the square of m, but it is the square of the gradient itself that has to be averaged.",
    edit=("(1 - beta2) * dw**2", "(1 - beta2) * m**2"),
)

catalogue.wrong(
    "betas-exchanged",
    "beta1 and beta2 are exchanged: the first belongs to the mean of the gradient, the second to that of its square.",
    edit=('beta1, beta2 = config["beta1"], config["beta2"]', 'beta2, beta1 = config["beta1"], config["beta2"]'),
)

catalogue.wrong(
    "fixed-betas",
    "The decay rates are fixed numbers, whatever config asks for.",
    edit=('beta1, beta2 = config["beta1"], config["beta2"]', "beta1, beta2 = 0.9, 0.999"),
)

catalogue.wrong(
    "shares-exchanged",
    "Old and new have each other's shares: beta is the share of the old mean that is kept.",
    edit=[
        ('beta1 * config["m"] + (1 - beta1) * dw', '(1 - beta1) * config["m"] + beta1 * dw'),
        ('beta2 * config["v"] + (1 - beta2) * dw**2', '(1 - beta2) * config["v"] + beta2 * dw**2'),
    ],
)

catalogue.wrong(
    "forgets-the-means",
    "The new means are not returned in config, so that every step starts without memory.",
    edit=('{**config, "m": m, "v": v, "t": t}', '{**config, "t": t}'),
)

catalogue.wrong(
    "gradient-instead-of-mean",
    "The step follows the present gradient; the mean of the gradients is computed but not used. That is RMSprop with a"
    " correction.",
    edit=('config["learning_rate"] * m_hat', 'config["learning_rate"] * dw'),
)

catalogue.wrong(
    "walks-uphill",
    "The step is added to the weights, so that the loss grows: it should lead against the gradient.",
    edit=('next_w = w - config["learning_rate"]', 'next_w = w + config["learning_rate"]'),
)

catalogue.wrong(
    "squares-the-gradient-in-place",
    "dw itself is replaced by its square, but the caller still needs the gradient as it was.",
    edit=("(1 - beta2) * dw**2", "(1 - beta2) * np.square(dw, out=dw)"),
)


@catalogue.wrong(
    "t-outside-config",
    "t is one counter for all calls, so that it also moves on when other parameters take a step; each has its own t.",
)
def adam(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **(config or {})}
    adam.t = getattr(adam, "t", 0) + 1
    m = config["beta1"] * config.get("m", 0) + (1 - config["beta1"]) * dw
    v = config["beta2"] * config.get("v", 0) + (1 - config["beta2"]) * dw**2
    m_hat = m / (1 - config["beta1"] ** adam.t)
    v_hat = v / (1 - config["beta2"] ** adam.t)
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    return next_w, {**config, "m": m, "v": v}


@catalogue.wrong("other-defaults", "What config leaves out takes another default than the one that is asked for.")
def adam(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, **(config or {})}
    beta1, beta2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m = beta1 * config.get("m", 0) + (1 - beta1) * dw
    v = beta2 * config.get("v", 0) + (1 - beta2) * dw**2
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + config["epsilon"])
    return w - config["learning_rate"] * step, {**config, "m": m, "v": v, "t": t}


@catalogue.right("course-form")
def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw**2)
    mb = config["m"] / (1 - config["beta1"] ** config["t"])
    vb = config["v"] / (1 - config["beta2"] ** config["t"])
    next_w = w - config["learning_rate"] * mb / (np.sqrt(vb) + config["epsilon"])
    return next_w, config


catalogue.right(
    "epsilon-inside-the-root",
    edit=('(np.sqrt(v_hat) + config["epsilon"])', 'np.sqrt(v_hat + config["epsilon"])'),
)

catalogue.right(
    "efficient-form",
    edit=(
        'next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])',
        'rate = config["learning_rate"] * np.sqrt(1 - beta2**t) / (1 - beta1**t)\n'
        '    next_w = w - rate * m / (np.sqrt(v) + config["epsilon"])',
    ),
)

catalogue.right(
    "efficient-form-with-epsilon-inside",
    edit=(
        'next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])',
        'rate = config["learning_rate"] * np.sqrt(1 - beta2**t) / (1 - beta1**t)\n'
        '    next_w = w - rate * m / np.sqrt(v + config["epsilon"])',
    ),
)

catalogue.right(
    "efficient-form-with-epsilon-corrected",
    edit=(
        'next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])',
        "root = np.sqrt(1 - beta2**t)\n"
        '    rate = config["learning_rate"] * root / (1 - beta1**t)\n'
        '    next_w = w - rate * m / (np.sqrt(v) + root * config["epsilon"])',
    ),
)


@catalogue.right("in-place")
def adam(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0, **(config or {})}
    m = config.setdefault("m", np.zeros_like(w))
    v = config.setdefault("v", np.zeros_like(w))
    config["t"] += 1
    m += (1 - config["beta1"]) * (dw - m)
    v += (1 - config["beta2"]) * (dw * dw - v)
    step = m / (1 - config["beta1"] ** config["t"])
    step /= np.sqrt(v / (1 - config["beta2"] ** config["t"])) + config["epsilon"]
    w -= config["learning_rate"] * step
    return w, config


@catalogue.right("loops-in-float32")
def adam(w, dw, config=None):
    config = dict(config or {})
    rate, epsilon = config.get("learning_rate", 1e-3), config.get("epsilon", 1e-8)
    beta1, beta2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    m = np.array(config.get("m", np.zeros(w.shape)), dtype=np.float32)
    v = np.array(config.get("v", np.zeros(w.shape)), dtype=np.float32)
    t = config.get("t", 0) + 1
    next_w = np.zeros(w.shape, dtype=np.float32)
    for place in np.ndindex(*w.shape):
        m[place] = beta1 * m[place] + (1 - beta1) * dw[place]
        v[place] = beta2 * v[place] + (1 - beta2) * dw[place] ** 2
        first, second = m[place] / (1 - beta1**t), v[place] / (1 - beta2**t)
        next_w[place] = w[place] - rate * first / (second**0.5 + epsilon)
    config.update(m=m, v=v, t=t)
    return next_w, config
