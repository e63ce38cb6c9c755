"""Update rules: several steps from the same start with the same gradients, and where the weights go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader import expect
from grader.checking.random import Random
from grader.errors import WrongAnswerError
from grader.reference import Reference
from grader.sandbox.student import Student

STEPS = 4


def follows(
    student: Student,
    rng: Random,
    function: str,
    right: Reference,
    defaults: Mapping[str, Any],
    config: Mapping[str, Any] | None,
    forms: Sequence[Mapping[str, Any]] = ({},),
) -> None:
    """Expect the weights after each of several steps to be the reference's, in one of its accepted forms.

    Args:
        student: who is asked.
        rng: where weights and gradients come from.
        function: the update rule's name.
        right: the reference.
        defaults: the rule's own settings, for those that ``config`` leaves out.
        config: the settings to give, or None.
        forms: settings of the reference that choose among forms which are all right.
    """
    settings = {**defaults, **(config or {})}
    w = settings["learning_rate"] * rng.normal(size=(3, 4))  # no larger than a step, which would hide in it
    gradients = [rng.normal(size=w.shape) for _ in range(STEPS)]
    trajectory = []
    state: Any = None if config is None else dict(config)
    present = w
    for dw in gradients:
        present, state = getattr(student, function)(present, dw, state)
        expect.shape(present, w.shape, "next_w")
        trajectory.append(present)
    wants = [right(w, gradients, {**settings, **form}) for form in forms]  # all are recorded
    failure: WrongAnswerError | None = None
    for want in wants:
        try:
            for step, (got, one) in enumerate(zip(trajectory, want, strict=True), start=1):
                expect.close(got, one, f"next_w after step {step}")
        except WrongAnswerError as error:
            failure = failure or error
        else:
            return
    if failure is not None:
        raise failure


def keeps_gradient(student: Student, rng: Random, function: str) -> None:
    """Expect the gradient to be left alone. The weights may be changed in place: they are there to be changed."""
    getattr(student, function)(rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), None)
    expect.unchanged(student, "w", "config")
