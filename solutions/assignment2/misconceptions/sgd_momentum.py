"""Wrong and other right answers to sgd_momentum."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("sgd_momentum")

# No input tells these apart.
FORGETS = (
    "Every step follows its own gradient only: the velocity of the steps before is not used, not handed on in config,"
    " or set to zero."
)
UPHILL = (
    "The weights go uphill, so that the loss grows: of the gradient in the velocity and the velocity in the weights,"
    " one has the wrong sign."
)


catalogue.wrong(
    "plain-gradient-descent",
    FORGETS,
    edit=("next_w = w + velocity", 'next_w = w - config["learning_rate"] * dw'),
)

catalogue.wrong(
    "forgets-the-velocity",
    FORGETS,
    edit=('{**config, "velocity": velocity}', "config"),
)

catalogue.wrong(
    "starts-from-rest-each-time",
    FORGETS,
    edit=('config["momentum"] * config["velocity"]', 'config["momentum"] * np.zeros_like(w)'),
)

catalogue.wrong(
    "walks-uphill",
    UPHILL,
    edit=('config["velocity"] - config["learning_rate"]', 'config["velocity"] + config["learning_rate"]'),
)

catalogue.wrong(
    "turns-the-velocity-round",
    UPHILL,
    edit=("next_w = w + velocity", "next_w = w - velocity"),
)

catalogue.wrong(
    "moves-before-it-learns",
    "The weights move with the velocity of the step before; the present gradient comes one step late.",
    edit=("next_w = w + velocity", 'next_w = w + config["velocity"]'),
)

catalogue.wrong(
    "fixed-momentum",
    "The momentum is a fixed number, whatever config asks for.",
    edit=('config["momentum"] * config["velocity"]', '0.9 * config["velocity"]'),
)

catalogue.wrong(
    "no-friction",
    "The old velocity is kept whole; the momentum should leave only a share of it.",
    edit=('config["momentum"] * config["velocity"]', 'config["velocity"]'),
)

catalogue.wrong(
    "momentum-the-wrong-way-round",
    "The velocity keeps a share of 1 - momentum, but momentum is the share that is kept.",
    edit=('config["momentum"] * config["velocity"]', '(1 - config["momentum"]) * config["velocity"]'),
)

catalogue.wrong(
    "averages-the-gradient",
    "The gradient enters with a share of 1 - momentum, as in a running mean; in this rule it enters whole, so that the"
    " steps are too small.",
    edit=('- config["learning_rate"] * dw', '- (1 - config["momentum"]) * config["learning_rate"] * dw'),
)

catalogue.wrong(
    "learning-rate-twice",
    "The learning rate is applied when the gradient enters the velocity and again when the weights move.",
    edit=("next_w = w + velocity", 'next_w = w + config["learning_rate"] * velocity'),
)

catalogue.wrong(
    "no-learning-rate",
    "The gradient enters the velocity without the learning rate, so that the steps are far too large.",
    edit=('- config["learning_rate"] * dw', "- dw"),
)

catalogue.wrong(
    "looks-ahead",
    "This is Nesterov's variant, which takes the step from where the velocity will lead; asked for is the classical"
    " rule.",
    edit=("next_w = w + velocity", 'next_w = w + config["momentum"] * velocity - config["learning_rate"] * dw'),
)

catalogue.wrong(
    "velocity-as-weights",
    "The velocity is returned in the place of the weights.",
    edit=("next_w = w + velocity", "next_w = velocity"),
)


@catalogue.wrong(
    "scales-the-gradient-in-place",
    "dw itself is multiplied by the learning rate, but the caller still needs the gradient as it was.",
)
def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    dw *= config["learning_rate"]
    v = config["momentum"] * v - dw
    config["velocity"] = v
    return w + v, config


@catalogue.wrong(
    "velocity-outside-config",
    "The velocity is kept outside config, one for all: every parameter has its own, and they push each other.",
)
def sgd_momentum(w, dw, config=None):
    global velocity
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    try:
        velocity = config["momentum"] * velocity - config["learning_rate"] * dw
    except NameError:
        velocity = -config["learning_rate"] * dw
    return w + velocity, config


@catalogue.right("course-form")
def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    next_w = None
    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config


catalogue.right(
    "opposite-velocity",
    edit=[
        (
            'config["momentum"] * config["velocity"] - config["learning_rate"]',
            'config["momentum"] * config["velocity"] + config["learning_rate"]',
        ),
        ("next_w = w + velocity", "next_w = w - velocity"),
    ],
)


@catalogue.right("velocity-of-gradients")
def sgd_momentum(w, dw, config=None):
    config = dict(config or {})
    velocity = config.get("momentum", 0.9) * config.get("velocity", 0.0) + dw
    config["velocity"] = velocity  # a sum of gradients: the learning rate comes in when the weights move
    return w - config.get("learning_rate", 1e-2) * velocity, config


@catalogue.right("weights-in-place")
def sgd_momentum(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w), **(config or {})}
    config["velocity"] *= config["momentum"]
    config["velocity"] -= config["learning_rate"] * dw
    w += config["velocity"]
    return w, config


@catalogue.right("loops-in-float32")
def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {"learning_rate": 1e-2, "momentum": 0.9}
    velocity = np.array(config.get("velocity", np.zeros(w.shape)), dtype=np.float32)
    next_w = np.zeros(w.shape, dtype=np.float32)
    for place in np.ndindex(*w.shape):
        velocity[place] = config["momentum"] * velocity[place] - config["learning_rate"] * dw[place]
        next_w[place] = w[place] + velocity[place]
    config["velocity"] = velocity
    return next_w, config


@catalogue.right("own-state")
def sgd_momentum(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    gradients = [*config.get("gradients", []), dw]  # every gradient so far, the oldest one first
    shares = config["momentum"] ** np.arange(len(gradients))[::-1]
    step = sum(share * gradient for share, gradient in zip(shares, gradients, strict=True))
    return w - config["learning_rate"] * step, {**config, "gradients": gradients}
