"""conv_backward_im2col: the gradients of the convolution, by matrix products."""

from grader import Question
from grader.reference import conv2d

from ._inputs import convolution

question = Question(
    "conv_backward_im2col",
    file="fast_layers.py",
    points=2,
    returns="dx dw db",
    depends=["conv_forward_im2col"],
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
