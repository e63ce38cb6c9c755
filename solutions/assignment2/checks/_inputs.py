"""Inputs that several questions share.

They are chosen so that mistakes show: nothing square, nothing symmetric, no zero bias, epsilon and momentum large
enough to see.
"""

from __future__ import annotations

import math
from typing import Any

from grader.checking.random import Random

Arguments = tuple[Any, ...]


def affine(rng: Random, shape: tuple[int, ...]) -> Arguments:
    """Return x of a shape, w for 3 outputs, and b."""
    return rng.normal(size=shape), rng.normal(size=(math.prod(shape[1:]), 3)), rng.normal(size=3)


def activations(rng: Random, shape: tuple[int, ...]) -> Arguments:
    """Return x of a shape, with no value at or very near zero."""
    x = 10.0 * rng.normal(size=shape)  # well beyond 6, where a ReLU6 is flat
    return (x + 0.1 * (x >= 0) - 0.1 * (x < 0),)


def normalised(rng: Random, shape: tuple[int, ...], features: int, eps: float, mode: str) -> Arguments:
    """Return x with a scale and an offset of its own in every feature, gamma, beta, and the parameters."""
    x = 2.0 * rng.normal(size=shape) + 3.0
    return x, rng.normal(1.0, 0.5, size=features), rng.normal(size=features), {"mode": mode, "eps": eps}


def batch(rng: Random, rows: int, eps: float) -> Arguments:
    """Return the arguments of batch normalisation in training."""
    return normalised(rng, (rows, 5), 5, eps, "train")


def rows(rng: Random, shape: tuple[int, int], eps: float, mode: str = "train") -> Arguments:
    """Return the arguments of layer normalisation."""
    return normalised(rng, shape, shape[1], eps, mode)


def channels(rng: Random, images: int, eps: float) -> Arguments:
    """Return the arguments of spatial batch normalisation in training."""
    return normalised(rng, (images, 3, 4, 5), 3, eps, "train")


def groups(rng: Random, G: int, eps: float) -> Arguments:
    """Return the arguments of group normalisation for 6 channels."""
    x, gamma, beta, _ = normalised(rng, (2, 6, 3, 5), 6, eps, "train")
    return x, gamma.reshape(1, 6, 1, 1), beta.reshape(1, 6, 1, 1), G, {"eps": eps}


def convolution(rng: Random, stride: int, pad: int, images: int = 2) -> Arguments:
    """Return images, filters, biases and parameters; no image, filter or output is square, and every stride fits.

    No filter has as many channels as rows or columns, so that none of its axes can be taken for another.
    """
    x, w, b = rng.normal(size=(images, 5, 7, 12)), rng.normal(size=(4, 5, 3, 2)), rng.normal(size=4)
    return x, w, b, {"stride": stride, "pad": pad}


def pooling(rng: Random, window: tuple[int, int], stride: int, sign: int = 0) -> Arguments:
    """Return images without ties, all negative if ``sign`` is -1, and parameters; every window fits.

    The output has 3 rows and 4 columns, and the images have another number of channels.
    """
    height, width = window
    x = rng.distinct((2, 5, height + 2 * stride, width + 3 * stride))
    if sign < 0:
        x = x - x.max() - 1.0
    return x, {"pool_height": height, "pool_width": width, "stride": stride}


WINDOWS = [(2, 2), (3, 2), (2, 3)]
