"""max_pool_backward_naive: the upstream gradient goes to the largest value of every window."""

import numpy as np

from grader import Question, expect
from grader.reference import max_pool2d

from ._inputs import WINDOWS, pooling

question = Question(
    "max_pool_backward_naive", file="layers.py", points=4, returns="dx", depends=["max_pool_forward_naive"]
)

question.backward(max_pool2d, pooling, of="max_pool_forward_naive", points=3, window=WINDOWS, stride=[2, 3])
question.backward(
    max_pool2d,
    pooling,
    of="max_pool_forward_naive",
    id="overlapping_windows",
    title="adds up where windows overlap",
    points=2,
    window=WINDOWS,
    stride=[1],
)


@question.check(robust=True)
def shares_among_ties(student, rng):
    """gives each window's gradient to its largest values, however it shares it among equals"""
    x = rng.integers(0, 3, size=(2, 2, 5, 6)).astype(float)
    out, cache = student.max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 3, "stride": 3})
    expect.shape(out, (2, 2, 2, 2), "out")
    dout = rng.uniform(0.5, 1.5, size=out.shape)
    dx = student.max_pool_backward_naive(dout, cache)
    expect.shape(dx, x.shape, "dx")
    for i, j in np.ndindex(2, 2):
        place = np.s_[:, :, 3 * i : 3 * i + 2, 3 * j : 3 * j + 3]
        window, gradient = x[place], dx[place]
        largest = window == window.max(axis=(2, 3), keepdims=True)
        expect.close(gradient.sum(axis=(2, 3)), dout[:, :, i, j], "the sum of dx over a window")
        expect.close(np.where(largest, 0.0, gradient), np.zeros(window.shape), "dx off the largest values")
        expect.that(bool((gradient > -1e-9).all()), "some of dx is negative where all of dout is positive")
