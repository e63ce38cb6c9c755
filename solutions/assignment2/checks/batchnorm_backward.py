"""batchnorm_backward: the gradients of batch normalisation, walked back through its graph."""

from grader import Question
from grader.reference import batchnorm

from ._inputs import batch

question = Question(
    "batchnorm_backward", file="layers.py", points=4, returns="dx dgamma dbeta", depends=["batchnorm_forward"]
)

question.backward(batchnorm, batch, of="batchnorm_forward", points=3, wrt=(0, 1, 2), rows=[4, 7], eps=[0.05, 0.3])
question.backward(
    batchnorm, batch, of="batchnorm_forward", id="on_other_batches", hidden=True, wrt=(0, 1, 2), rows=[2, 9], eps=[0.1]
)
