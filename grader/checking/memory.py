"""What a run leaves for the next one of the same checks: it makes no difference but to the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.checking.random import Draws

__all__ = ["Memory"]


@dataclass
class Memory:
    """The inputs that were drawn, and each question's reference answers, found by a digest of all that they hang on."""

    draws: Draws = field(default_factory=Draws)
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
