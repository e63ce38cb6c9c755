"""Which tier of isolation this machine can give: found out by trying, never by guessing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType

from grader.errors import FaultError, InputError
from grader.sandbox.core import on_one_core
from grader.sandbox.isolation import TIERS, enough
from grader.sandbox.launch import ColdStart, Launcher, Running
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerDiedError, WorkerProcess
from grader.sandbox.server import WarmServer, can_be_warm

__all__ = ["Attempt", "Choice", "attempt"]


@dataclass(frozen=True)
class Attempt:
    """What came of trying a tier: the layers that then stood, or why it cannot be had."""

    layers: tuple[str, ...] = ()
    why: str = ""


def attempt(launcher: Launcher) -> Attempt:
    """Start a worker without a submission, and see how it is kept apart."""
    try:
        worker = WorkerProcess(Layout({}), Limits(), launcher)
        try:
            worker.request({"op": "keep", "value": None})
        finally:
            worker.close()
    except (FaultError, WorkerDiedError) as error:
        return Attempt(why=str(error))
    return Attempt(worker.isolation.layers)


class Choice:
    """A launcher of the tier that is wanted, or, for ``auto``, of the best that there is.

    That is found out when the first worker is needed. Where it is to be better than ``process``, workers come from a
    warm server, which starts at once: so it takes one start of Python to try all tiers.

    Where it is kept for many workers (``warm``), they come from a warm server in any tier; for ``preload`` see there.
    Where they are for ``many`` submissions that nobody knows, ``auto`` takes no ``process``, too.
    """

    def __init__(self, wanted: str, preload: Sequence[str] = (), *, many: bool = False, warm: bool = False) -> None:
        self.wanted = wanted
        self._many = many
        self._warm = warm or many
        self._server = WarmServer(preload) if (self._warm or wanted != "process") and can_be_warm() else None
        self._chosen: Launcher | None = None
        self._tried: dict[str, Attempt] = {}

    @property
    def tier(self) -> str:
        """The tier that is taken."""
        return self._choose().tier

    def launch(self, scratch: str) -> Running:
        """Start a worker.

        Raises:
            InputError: this machine cannot give what is wanted.
        """
        return self._choose().launch(scratch)

    def on_one_core(self) -> AbstractContextManager[None]:
        """Keep this thread and the workers to come on one core (see ``core.py``), for the length of a ``with`` block.

        Not for what has several threads of its own at work, and not where another thread launches workers, too.
        """
        return self._server.on_one_core() if self._server is not None else on_one_core(lambda: None)

    def attempts(self) -> dict[str, Attempt]:
        """Return what came of trying all tiers, the best first; each is tried once."""
        return {tier: self._attempt(tier) for tier in TIERS}

    def close(self) -> None:
        """End the server. Safe to call again."""
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> Choice:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _choose(self) -> Launcher:
        if self._chosen is None:
            why = ""
            for tier in self._candidates():
                why = self._attempt(tier).why if tier != "process" else ""  # which there is everywhere
                if not why:
                    self._chosen = self._launcher(tier)
                    return self._chosen
            if self.wanted == "auto":
                raise InputError(
                    f"this machine cannot keep the code of a class apart ({why}): grade where grader doctor shows full"
                    " or lite, or give --isolation process if you trust all submissions"
                )
            advice = "take another tier; grader doctor says which there are"
            raise InputError(f"--isolation {self.wanted}: this machine cannot give it ({why}): {advice}")
        return self._chosen

    def _candidates(self) -> Sequence[str]:
        if self.wanted != "auto":
            return [self.wanted]
        return enough("auto") if self._many else TIERS

    def _attempt(self, tier: str) -> Attempt:
        if tier not in self._tried:
            self._tried[tier] = self._try(tier)
        return self._tried[tier]

    def _try(self, tier: str) -> Attempt:
        if tier != "process" and self._server is None:
            here = "an older one" if sys.platform == "linux" else sys.platform
            return Attempt(why=f"it needs Linux 5.13 or later, and this is {here}")
        return attempt(self._launcher(tier))

    def _launcher(self, tier: str) -> Launcher:
        if self._server is None or (tier == "process" and not self._warm):
            return ColdStart()
        return self._server.at(tier)
