"""conv_backward_im2col: the gradients of the convolution, by matrix products."""

import functools

from grader import Question, expect
from grader.reference import conv2d

from ._inputs import convolution
from ._speed import REPEATS, is_faster

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
    """is right, and at least twice as fast as your naive gradient"""
    x, w, b = rng.normal(size=(2, 3, 32, 32)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    args = (x, w, b, {"stride": 1, "pad": 0})
    upstream = [rng.normal(size=(2, 4, 30, 30)) for _ in range(REPEATS)]
    _, cache = student.conv_forward_im2col(*args)
    _, slow = student.conv_forward_naive(*args)

    def quick(dout):
        want = conv2d.gradient(dout, *args, wrt=(0, 1, 2))
        expect.close(student.conv_backward_im2col(dout, cache), want, ["dx", "dw", "db"])

    return is_faster(
        student,
        [functools.partial(quick, dout) for dout in upstream],
        lambda: student.conv_backward_naive(upstream[0], slow),
        x,
        w,
        wanted=2.0,  # putting columns back one by one is right too, and takes a loop
    )
