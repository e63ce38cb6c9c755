"""The terminal face of what a machine has."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from grader.checking.machine import Machine
from grader.reports.console import Indented
from grader.reports.findings import line

__all__ = ["draw"]

_WIDTH = 10
_PROMISES = {
    "full": "sees only Python and the submission, no other process, no network; writes into a small folder of its own",
    "lite": "reads only Python and the submission, writes into a folder of its own, no network, no other program",
    "process": "a process of its own, with limits on time and memory: no protection against somebody who cheats",
}


def draw(machine: Machine) -> Iterator[RenderableType]:
    """Return what to print, line by line."""
    cuda = f"{machine.cuda.device} ({machine.cuda.name})" if machine.cuda.device else machine.cuda.why
    facts = {
        "Python": machine.python,
        "numpy": machine.numpy,
        "torch": machine.torch or "not installed (needed for questions about torch: pip install 'grader[torch]')",
        "CUDA": cuda,
        "System": machine.platform,
    }
    for name, fact in facts.items():
        yield Indented(Text(line(fact)), " " * (_WIDTH + 2), Text(f"  {name:{_WIDTH}}"))
    yield Text("\nIsolation of student code")
    for tier, attempt in machine.tiers.items():
        first = Text.assemble("  ", (f"{tier:{_WIDTH}}", "red" if attempt.why else "green"))
        said = f"not available: {attempt.why}" if attempt.why else _PROMISES[tier]
        yield Indented(Text(line(said)), " " * (_WIDTH + 2), first)
        if attempt.layers:
            yield Indented(Text(f"({', '.join(attempt.layers)})", "dim"), " " * (_WIDTH + 2))
    yield Text(f"\ngrader run takes {machine.best}; --isolation asks for another.")
    if machine.best == "process":
        yield Text("grader grade needs --isolation process here: say so only if you trust all submissions.")
