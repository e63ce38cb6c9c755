"""spatial_groupnorm_forward: every image normalised over groups of its channels."""

from grader import Question
from grader.reference import groupnorm

from ._inputs import groups

question = Question("spatial_groupnorm_forward", file="layers.py", points=3, returns="out cache:kept")

question.forward(groupnorm, groups, points=3, G=[2, 3, 1, 6], eps=[0.3, None])
