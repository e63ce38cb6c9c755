"""What this machine can compute on: whether there is CUDA, found out as cheaply as can be.

The grader never initialises CUDA to look. What rules it out is seen without torch; else a worker is asked, before
anything of the student's is in it.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = [
    "DEVICES", "Cuda", "cuda_for", "find_cuda", "has_torch", "hidden_cuda", "may_use_cuda", "no_cuda", "torch_version",
]  # fmt: skip

DEVICES = ("auto", "cpu", "cuda")
"""What ``--device`` may say."""

_DRIVERS = {"win32": "nvcuda.dll", "linux": "libcuda.so.1"}
_BUILT_WITH = re.compile(r"^cuda\b[^=]*=\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Cuda:
    """The device to compare with: torch's name of it (None if there is none), the card's, and why there is none."""

    device: str | None = None
    name: str = ""
    why: str = ""


def cuda_for(wanted: str, ask: Callable[[], Mapping[str, Any]], *, hidden_by: str = "", about_torch: bool) -> Cuda:
    """Return the CUDA device for the checks of a run that compare with it.

    Args:
        wanted: one of :data:`DEVICES`.
        ask: asks a worker (see ``Student.cuda``); called only where nothing else rules CUDA out.
        hidden_by: the tier of isolation that hides it from workers, if one does.
        about_torch: whether a question is about torch; a run that needs none does not wait for it.

    Raises:
        InputError: ``cuda`` is wanted, and there is none.
    """
    if wanted == "auto" and not about_torch:
        return Cuda(why="run with --device cuda, or together with a question about torch")
    if hidden_by and may_use_cuda(wanted):
        return hidden_cuda(wanted, hidden_by)
    return find_cuda(wanted, ask)


def find_cuda(wanted: str, ask: Callable[[], Mapping[str, Any]]) -> Cuda:
    """Return the CUDA device to use.

    Args:
        wanted: one of :data:`DEVICES`.
        ask: asks a worker (see ``Student.cuda``); called only where nothing else rules CUDA out.

    Raises:
        InputError: ``cuda`` is wanted, and there is none.
    """
    if wanted == "cpu":
        return Cuda(why="--device cpu was asked for")
    why = no_cuda()
    if not why:
        found = ask()
        device = found.get("device")
        if isinstance(device, str):
            return Cuda(device, one_line(str(found.get("name")), 80))
        why = one_line(str(found.get("why")), 200)
    if wanted == "cuda":
        raise InputError(f"--device cuda: there is no CUDA here ({why}): use --device auto or cpu, or another machine")
    return Cuda(why=f"there is no CUDA here: {why}")


def hidden_cuda(wanted: str, tier: str) -> Cuda:
    """Return no device, for a run whose tier of isolation hides it.

    Raises:
        InputError: ``cuda`` is wanted.
    """
    why = f"isolation {tier} hides the GPU: run with --isolation process to compare with it"
    if wanted == "cuda":
        raise InputError(f"--device cuda: {why}")
    return Cuda(why=why)


def may_use_cuda(wanted: str) -> bool:
    """Whether a run may come to use CUDA, as far as can be told without importing torch."""
    return wanted != "cpu" and not no_cuda()


def has_torch() -> bool:
    """Whether torch is installed; it is not imported."""
    return _torch() is not None


def torch_version() -> str | None:
    """Return the version of torch that is installed, None where there is none; it is not imported."""
    try:
        return _version_of("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


_version_of = functools.cache(importlib.metadata.version)  # one that was found, which takes two milliseconds


def _torch() -> ModuleSpec | None:
    try:
        return importlib.util.find_spec("torch")
    except (ImportError, ValueError):  # something is there by that name that cannot be had
        return None


def no_cuda() -> str:
    """Return why CUDA cannot be had here as far as can be told without importing torch; nothing if it may be had."""
    spec = _torch()
    if spec is None or spec.origin is None:
        return "torch is not installed"
    try:
        version = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # another way to build torch: it will say itself
        version = ""
    found = _BUILT_WITH.search(version)
    if found is not None and found[1] == "None":
        return "torch is built without it"
    driver = _DRIVERS.get(sys.platform)
    if driver is None:
        return f"there is none for {sys.platform}"
    try:
        ctypes.CDLL(driver)  # found, and not initialised
    except OSError:
        return "there is no NVIDIA driver"
    return ""
