"""affine_backward: the gradients of a fully connected layer."""

from grader import Question
from grader.reference import affine

from ._inputs import affine as inputs

question = Question("affine_backward", file="layers.py", points=3, returns="dx dw db", depends=["affine_forward"])

question.backward(affine, inputs, of="affine_forward", points=3, shape=[(5, 4), (2, 3, 2, 2), (1, 3)])
