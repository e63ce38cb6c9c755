"""layernorm_backward: the gradients of layer normalisation."""

from grader import Question
from grader.reference import layernorm

from ._inputs import rows

question = Question(
    "layernorm_backward", file="layers.py", points=3, returns="dx dgamma dbeta", depends=["layernorm_forward"]
)

question.backward(
    layernorm, rows, of="layernorm_forward", points=3, wrt=(0, 1, 2), shape=[(4, 5), (1, 6)], eps=[0.05, 0.3]
)
