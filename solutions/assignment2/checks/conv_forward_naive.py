"""conv_forward_naive: slide every filter over every image."""

from grader import Question
from grader.reference import conv2d

from ._inputs import convolution

question = Question("conv_forward_naive", file="layers.py", points=5, returns="out cache:kept")

question.forward(conv2d, convolution, points=4, stride=[1, 2], pad=[0, 1, 2])
question.forward(conv2d, convolution, id="on_other_cases", hidden=True, stride=[3], pad=[1], images=[1, 3])
