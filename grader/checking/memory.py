"""What a run leaves for the next one of the same checks: it makes no difference but to the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.checking.answers import together
from grader.checking.precedents import Precedents
from grader.checking.random import Draws

__all__ = ["Memory"]


@dataclass
class Memory:
    """The inputs that were drawn, what was decided of which answers, and each question's reference answers.

    Those are found by a digest of all that they hang on.
    """

    draws: Draws = field(default_factory=Draws)
    precedents: Precedents = field(default_factory=Precedents)
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def keep_answers(self, question: str, asked: Mapping[str, Any]) -> None:
        """Keep reference answers, also those from before: who finds a precedent has asked for none."""
        self.answers[question] = together(self.answers.get(question, {}), asked)
