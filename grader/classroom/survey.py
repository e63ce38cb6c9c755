"""What a worker of a cluster says about the machine that it is on."""

from __future__ import annotations

import asyncio
import platform
from dataclasses import dataclass

import numpy as np
from distributed import Worker

from grader.checking.devices import torch_version
from grader.classroom.terms import code_identity
from grader.errors import GraderError
from grader.sandbox.choice import Choice

__all__ = ["Found", "called", "survey"]


@dataclass(frozen=True)
class Found:
    """What is on a worker: the grader's code, versions, the tier that it gives, and why no better one, or none."""

    name: str
    grader: str
    python: str
    numpy: str
    torch: str | None
    tier: str
    why: str


async def survey(wanted: str, dask_worker: Worker) -> Found:
    """Look at a worker, on it. ``wanted`` is a tier, or ``auto`` for the best but ``process``."""
    tier, why = await asyncio.to_thread(_tier, wanted)
    return Found(
        called(dask_worker.address),
        code_identity(),
        platform.python_version(),
        np.__version__,
        torch_version(),
        tier,
        why,
    )


def called(address: str) -> str:
    """Return how people may know a worker."""
    return f"{address} on {platform.node()}"


def _tier(wanted: str) -> tuple[str, str]:
    try:
        with Choice(wanted) as choice:
            if choice.tier == "process":
                return "", choice.attempts()["lite"].why
            better = wanted == "auto" and choice.tier != "full"
            return choice.tier, choice.attempts()["full"].why if better else ""
    except GraderError as error:
        return "", str(error)
