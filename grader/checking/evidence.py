"""What is kept of a wrong answer, so that it can be recognised: which case it was, and how the answer is wrong.

Answers are kept as fingerprints, messages as a digest of their words beside their numbers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from grader.checking.fingerprint import Fingerprint, fingerprint
from grader.checking.question import Case
from grader.errors import AnswerError, WrongAnswerError
from grader.sandbox.diagnosis import describe_frame, plain_frame

__all__ = ["Evidence", "Place", "Wrong", "label_of", "let_go", "wrong_of"]

Place: TypeAlias = tuple[str, str]
"""A check's id and the label of one of its cases."""

Evidence: TypeAlias = Mapping[Place, "Wrong | None"]
"""What happened at each place that was tried: None, where all was right."""

NEAR = 0.1  # how far statistics in a message may be apart, as shares: they are of other random numbers
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?|\bnan\b|-?\binf\b")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Wrong:
    """How one case went wrong.

    ``what`` is a digest of the expectation's name, or of a message's words; ``arrays`` the fingerprints of arrays that
    are wrong; ``numbers`` those of the message, as written there.
    """

    what: str
    arrays: Mapping[str, Fingerprint] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()

    def explains(self, other: Wrong) -> bool:
        """Whether whatever is wrong here is wrong in the same way there, where more may be wrong."""
        if self.what != other.what or len(self.numbers) != len(other.numbers):
            return False
        return all(
            name in other.arrays and print_.matches(other.arrays[name]) for name, print_ in self.arrays.items()
        ) and all(_near(*pair) for pair in zip(self.numbers, other.numbers, strict=True))

    @property
    def telling(self) -> bool:
        """Whether an array is wrong in a way of its own: not just zero or NaN."""
        return any(print_.telling for print_ in self.arrays.values())

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``from_plain`` reads."""
        arrays = {name: str(print_) for name, print_ in self.arrays.items()}
        plain: dict[str, Any] = {"what": self.what}
        plain |= {"arrays": arrays} if arrays else {}
        return plain | ({"numbers": list(self.numbers)} if self.numbers else {})

    @classmethod
    def from_plain(cls, plain: Any) -> Wrong:
        """Read plain data.

        Raises:
            ValueError: it is something else.
        """
        try:
            arrays = {str(name): Fingerprint.parse(text) for name, text in plain.get("arrays", {}).items()}
            numbers = tuple(plain.get("numbers", ()))
            if not isinstance(plain["what"], str) or not all(_NUMBER.fullmatch(number) for number in numbers):
                raise ValueError("no digest, or no numbers")
            return cls(plain["what"], arrays, numbers)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("no evidence") from error


def wrong_of(error: AnswerError) -> Wrong:
    """Return what is kept of a failure."""
    if isinstance(error, WrongAnswerError) and error.expected:
        return Wrong(_digest(*error.expected), _prints(error.wrong))
    message = error.message
    frame = plain_frame(error.details.get("frame"))
    if frame is not None:  # the line is everybody's own
        message = message.replace(f" ({describe_frame(frame)})", "")
    return Wrong(_digest(error.status, _NUMBER.sub("#", message)), {}, tuple(_NUMBER.findall(message)))


def let_go(error: AnswerError) -> None:
    """Let go of the answers that a failure holds on to: they may be vast, and fingerprints are what is kept of them."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    if isinstance(error, WrongAnswerError):
        error.wrong = dict(_prints(error.wrong))


def _prints(wrong: Mapping[str, Any]) -> Mapping[str, Fingerprint]:
    prints = {name: value for name, value in wrong.items() if isinstance(value, Fingerprint)}
    numbers = {name: value for name, value in wrong.items() if np.asarray(value).dtype.kind in "fiu"}
    return {**prints, **{name: fingerprint(value) for name, value in numbers.items()}}


def label_of(case: Case) -> str:
    """Return a case as one line, the same in every run."""
    return _ADDRESS.sub("", ", ".join(f"{name}={value!r}" for name, value in case.items()))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:10]


def _near(one: str, other: str) -> bool:
    """Whether two numbers of a message say the same. Whole ones are counts and shapes, and have to be equal."""
    if one == other:
        return True
    if one.lstrip("-").isdigit() or other.lstrip("-").isdigit():
        return False
    a, b = (float(text.rstrip("%")) for text in (one, other))
    return bool(abs(a - b) <= NEAR * max(abs(a), abs(b)))
