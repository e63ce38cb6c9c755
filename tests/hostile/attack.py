"""An attack: a submission, and what the report says of it by which it is known that it was really tried."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from processes.observed import has_power

from .subject import ARRAYS, Subject

__all__ = ["MAY_TRACE", "Attack"]

MAY_TRACE = sys.platform != "linux" or os.geteuid() != 0 or has_power(19)  # CAP_SYS_PTRACE
"""Whether programs here may look into others of their user: root of a container that is as it comes may not."""


@dataclass(frozen=True)
class Attack:
    """A submission that attacks.

    ``code`` comes at the end of its layers.py (or nets.py); ``call`` is what its scale_backward does before it gives a
    wrong answer; ``files`` are further ones, of which paths are links. ``shows`` is a pattern of what the report says
    of it, by which it is known that it was really tried. Where a tier does not claim to stop it, ``lite`` and
    ``process`` are what is shown there instead. ``slack`` is as in ``Limits``, and ``calls`` the seconds of processor
    time that a call may take, a question twice that: little for those that use up all of it.
    """

    name: str
    what: str
    shows: str
    code: str | tuple[str, ...] = ""
    call: str = ""
    files: Mapping[str, str | bytes | PurePosixPath] = field(default_factory=dict)
    lite: str = ""
    process: str = ""
    questions: tuple[str, ...] = ("scale_backward", "step")
    slack: float = 30.0
    calls: float = 5.0

    def submission(self, subject: Subject = ARRAYS) -> dict[str, str | bytes | PurePosixPath]:
        """Return its files."""
        code = "\n".join(map(textwrap.dedent, self.code if isinstance(self.code, tuple) else (self.code,)))
        if self.call:
            body = textwrap.indent(textwrap.dedent(self.call).strip(), "    ")
            code += f"\ndef scale_backward(dout, cache):\n{body}\n    return dout, dout\n"
        file, *_ = subject.honest
        return {**subject.honest, file: subject.base + code, **self.files}

    def pattern(self, tier: str) -> str:
        """Return what the report says of it in a tier."""
        return {"full": "", "lite": self.lite, "process": self.process or self.lite}[tier] or self.shows

    def is_claimed(self, tier: str) -> bool:
        """Whether a tier claims to stop it."""
        return self.pattern(tier) == self.shows
