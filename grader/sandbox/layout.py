"""Where a worker finds the modules of a submission, and what it may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["OWN", "Layout", "Limits"]

OWN = "submission"
"""The package that a submission's flat files are put into, so that they may import each other relatively, too."""


@dataclass(frozen=True)
class Layout:
    """The table of a submission's modules.

    ``modules`` maps module names to absolute paths of files, ``aliases`` further names to those names, ``packages``
    names of packages to their folders, and ``missing`` names that are known not to be there to why. ``search`` are the
    submission's own folders, without links in their paths: searched after everything that is installed, and a
    traceback's files are shown relative to them.
    """

    modules: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    search: Sequence[str] = ()


@dataclass(frozen=True)
class Limits:
    """What a student's code may use.

    That is seconds of processor time per call and per question, and bytes of memory on top of what the worker takes.

    ``cuda`` lets it see the GPU; the memory is then counted otherwise, for CUDA reserves more addresses than there is
    memory.

    ``patience`` times the processor time, plus ``slack`` seconds, is how long the clock on the wall may run meanwhile:
    a machine may be busy with other things.
    """

    call_seconds: float = 10.0
    question_seconds: float = 60.0
    memory_bytes: int | None = 4 * 2**30
    cuda: bool = False
    patience: float = 3.0
    slack: float = 10.0

    def wall(self, cpu: float) -> float:
        """Return the seconds on the wall that a call with ``cpu`` seconds of processor time may take."""
        return self.patience * cpu + self.slack
