"""What a check or a question waits for: a library, a device, another question, another check of its own question."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.checking.devices import Cuda, has_torch
from grader.checking.question import Check, Question
from grader.checking.report import CheckResult, QuestionResult
from grader.errors import UndecidableError

__all__ = ["NO_TORCH", "excused", "require", "unlocked", "works"]

NO_TORCH = "needs torch, which is not installed: pip install 'grader[torch]'"
Results = Mapping[str, QuestionResult]  # of the questions that were run before, by name


def works(result: QuestionResult) -> bool:
    """Whether others can build on a question: all went well, but perhaps for its robustness."""
    return all(check.status == "passed" or check.details.get("robust") or not check.points for check in result.checks)


def unlocked(question: Question, decided: Mapping[str, CheckResult]) -> bool:
    """Whether robust checks count: a function that is right in nothing else leaves its arguments alone for nothing.

    A fault of the grader's unlocks them, too, and so does a question of robust checks only.
    """
    plain = [decided[check.id].status for check in question.checks if not check.robust]
    return not plain or any(status in ("passed", "fault") for status in plain)


def require(check: Check, cuda: Cuda, questions: Collection[str], results: Results) -> None:
    """See that there is what a check needs: ``questions`` are the names of all that there are.

    Raises:
        UndecidableError: something is not there.
    """
    for need in check.needs:
        if need == "cuda" and cuda.device is None:
            raise UndecidableError(cuda.why)
        if need == "torch" and not has_torch():
            raise UndecidableError(NO_TORCH)
        if need not in ("cuda", "torch", *questions):
            raise UndecidableError(f"needs {need}, which is not available here")
        other = results.get(need)
        if other is not None and not works(other):
            raise UndecidableError(f"needs {need}, which is not right yet")


def excused(question: Question, result: CheckResult, results: Results) -> CheckResult:
    """Turn a failure into 'skipped' where a question that this one depends on is not right either."""
    if result.status not in ("failed", "error"):
        return result
    for name in question.depends:
        other = results.get(name)
        if other is not None and not works(other):
            message = f"needs {name}, which is not right yet: mend that first (here: {result.message})"
            return replace(result, status="skipped", message=message)
    return result
