"""What is right: the layers, losses, update rules and networks of the field in torch, behind numpy arrays.

Every function takes and returns numpy arrays and has a ``gradient`` by autograd (see ``grader.checking.reference``);
its signature is that of the function which students write. ``reference`` makes one of your own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.checking.reference import Lazy, Reference, reference

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as functional
    from torch import Tensor
else:
    torch = Lazy("torch")
    functional = Lazy("torch.nn.functional")

__all__ = [
    "Reference",
    "adam",
    "affine",
    "batchnorm",
    "conv2d",
    "fully_connected_loss",
    "fully_connected_scores",
    "fully_connected_statistics",
    "functional",
    "groupnorm",
    "layernorm",
    "max_pool2d",
    "reference",
    "relu",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "softmax_loss",
    "spatial_batchnorm",
    "three_layer_convnet_loss",
    "three_layer_convnet_scores",
    "torch",
]

Config = Mapping[str, Any]


# --- layers -----------------------------------------------------------------------------------------------------------


@reference(version=1)
def affine(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Rows of x (N, d1, …, dk), flattened, times w (D, M), plus b (M,)."""
    return x.reshape(x.shape[0], -1) @ w + b


@reference(version=1)
def relu(x: Tensor) -> Tensor:
    """The positive part of x, any shape."""
    return functional.relu(x)


@reference(version=1)
def softmax_loss(x: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of logits x (N, C) for labels y (N,)."""
    return functional.cross_entropy(x, y)


@reference(version=1)
def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor, bn_param: Config) -> Tensor:
    """Batch normalisation (Ioffe and Szegedy, 2015) of x (N, D): biased variance; running statistics in test mode."""
    return _batchnorm(x, gamma, beta, bn_param, (0,), (1, -1))


@reference(version=1)
def spatial_batchnorm(x: Tensor, gamma: Tensor, beta: Tensor, bn_param: Config) -> Tensor:
    """Batch normalisation of x (N, C, H, W), per channel over N, H and W."""
    return _batchnorm(x, gamma, beta, bn_param, (0, 2, 3), (1, -1, 1, 1))


def _batchnorm(
    x: Tensor, gamma: Tensor, beta: Tensor, bn_param: Config, axes: Sequence[int], shape: tuple[int, ...]
) -> Tensor:
    if bn_param["mode"] == "train":
        mean, var = x.mean(axes), x.var(axes, unbiased=False)
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    scale = torch.sqrt(var + bn_param.get("eps", 1e-5))
    return (x - mean.reshape(shape)) / scale.reshape(shape) * gamma.reshape(shape) + beta.reshape(shape)


@reference(version=1)
def layernorm(x: Tensor, gamma: Tensor, beta: Tensor, ln_param: Config) -> Tensor:
    """Layer normalisation (Ba, Kiros and Hinton, 2016) of x (N, D), each row by itself."""
    return functional.layer_norm(x, x.shape[1:], gamma, beta, ln_param.get("eps", 1e-5))


@reference(version=1)
def groupnorm(x: Tensor, gamma: Tensor, beta: Tensor, G: int, gn_param: Config) -> Tensor:
    """Group normalisation (Wu and He, 2018) of x (N, C, H, W) in G groups; gamma and beta (1, C, 1, 1)."""
    return functional.group_norm(x, G, gamma.reshape(-1), beta.reshape(-1), gn_param.get("eps", 1e-5))


@reference(version=1)
def conv2d(x: Tensor, w: Tensor, b: Tensor, conv_param: Config) -> Tensor:
    """Cross-correlation of x (N, C, H, W) with filters w (F, C, HH, WW), plus b (F,)."""
    return functional.conv2d(x, w, b, stride=conv_param["stride"], padding=conv_param["pad"])


@reference(version=1)
def max_pool2d(x: Tensor, pool_param: Config) -> Tensor:
    """The largest value of each window of x (N, C, H, W)."""
    window = (pool_param["pool_height"], pool_param["pool_width"])
    return functional.max_pool2d(x, window, pool_param["stride"])


# --- update rules: the weights after each of several steps ------------------------------------------------------------


@reference(version=1)
def sgd(w: Tensor, gradients: Sequence[Tensor], config: Config) -> tuple[Tensor, ...]:
    """Plain gradient descent."""
    return _steps(w, gradients, lambda w, dw, t: w - config["learning_rate"] * dw)


@reference(version=1)
def sgd_momentum(w: Tensor, gradients: Sequence[Tensor], config: Config) -> tuple[Tensor, ...]:
    """Gradient descent with a velocity (Polyak, 1964): v = momentum v - learning_rate dw; w = w + v."""
    velocity = config.get("velocity", torch.zeros_like(w))

    def step(w: Tensor, dw: Tensor, t: int) -> Tensor:
        nonlocal velocity
        velocity = config["momentum"] * velocity - config["learning_rate"] * dw
        return w + velocity

    return _steps(w, gradients, step)


@reference(version=1)
def rmsprop(w: Tensor, gradients: Sequence[Tensor], config: Config) -> tuple[Tensor, ...]:
    """RMSProp (Tieleman and Hinton, 2012), epsilon outside the root, or inside with ``config["inside"]``."""
    square, epsilon = config.get("cache", torch.zeros_like(w)), config["epsilon"]
    decay = config["decay_rate"]

    def step(w: Tensor, dw: Tensor, t: int) -> Tensor:
        nonlocal square
        square = decay * square + (1 - decay) * dw**2
        root = torch.sqrt(square + epsilon) if config.get("inside") else torch.sqrt(square) + epsilon
        return w - config["learning_rate"] * dw / root

    return _steps(w, gradients, step)


@reference(version=1)
def adam(w: Tensor, gradients: Sequence[Tensor], config: Config) -> tuple[Tensor, ...]:
    """Adam (Kingma and Ba, 2015), epsilon outside the root.

    ``config["form"]`` is "plain", "inside" (epsilon inside the root), "efficient" (the order of computation at the
    end of the paper's section 2, in which epsilon is not corrected) or "efficient inside".
    """
    m, v = config.get("m", torch.zeros_like(w)), config.get("v", torch.zeros_like(w))
    beta1, beta2, epsilon, rate = (config[key] for key in ("beta1", "beta2", "epsilon", "learning_rate"))
    form = config.get("form", "plain")

    def step(w: Tensor, dw: Tensor, t: int) -> Tensor:
        nonlocal m, v
        t += config.get("t", 0)
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw**2
        first, second = m / (1 - beta1**t), v / (1 - beta2**t)
        if form.startswith("efficient"):
            root = torch.sqrt(v + epsilon) if form == "efficient inside" else torch.sqrt(v) + epsilon
            return w - rate * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * m / root
        root = torch.sqrt(second + epsilon) if form == "inside" else torch.sqrt(second) + epsilon
        return w - rate * first / root

    return _steps(w, gradients, step)


def _steps(w: Tensor, gradients: Sequence[Tensor], step: Callable[[Tensor, Tensor, int], Tensor]) -> tuple[Tensor, ...]:
    trajectory = []
    for t, dw in enumerate(gradients, start=1):
        w = step(w, dw, t)
        trajectory.append(w)
    return tuple(trajectory)


# --- networks ---------------------------------------------------------------------------------------------------------


@reference(version=1)
def fully_connected_scores(X: Tensor, params: Mapping[str, Tensor], config: Config) -> Tensor:
    """Scores of {affine, [norm], relu} x (L - 1), affine.

    ``config`` says which ``normalization``: None, "layernorm" or "batchnorm", this with the running ``statistics``
    [[mean, variance], …] in test mode.
    """
    return _fully_connected(X, params, config)


@reference(version=1)
def fully_connected_loss(X: Tensor, y: Tensor, params: Mapping[str, Tensor], config: Config) -> Tensor:
    """The same network's softmax loss, plus 0.5 reg times the squares of all weight matrices."""
    return functional.cross_entropy(_fully_connected(X, params, config), y) + _penalty(params, config["reg"])


@reference(version=1)
def fully_connected_statistics(X: Tensor, params: Mapping[str, Tensor], config: Config) -> tuple[Tensor, ...]:
    """Mean and biased variance of what each batch normalisation of the network is given, one layer after the other."""
    seen: list[Tensor] = []
    _fully_connected(X, params, config, seen)
    return tuple(value for h in seen for value in (h.mean(0), h.var(0, unbiased=False)))


def _fully_connected(
    X: Tensor, params: Mapping[str, Tensor], config: Config, seen: list[Tensor] | None = None
) -> Tensor:
    layers = sum(name[0] == "W" for name in params)
    h = X.reshape(X.shape[0], -1)
    for layer in range(1, layers + 1):
        h = h @ params[f"W{layer}"] + params[f"b{layer}"]
        if layer == layers:
            break
        if seen is not None:
            seen.append(h)
        gamma, beta = params.get(f"gamma{layer}"), params.get(f"beta{layer}")
        if config.get("normalization") == "batchnorm" and config.get("statistics"):
            mean, var = config["statistics"][layer - 1]
            h = gamma * (h - mean) / torch.sqrt(var + 1e-5) + beta
        elif config.get("normalization") == "batchnorm":
            h = functional.batch_norm(h, None, None, gamma, beta, training=True, eps=1e-5)
        elif config.get("normalization") == "layernorm":
            h = functional.layer_norm(h, h.shape[1:], gamma, beta, 1e-5)
        h = functional.relu(h)
    return h


@reference(version=1)
def three_layer_convnet_scores(X: Tensor, params: Mapping[str, Tensor]) -> Tensor:
    """Scores of conv, relu, 2x2 max pool, affine, relu, affine; the convolution keeps height and width."""
    return _three_layer_convnet(X, params)


@reference(version=1)
def three_layer_convnet_loss(X: Tensor, y: Tensor, params: Mapping[str, Tensor], reg: float) -> Tensor:
    """The same network's softmax loss, plus 0.5 reg times the squares of all weights."""
    return functional.cross_entropy(_three_layer_convnet(X, params), y) + _penalty(params, reg)


def _three_layer_convnet(X: Tensor, params: Mapping[str, Tensor]) -> Tensor:
    pad = (params["W1"].shape[-1] - 1) // 2
    h = functional.max_pool2d(functional.relu(functional.conv2d(X, params["W1"], params["b1"], padding=pad)), 2, 2)
    h = functional.relu(h.reshape(h.shape[0], -1) @ params["W2"] + params["b2"])
    return h @ params["W3"] + params["b3"]


def _penalty(params: Mapping[str, Tensor], reg: float) -> Any:
    return 0.5 * reg * sum((value**2).sum() for name, value in params.items() if name[0] == "W")
