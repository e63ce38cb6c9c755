"""affine_forward: a fully connected layer: every example flattened, times w, plus b."""

from grader import Question
from grader.reference import affine

from ._inputs import affine as inputs

question = Question("affine_forward", file="layers.py", points=2, returns="out cache:kept")

question.forward(affine, inputs, points=3, shape=[(5, 4), (2, 3, 2, 1, 2), (1, 6)])
