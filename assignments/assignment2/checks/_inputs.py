"""Inputs that several questions share.

They are chosen so that mistakes show: nothing square, nothing symmetric, no zero bias, epsilon and momentum large
enough to see. What is only wrong where something is square, too, has one case of its own.
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


def normalised(rng: Random, shape: tuple[int, ...], features: int, eps: float | None, mode: str) -> Arguments:
    """Return x with a scale and an offset of its own in every feature, gamma, beta, and the parameters.

    Without an epsilon, x is so small that the default one shows.
    """
    x = 2.0 * rng.normal(size=shape) + 3.0
    param = {"mode": mode}
    if eps is None:
        x = x / 1024.0
    else:
        param["eps"] = eps
    return x, rng.normal(1.0, 0.5, size=features), rng.normal(size=features), param


def batch(rng: Random, rows: int, eps: float | None) -> Arguments:
    """Return the arguments of batch normalisation in training."""
    return normalised(rng, (rows, 5), 5, eps, "train")


def rows(rng: Random, shape: tuple[int, int], eps: float | None, mode: str = "train") -> Arguments:
    """Return the arguments of layer normalisation."""
    return normalised(rng, shape, shape[1], eps, mode)


def channels(rng: Random, images: int, eps: float) -> Arguments:
    """Return the arguments of spatial batch normalisation in training; a single image has as many rows as channels."""
    return normalised(rng, (images, 3, 3, 3) if images == 1 else (images, 3, 4, 5), 3, eps, "train")


def groups(rng: Random, G: int, eps: float | None) -> Arguments:
    """Return the arguments of group normalisation for 6 channels."""
    x, gamma, beta, param = normalised(rng, (2, 6, 3, 5), 6, eps, "train")
    del param["mode"]
    return x, gamma.reshape(1, 6, 1, 1), beta.reshape(1, 6, 1, 1), G, param


def convolution(rng: Random, stride: int, pad: int, images: int = 2) -> Arguments:
    """Return images, filters, biases and parameters; with stride 2, a row and a column of the images are left over.

    No filter has as many channels as rows or columns, so that none of its axes can be taken for another. No image,
    filter or output is square, but where the padding is 2: there the filters are single pixels, or with stride 2
    everything is square.
    """
    image, window = ((8, 11) if stride == 2 else (7, 12)), (3, 2)
    if pad == 2:
        image, window = ((10, 10), (3, 3)) if stride == 2 else (image, (1, 1))
    x, w, b = rng.normal(size=(images, 5, *image)), rng.normal(size=(4, 5, *window)), rng.normal(size=4)
    return x, w, b, {"stride": stride, "pad": pad}


def pooling(rng: Random, window: tuple[int, int], stride: int, sign: int = 0) -> Arguments:
    """Return images without ties, all far below zero if ``sign`` is -1, and parameters.

    The output has 3 rows and 4 columns, and the images have another number of channels. With stride 3 the output is
    square, and two rows and a column of the images are left over.
    """
    height, width = window
    rows, columns = height + 2 * stride, width + 3 * stride
    if stride == 3:
        rows, columns = rows + 2, columns - 2
    x = rng.distinct((2, 5, rows, columns))
    if sign < 0:
        x = x - x.max() - 1000.0
    return x, {"pool_height": height, "pool_width": width, "stride": stride}


WINDOWS = [(2, 2), (3, 2), (2, 3)]
