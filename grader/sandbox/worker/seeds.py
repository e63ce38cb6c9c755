"""Where the student's code gets its random numbers from: the same ones each time, whoever was graded before."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.random  # now, as numpy would draw a state of its own on first use

__all__ = ["sow"]


def sow(
    seed: int,
    python: Callable[[int], None] = random.seed,  # taken now: a student may put something else in their place
    array: Callable[[int], None] = np.random.seed,
) -> None:
    """Set the state of the global generators of Python, numpy and, where it is loaded, torch.

    Args:
        seed: of 32 bits.
        python: seeds Python's generator.
        array: seeds numpy's.
    """
    python(seed)
    array(seed)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        with contextlib.suppress(Exception):  # a student has replaced it: then it is as random as they like
            torch.default_generator.manual_seed(seed)
            if torch.cuda.is_initialized():
                torch.cuda.manual_seed_all(seed)
