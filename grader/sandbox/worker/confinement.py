"""The one place where a fork of the server gives up what student code must not have."""

from __future__ import annotations

from . import linux

__all__ = ["confine"]


def confine() -> None:
    """Take this process's powers away, for good.

    Called in each fork, when it has its own session, pipes and folder, and before anything of the submission is read.
    At present it only makes sure that whatever the submission leaves behind can be found; the layers that stand between
    it and processes of the same user (namespaces, another root, a user of its own, resource limits, Landlock, seccomp)
    belong here, in this order.

    Raises:
        OSError: a layer cannot be had. The worker then ends: it never goes on with less.
    """
    linux.adopt_orphans()
