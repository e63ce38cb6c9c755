"""The commonest shape of a question: a forward or a backward pass that agrees with a reference.

The two classes here are what ``Question.forward`` and ``Question.backward`` make their checks of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking import expect, numeric
from grader.checking.random import Random
from grader.checking.reference import Reference
from grader.errors import WrongAnswerError
from grader.sandbox.student import Student

__all__ = ["Backward", "Forward", "Inputs"]

Inputs = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True)
class Forward:
    """A function that should agree with a reference of the same signature.

    ``names`` are those of its results that cross the border; ``may_change`` the parameters it may write into.
    """

    function: str
    names: Sequence[str]
    right: Reference
    inputs: Inputs
    may_change: Sequence[str] = ()

    def values(self, student: Student, rng: Random, **case: Any) -> None:
        """Expect the reference's values."""
        args = self.inputs(rng, **case)
        got = _crossed(getattr(student, self.function)(*args), self.names)
        want = self.right(*args)
        expect.close(got, want if isinstance(want, tuple) else (want,), self.names)

    def arguments(self, student: Student, rng: Random, **case: Any) -> None:
        """Expect the arguments to be what they were."""
        getattr(student, self.function)(*self.inputs(rng, **case))
        expect.unchanged(student, *self.may_change)


@dataclass(frozen=True)
class Backward:
    """A function that should be the gradient of a reference, given the cache of the student's own forward pass.

    ``of`` names that forward pass, ``wrt`` the positions of its arguments that have gradients (all arrays, if None).
    With ``loose_shapes`` an answer may have or lack axes of length 1.
    """

    function: str
    names: Sequence[str]
    right: Reference
    inputs: Inputs
    of: str
    wrt: Sequence[int] | None = None
    loose_shapes: bool = False

    def values(self, student: Student, rng: Random, **case: Any) -> None:
        """Expect the reference's gradient."""
        args, dout, _, cache = self._forward(student, rng, case)
        want = self.right.gradient(dout, *args, wrt=self.wrt)
        expect.close(self._gradient(student, dout, cache, want), want, self.names)

    def consistent(self, student: Student, rng: Random, **case: Any) -> None:
        """Expect the reference's gradient, or else the derivative of the student's own forward pass.

        This is the follow-through share: a backward pass that is right for a wrong forward pass earns it.
        """
        args, dout, out, cache = self._forward(student, rng, case)
        want = self.right.gradient(dout, *args, wrt=self.wrt)
        got = self._gradient(student, dout, cache, want)
        try:
            expect.close(got, want, self.names)
        except WrongAnswerError as error:
            wrong = error
        else:
            return
        expect.shape(out, dout.shape, "out")
        positions = list(self.wrt) if self.wrt is not None else list(range(len(self.names)))

        def forward(*moved: Any) -> Any:
            full = list(args)
            for position, value in zip(positions, moved, strict=True):
                full[position] = value
            return getattr(student, self.of)(*full)[0]

        try:
            numeric.derivative(forward, [args[i] for i in positions], got, dout, rng, self.names)
        except WrongAnswerError as error:
            raise WrongAnswerError(error.message, error.details, wrong.wrong, wrong.expected) from error

    def contract(self, student: Student, rng: Random, **case: Any) -> None:
        """Expect arguments unchanged, a second call the same, and a cache that outlives another forward pass."""
        _, dout, _, cache = self._forward(student, rng, case)
        first = self._gradient(student, dout, cache)
        expect.unchanged(student)
        getattr(student, self.of)(*self.inputs(rng, **case))
        second = self._gradient(student, dout, cache)
        for one, other, name in zip(first, second, self.names, strict=True):
            try:
                expect.close(other, one, name)
            except WrongAnswerError as error:
                raise WrongAnswerError(
                    f"called again with the same dout and cache, {self.function} gives another {name}:"
                    " does it write into its cache, or read something that another forward pass changed?",
                    error.details,
                ) from error

    def _forward(self, student: Student, rng: Random, case: dict[str, Any]) -> tuple[Any, ...]:
        args = self.inputs(rng, **case)
        want = self.right(*args)
        dout = rng.normal(size=(want[0] if isinstance(want, tuple) else want).shape)
        out, cache = getattr(student, self.of)(*args)
        return args, dout, out, cache

    def _gradient(self, student: Student, dout: Any, cache: Any, want: Sequence[Any] = ()) -> tuple[Any, ...]:
        got = _crossed(getattr(student, self.function)(dout, cache), self.names)
        if self.loose_shapes and want:
            return tuple(map(_like, got, want))
        return got


def _crossed(value: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """Return what a function gave back, without the values that stayed with the student (they come last)."""
    return tuple(value[: len(names)]) if isinstance(value, tuple) else (value,)


def _like(got: Any, want: Any) -> Any:
    """Return ``got`` in the shape of ``want``, if they differ by axes of length 1 only."""
    squeezed = [length for length in want.shape if length != 1]
    return np.reshape(got, want.shape) if [length for length in got.shape if length != 1] == squeezed else got
