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
    """is right, and many times faster than a loop over all outputs"""
    one, other = rng.normal(size=(2, 1, 3, 24, 24))
    w, b, conv_param = rng.normal(size=(24, 3, 3, 3)), rng.normal(size=24), {"stride": 1, "pad": 0}
    right, also_right = (conv2d(x, w, b, conv_param) for x in (one, other))

    def quick(share):
        out, _ = student.conv_forward_im2col(share * one + (1 - share) * other, w, b, conv_param)
        expect.close(out, share * right + (1 - share) * also_right, "out")

    def naive():
        student.conv_forward_naive(one, w, b, conv_param)

    return is_faster(student, rng, quick, naive, right.size)
