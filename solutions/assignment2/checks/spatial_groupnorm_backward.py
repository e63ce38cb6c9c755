"""spatial_groupnorm_backward: the gradients of group normalisation.

The gradients of gamma and beta may have the shape (1, C, 1, 1) or (C,).
"""

from grader import Question
from grader.reference import groupnorm

from ._inputs import groups

question = Question(
    "spatial_groupnorm_backward",
    file="layers.py",
    points=4,
    returns="dx dgamma dbeta",
    depends=["spatial_groupnorm_forward"],
)

question.backward(
    groupnorm,
    groups,
    of="spatial_groupnorm_forward",
    points=3,
    wrt=(0, 1, 2),
    loose_shapes=True,
    G=[2, 3, 1, 6],
    eps=[0.05, 0.3],
)
question.backward(
    groupnorm,
    groups,
    of="spatial_groupnorm_forward",
    id="on_other_cases",
    hidden=True,
    wrt=(0, 1, 2),
    loose_shapes=True,
    G=[2, 3],
    eps=[0.1],
)
