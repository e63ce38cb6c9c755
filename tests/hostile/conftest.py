"""What all gradings of hostile submissions need."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator

import pytest

from .course import Course, canary


@pytest.fixture(scope="module")
def secret() -> Iterator[str]:
    """Return something that is in the grader's environment and memory."""
    text = canary("environment")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_SECRET", text)
        yield text


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Callable[[Course], None]:
    """Return a function that has temporary files go where a course has them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # of the checks
    return lambda course: monkeypatch.setattr(tempfile, "tempdir", str(course.temporary))
