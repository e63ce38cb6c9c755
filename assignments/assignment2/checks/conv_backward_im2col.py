"""conv_backward_im2col: the gradients of the convolution, by matrix products."""

from grader import Question, expect
from grader.reference import conv2d

from ._inputs import convolution
from ._speed import is_faster

question = Question(
    "conv_backward_im2col",
    file="fast_layers.py",
    points=2,
    returns="dx dw db",
    depends=["conv_forward_im2col"],
    also={
        "conv_forward_naive": ("layers.py", "out cache:kept"),
        "conv_backward_naive": ("layers.py", "dx dw db"),
    },
)

question.backward(conv2d, convolution, of="conv_forward_im2col", points=3, stride=[1, 2], pad=[1, 2])
question.backward(
    conv2d,
    convolution,
    of="conv_forward_im2col",
    id="without_padding",
    title="agrees with torch's gradient at pad 0",
    robust=True,
    points=2,
    stride=[1, 2],
    pad=[0],
)


@question.check(points=1)
def is_fast(student, rng):
    """is right, and many times faster than a loop over all outputs"""
    args = rng.normal(size=(1, 3, 24, 24)), rng.normal(size=(24, 3, 3, 3)), rng.normal(size=24), {"stride": 1, "pad": 0}
    one, other = rng.normal(size=(2, 1, 24, 22, 22))
    right, also_right = (conv2d.gradient(dout, *args, wrt=(0, 1, 2)) for dout in (one, other))
    _, cache = student.conv_forward_im2col(*args)

    def quick(share):
        got = student.conv_backward_im2col(share * one + (1 - share) * other, cache)
        want = tuple(share * first + (1 - share) * second for first, second in zip(right, also_right, strict=True))
        expect.close(got, want, ["dx", "dw", "db"])

    def naive():
        _, slow = student.conv_forward_naive(*args)
        student.conv_backward_naive(one, slow)

    return is_faster(student, rng, quick, naive, one.size, steps=2)  # dx and dw have a product each
