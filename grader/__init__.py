"""A grader for implementation assignments in deep-learning courses.

For authors of checks: ``Question``, ``expect`` and ``tensor`` here, ``grader.reference`` for what is right. For
notebooks: ``%load_ext grader``, and ``check``. All are imported when they are first used, so that the command line
starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.checking import expect
    from grader.checking.question import Question
    from grader.checking.tensors import tensor
    from grader.notebook.magic import check, load_ipython_extension, unload_ipython_extension

__all__ = ["Question", "check", "expect", "load_ipython_extension", "tensor", "unload_ipython_extension"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    import importlib

    if name == "Question":
        return importlib.import_module("grader.checking.question").Question
    if name == "tensor":
        return importlib.import_module("grader.checking.tensors").tensor
    if name == "expect":
        return importlib.import_module("grader.checking.expect")
    if name in ("check", "load_ipython_extension", "unload_ipython_extension"):
        return getattr(importlib.import_module("grader.notebook.magic"), name)
    raise AttributeError(f"module 'grader' has no attribute '{name}'")
