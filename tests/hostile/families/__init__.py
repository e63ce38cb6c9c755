"""The attacks, by what they are after."""

from __future__ import annotations

from . import (
    descriptors,
    ends,
    files,
    forging,
    loops,
    memory,
    network,
    output,
    processes,
    reading,
    shadowing,
    signals,
    tracing,
    values,
)

__all__ = ["FAMILIES", "JUDGED"]

FAMILIES = (
    *(ends, loops, signals, memory, processes, output, files, reading, network, tracing, descriptors, forging),
    *(values, shadowing),
)
JUDGED = (output, forging, values)
"""Those that no layer has a part in stopping: what stops them is the same in every tier."""
