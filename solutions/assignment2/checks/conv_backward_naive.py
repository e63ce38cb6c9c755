"""conv_backward_naive: the gradients of a convolution with respect to images, filters and biases."""

from grader import Question
from grader.reference import conv2d

from ._inputs import convolution

question = Question(
    "conv_backward_naive", file="layers.py", points=6, returns="dx dw db", depends=["conv_forward_naive"]
)

question.backward(conv2d, convolution, of="conv_forward_naive", points=4, stride=[1, 2], pad=[1, 2])
question.backward(
    conv2d,
    convolution,
    of="conv_forward_naive",
    id="without_padding",
    title="agrees with torch's gradient at pad 0",
    robust=True,
    points=2,
    stride=[1, 2],
    pad=[0],
)
question.backward(
    conv2d, convolution, of="conv_forward_naive", id="on_other_cases", hidden=True, stride=[3], pad=[1], images=[1, 3]
)
