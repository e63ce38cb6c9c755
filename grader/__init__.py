"""A grader for implementation assignments in deep-learning courses.

For authors of checks: ``Question`` and ``expect`` here, ``grader.reference`` for what is right.
"""

from grader.checking import expect
from grader.checking.question import Question

__all__ = ["Question", "expect"]
__version__ = "0.1.0"
