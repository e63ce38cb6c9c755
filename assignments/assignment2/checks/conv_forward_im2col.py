"""conv_forward_im2col: the same convolution as one matrix product."""

from grader import Question, expect
from grader.reference import conv2d

from ._inputs import convolution
from ._speed import is_faster

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
    few = convolution(rng, 1, 1)
    expect.close(student.conv_forward_im2col(*few)[0], conv2d(*few), "out")
    x, w, b = rng.normal(size=(2, 3, 32, 32)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    args = (x, w, b, {"stride": 1, "pad": 0})
    return is_faster(
        student, lambda: student.conv_forward_im2col(*args), lambda: student.conv_forward_naive(*args), x, w
    )
