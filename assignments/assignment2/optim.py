"""Update rules: how a parameter moves when its gradient is known.

Every rule has the same form, rule(w, dw, config=None) -> next_w, config:

    w: the parameter, any shape
    dw: the gradient of the loss with respect to w, shape of w
    config: a dictionary of settings and of state from the step before; what is missing takes its default
    next_w: the parameter after the step, shape of w
    config: settings and new state, to be handed in at the next step

The parameter has its own config: state such as a velocity has the shape of w.
"""

import numpy as np


def sgd(w, dw, config=None):
    """Stochastic gradient descent, the worked example: one step against the gradient.

    config:
        learning_rate: (default 1e-2)
    """
    config = {"learning_rate": 1e-2, **(config or {})}  # what the caller gives wins over the default
    next_w = w - config["learning_rate"] * dw
    return next_w, config


def sgd_momentum(w, dw, config=None):
    """Gradient descent with momentum: the velocity remembers earlier gradients (Polyak 1964).

        velocity <- momentum * velocity - learning_rate * dw
        w        <- w + velocity

    config:
        learning_rate: (default 1e-2)
        momentum: share of the velocity that is kept, 0 gives plain sgd (default 0.9)
        velocity: shape of w (default zeros)
    """
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w), **(config or {})}
    raise NotImplementedError("write sgd_momentum")


def rmsprop(w, dw, config=None):
    """RMSprop: divide the step by a running root mean square of the gradient (Tieleman and Hinton 2012).

        cache <- decay_rate * cache + (1 - decay_rate) * dw^2
        w     <- w - learning_rate * dw / (sqrt(cache) + epsilon)

    config:
        learning_rate: (default 1e-2)
        decay_rate: share of the cache that is kept (default 0.99)
        epsilon: keeps the division finite (default 1e-8)
        cache: running mean of the squared gradient, shape of w (default zeros)
    """
    config = {
        "learning_rate": 1e-2,
        "decay_rate": 0.99,
        "epsilon": 1e-8,
        "cache": np.zeros_like(w),
        **(config or {}),
    }
    raise NotImplementedError("write rmsprop")


def adam(w, dw, config=None):
    """Adam: running means of the gradient and of its square, corrected for their start at zero.

    Algorithm 1 of Kingma and Ba 2015. t is increased before it is used, so the first step has t = 1.

        t <- t + 1
        m <- beta1 * m + (1 - beta1) * dw
        v <- beta2 * v + (1 - beta2) * dw^2
        w <- w - learning_rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    config:
        learning_rate: (default 1e-3)
        beta1: share of m that is kept (default 0.9)
        beta2: share of v that is kept (default 0.999)
        epsilon: keeps the division finite (default 1e-8)
        m: running mean of the gradient, shape of w (default zeros)
        v: running mean of the squared gradient, shape of w (default zeros)
        t: number of steps taken so far (default 0)
    """
    config = {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "m": np.zeros_like(w),
        "v": np.zeros_like(w),
        "t": 0,
        **(config or {}),
    }
    raise NotImplementedError("write adam")
