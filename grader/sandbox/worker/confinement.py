"""Gives up what student code must not have, layer by layer, in one order."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["confine"]


def confine(request: Mapping[str, Any]) -> list[str]:
    """Take this process's powers away, for good; return the names of the layers that now stand.

    Called once, when the process has its own session, pipes and folder, knows where the submission is, and has run
    nothing of it. For what is in ``request`` see the package's docstring.

    Raises:
        OSError: a layer cannot be had. The worker then ends: it never goes on with less.
    """
    if request["tier"] == "process":
        return []
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no such layers")
    from . import layers  # not where it is not needed, or cannot be had

    return layers.apply(request)
