"""spatial_batchnorm_backward: the gradients of spatial batch normalisation."""

from grader import Question
from grader.reference import spatial_batchnorm

from ._inputs import channels

question = Question(
    "spatial_batchnorm_backward",
    file="layers.py",
    points=3,
    returns="dx dgamma dbeta",
    depends=["spatial_batchnorm_forward", "batchnorm_backward"],
)

question.backward(
    spatial_batchnorm, channels, of="spatial_batchnorm_forward", points=3, wrt=(0, 1, 2), images=[2, 1], eps=[0.05, 0.3]
)
