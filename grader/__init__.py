"""A grader for implementation assignments in deep-learning courses.

For authors of checks: ``Question``, ``expect`` and ``tensor`` here, ``grader.reference`` for what is right. They are
imported when they are first used, so that the command line starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.checking import expect
    from grader.checking.question import Question
    from grader.checking.tensors import tensor

__all__ = ["Question", "expect", "tensor"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    import importlib

    if name == "Question":
        return importlib.import_module("grader.checking.question").Question
    if name == "tensor":
        return importlib.import_module("grader.checking.tensors").tensor
    if name == "expect":
        return importlib.import_module("grader.checking.expect")
    raise AttributeError(f"module 'grader' has no attribute '{name}'")
