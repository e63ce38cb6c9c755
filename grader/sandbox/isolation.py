"""The tiers of isolation: what is asked for, what a worker says that it has, and what can be seen of that from here.

``full``     namespaces, a root of its own with a quota, and all of ``lite``
``lite``     no powers, Landlock, a filter of system calls, and all of ``process``
``process``  a process of its own, with limits
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import FaultError
from grader.sandbox.layout import Layout

__all__ = ["LAYERS", "TIERS", "Isolation", "enough", "request", "verified"]

TIERS = ("full", "lite", "process")
"""The best first."""

_PROCESS = ("process", "limits")
_LITE = (*_PROCESS, "privileges", "landlock", "seccomp")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "full": (*_LITE, "namespaces", "root", "quota"),
    "lite": _LITE,
    "process": _PROCESS,
}
"""What each tier promises. A worker may have more, e.g. a ``user`` of its own."""

_NAMESPACES = ("mnt", "net", "pid", "ipc", "uts", "cgroup")

ROOM = 128 * 2**20
"""Bytes of files that student code may write."""


@dataclass(frozen=True)
class Isolation:
    """A tier and the layers that were really applied."""

    tier: str
    layers: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, for the report."""
        return {"tier": self.tier, "layers": list(self.layers)}


def enough(wanted: str) -> Sequence[str]:
    """Return the tiers that keep the code of a class apart as is wanted, or better; ``auto`` wants ``lite``."""
    return TIERS[: TIERS.index("lite" if wanted == "auto" else wanted) + 1]


def request(tier: str, layout: Layout, scratch: str) -> dict[str, Any]:
    """Return what a worker must know to take a tier, before it knows anything else of the submission."""
    files = list(layout.modules.values())  # some are not in these folders: those that come with the assignment
    return {"tier": tier, "folders": list(layout.search), "files": files, "scratch": scratch, "room": ROOM}


def verified(tier: str, said: object, process: int) -> Isolation:
    """Return what a worker says that it has, if that is what its tier promises, and the system agrees.

    Raises:
        FaultError: it is less.
    """
    layers = tuple(str(layer) for layer in said) if isinstance(said, list) else ()
    absent = [layer for layer in LAYERS[tier] if layer not in layers]
    if tier != "process":
        try:
            absent += _unseen(layers, _status(process), _filters(_status(os.getpid())))
            if "namespaces" in layers:
                absent += [f"a namespace of its own ({kind})" for kind in _NAMESPACES if _shares(process, kind)]
        except OSError as error:
            raise FaultError(f"what keeps a worker apart cannot be seen ({error.strerror}): run this again") from error
    if absent:
        raise FaultError(f"isolation {tier} was asked for, and a worker began without {', '.join(absent)}: report it")
    return Isolation(tier, layers)


def _shares(process: int, kind: str) -> bool:
    """Whether a process is seen to be in a namespace of ours. Only root may look."""
    try:
        return os.path.samefile(f"/proc/{process}/ns/{kind}", f"/proc/self/ns/{kind}")
    except PermissionError:
        return False


def _status(process: int) -> Mapping[str, str]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _filters(status: Mapping[str, str]) -> int:
    """Return how many filters of system calls a process has; in a container, it begins with that of the container."""
    return int(status.get("Seccomp_filters", "0"))


def _unseen(layers: Sequence[str], status: Mapping[str, str], inherited: int) -> list[str]:
    """Return the layers that the system's table of the process does not show. It inherited so many filters."""
    shown = {
        "seccomp": status.get("Seccomp") == "2" and _filters(status) > inherited,
        "privileges": status.get("NoNewPrivs") == "1" and int(status.get("CapEff", "1"), 16) == 0,
        "namespaces": len(status.get("NSpid", "").split()) > 1,
        "user": status.get("Uid", "0").split()[0] != str(os.geteuid()),
    }
    return [layer for layer, seen in shown.items() if layer in layers and not seen]
