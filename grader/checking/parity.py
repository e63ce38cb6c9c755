"""The same on the GPU: a question's checks once more, with CUDA.

For a question about torch the student's own code runs on the CPU and on CUDA with the same weights and inputs, and
what a check compares with a reference is compared between the two as well: float32 on both, TF32 off. For every
question the references are worked out on CUDA in float64, must be what they are on the CPU, and are then what the
student's answer is compared with.

These checks have no points: a grade must not depend on the machine that it was given on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from grader.checking.expect import Compared, comparisons
from grader.checking.question import Case, Check
from grader.checking.random import Random
from grader.checking.reference import computed_on
from grader.checking.tolerance import TOLERANCE, relative_error
from grader.errors import AnswerError, FaultError, WrongAnswerError
from grader.sandbox.student import Student

__all__ = ["PARITY", "Trial", "agrees_on", "same_answers"]

PARITY = Check("same_on_cuda", "gives the same on the GPU", lambda student, rng: None, weight=0.0, needs=("cuda",))


@dataclass(frozen=True)
class Trial:
    """One case of one check, which can be tried again: ``rng`` makes the same random numbers each time."""

    check: Check
    case: Case
    rng: Callable[[], Random]

    def run(self, student: Student) -> None:
        """Try it, with nothing kept from before."""
        try:
            rng = self.rng()
            student.line.begin_case(rng.student_seed)
            self.check.function(student, rng, **self.case)
        finally:
            student.line.forget()


def agrees_on(device: str, student: Student, trials: Iterable[Trial], *, moves: bool) -> None:
    """Expect trials that pass on the CPU to pass on a device, and to have the same answers there.

    Args:
        device: torch's name of it.
        student: who is asked.
        trials: what to try.
        moves: whether the student's own code is about tensors, so that it is run on the device, too.

    Raises:
        AnswerError: the first that does not.
        FaultError: a reference is not the same on both.
    """
    for trial in trials:
        try:
            if moves:
                with comparisons() as here:
                    trial.run(student)
                with comparisons() as there, student.on(device), computed_on(device):
                    trial.run(student)
                same_answers(here, there, device)
            else:
                with computed_on(device):
                    trial.run(student)
        except AnswerError as error:
            error.message = _told(trial, device, error)
            raise


def same_answers(here: Sequence[Compared], there: Sequence[Compared], device: str) -> None:
    """Expect what was compared on the CPU to be the same on the device.

    Raises:
        WrongAnswerError: an array is not.
        FaultError: not the same things were compared, so that the check is of no use for this.
    """
    if [name for name, _ in here] != [name for name, _ in there]:
        raise FaultError("a check does not compare the same things on two devices: it should not depend on the device")
    for (name, one), (_, other) in zip(here, there, strict=True):
        error = _apart(one, other)
        if not error <= TOLERANCE["two devices"]:
            raise WrongAnswerError(
                f"{name} on {device} is not what it is on the CPU: the error is {error:.1e}", {"name": name}
            )


def _apart(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(relative_error(other, one).max(initial=0.0)) if one.shape == other.shape else float("inf")


def _told(trial: Trial, device: str, error: AnswerError) -> str:
    case = ", ".join(f"{name}={value}" for name, value in trial.case.items())
    return f"on {device}, '{trial.check.title}' fails{f' for {case}' if case else ''}: {error.message}"
