"""layernorm_forward: every example normalised over its own features, then scaled and shifted."""

from grader import Question
from grader.reference import layernorm

from ._inputs import rows

question = Question("layernorm_forward", file="layers.py", points=3, returns="out cache:kept")

question.forward(layernorm, rows, points=3, shape=[(4, 5), (1, 6)], eps=[0.3, None])
question.forward(
    layernorm,
    rows,
    id="same_in_test_mode",
    title="does the same in test mode",
    shape=[(3, 4)],
    eps=[0.2],
    mode=["test"],
)
