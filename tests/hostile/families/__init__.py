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

__all__ = ["FAMILIES"]

FAMILIES = (
    *(ends, loops, signals, memory, processes, output, files, reading, network, tracing, descriptors, forging),
    *(values, shadowing),
)
