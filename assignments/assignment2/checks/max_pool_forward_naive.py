"""max_pool_forward_naive: the largest value of every window."""

from grader import Question
from grader.reference import max_pool2d

from ._inputs import WINDOWS, pooling

question = Question("max_pool_forward_naive", file="layers.py", points=3, returns="out cache:kept")

question.forward(max_pool2d, pooling, points=4, window=WINDOWS, stride=[1, 2, 3])
question.forward(
    max_pool2d,
    pooling,
    id="negative_images",
    title="agrees with torch where all values are negative",
    window=[(2, 3)],
    stride=[2],
    sign=[-1],
)
