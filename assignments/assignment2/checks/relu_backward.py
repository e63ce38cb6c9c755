"""relu_backward: the upstream gradient passes where the input was positive."""

from grader import Question
from grader.reference import relu

from ._inputs import activations

question = Question("relu_backward", file="layers.py", points=1, returns="dx", depends=["relu_forward"])

question.backward(relu, activations, of="relu_forward", shape=[(3, 4), (2, 3, 2, 4)])
