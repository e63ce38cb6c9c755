"""What a machine has that grading depends on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking.devices import Cuda, find_cuda, torch_version
from grader.sandbox.choice import Attempt, Choice
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.student import Student

__all__ = ["SCHEMA", "Machine", "examine"]

SCHEMA = "grader.doctor/1"


@dataclass(frozen=True)
class Machine:
    """What was found; ``tiers`` are those of isolation, the best first."""

    python: str
    numpy: str
    torch: str | None
    platform: str
    cuda: Cuda
    tiers: Mapping[str, Attempt]

    @property
    def best(self) -> str:
        """The best tier that can be had."""
        return next((tier for tier, attempt in self.tiers.items() if not attempt.why), "")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, with stable keys."""
        return {
            "schema": SCHEMA,
            "python": self.python,
            "numpy": self.numpy,
            "torch": self.torch,
            "platform": self.platform,
            "cuda": {"device": self.cuda.device, "name": self.cuda.name, "why": self.cuda.why},
            "isolation": {
                "best": self.best,
                "tiers": {
                    tier: {"available": not attempt.why, "layers": list(attempt.layers), "why": attempt.why}
                    for tier, attempt in self.tiers.items()
                },
            },
        }


def examine() -> Machine:
    """Look at this machine; what can only be found by trying is tried."""
    limits = Limits(cuda=True, memory_bytes=None)
    with Choice("auto") as choice, closing(Student(lambda: WorkerProcess(Layout({}), limits), {}, limits)) as student:
        return Machine(
            python=platform.python_version(),
            numpy=np.__version__,
            torch=torch_version(),
            platform=platform.platform(),
            cuda=find_cuda("auto", student.cuda),
            tiers=choice.attempts(),
        )
