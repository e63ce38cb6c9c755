"""affine_forward: a fully connected layer: every example flattened, times w, plus b."""

from grader import Question
from grader.reference import affine

from ._inputs import affine as inputs

question = Question("affine_forward", file="layers.py", points=2, returns="out cache:kept")

question.forward(affine, inputs, points=3, shape=[(5, 4), (2, 3, 2, 1, 2), (1, 6)])
question.forward(affine, inputs, id="on_other_shapes", hidden=True, shape=[(3, 2, 4), (4, 1, 5, 2)])
