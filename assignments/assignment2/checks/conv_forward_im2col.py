"""conv_forward_im2col: the same convolution as one matrix product."""

import functools

from grader import Question, expect
from grader.reference import conv2d

from ._inputs import convolution
from ._speed import REPEATS, is_faster

question = Question(
    "conv_forward_im2col",
    file="fast_layers.py",
    points=2,
    returns="out cache:kept",
    also={"conv_forward_naive": ("layers.py", "out cache:kept")},
)

question.forward(conv2d, convolution, points=2, stride=[1, 2], pad=[0, 1, 2])


@question.check(points=1)
def is_fast(student, rng):
    """is right, and many times faster than your naive convolution"""
    w, b, conv_param = rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4), {"stride": 1, "pad": 0}
    images = [rng.normal(size=(2, 3, 32, 32)) for _ in range(REPEATS)]

    def quick(x):
        expect.close(student.conv_forward_im2col(x, w, b, conv_param)[0], conv2d(x, w, b, conv_param), "out")

    return is_faster(
        student,
        [functools.partial(quick, x) for x in images],
        lambda: student.conv_forward_naive(images[0], w, b, conv_param),
        images[0],
        w,
    )
