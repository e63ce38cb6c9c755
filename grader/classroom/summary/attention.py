"""Which gradings a person should look at, and why. A grade is none of these reasons' business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.checking.report import WRONG, CheckResult, QuestionResult, Report
from grader.classroom.record.attempt import Attempt
from grader.sandbox.text import listed, one_line

__all__ = ["KINDS", "Reason", "only_hidden_wrong", "ran", "reasons"]

KINDS = {
    "fault": "the grader failed",
    "refused": "could not be graded",
    "hidden": "right on what students see, wrong on all that is hidden: written for the public checks?",
    "nothing_ran": "nothing but errors",
    "died": "crashed or ran out of time in most questions begun",
    "zero": "no points, though code was written",
}
"""What a reason says of everybody it holds for; those that most need a person come first."""

DIED_SHARE = 0.5  # of the questions begun: below it, single questions are wrong, and cost what they should
HIDDEN_QUESTIONS = (
    3  # once or twice, an honest mistake lies where only hidden checks look; two are enough where all are
)
HIDDEN_SHARE = 0.25  # of the questions right on what students see: who writes many has more chances of such a mistake
NOTHING_RAN_QUESTIONS = 2  # in a single question, an exception is an ordinary mistake
_MESSAGE = 200


@dataclass(frozen=True)
class Reason:
    """Why to look at a grading: one of ``KINDS``, and what is particular to this one, in one line."""

    kind: str
    text: str


def reasons(attempt: Attempt) -> tuple[Reason, ...]:
    """Return why a person should look at an attempt; none for most."""
    report = attempt.result
    if attempt.state != "graded":
        problem = one_line(attempt.problem, _MESSAGE)
        return (Reason(attempt.state, problem or (_faults(report) if report is not None else "")),)
    return tuple(_reasons(report)) if report is not None else ()


def _reasons(report: Report) -> Iterator[Reason]:
    begun = [question for question in report.questions if any(map(ran, question.checks))]
    if report.faults:
        yield Reason("fault", _faults(report))
    seen = [question for question in begun if _all_passed(question, "public") and _judged(question, "hidden")]
    special = [question for question in seen if only_hidden_wrong(question)]
    if len(special) >= max(min(HIDDEN_QUESTIONS, len(seen)), 2, HIDDEN_SHARE * len(seen)):
        yield Reason("hidden", f"{len(special)} of {len(seen)} questions: {_names(special)}")
    errors = [question for question in begun if _only(question, ("error",))]
    died = [question for question in begun if _any(question, ("timeout", "crashed"))]
    if len(begun) == len(errors) >= NOTHING_RAN_QUESTIONS:
        yield Reason("nothing_ran", _commonest(errors, ("error",)))
    elif died and len(died) >= DIED_SHARE * len(begun):
        yield Reason("died", f"{len(died)} of {len(begun)} questions: {_commonest(died, ('timeout', 'crashed'))}")
    elif begun and report.score == 0 and report.max_score > 0:
        yield Reason("zero", f"begun: {_names(begun)}")


def ran(check: CheckResult) -> bool:
    """Whether code of the student's decided a check."""
    return check.status == "passed" or check.status in WRONG


def only_hidden_wrong(question: QuestionResult) -> bool:
    """Whether every check that students see passed, and none of those that they do not see."""
    hidden = _judged(question, "hidden")
    return _all_passed(question, "public") and bool(hidden) and all(check.status != "passed" for check in hidden)


def _judged(question: QuestionResult, visibility: str) -> list[CheckResult]:
    """Return the checks of one kind that ran; the robust ones say nothing about whom code was written for."""
    return [
        check
        for check in question.checks
        if check.visibility == visibility and check.points and ran(check) and not check.details.get("robust")
    ]


def _all_passed(question: QuestionResult, visibility: str) -> bool:
    checks = _judged(question, visibility)
    return bool(checks) and all(check.status == "passed" for check in checks)


def _any(question: QuestionResult, statuses: Sequence[str]) -> bool:
    return any(check.status in statuses for check in question.checks)


def _only(question: QuestionResult, statuses: Sequence[str]) -> bool:
    return all(check.status in statuses for check in question.checks if ran(check))


def _faults(report: Report) -> str:
    names = [question for question in report.questions if _any(question, ("fault",))]
    return f"in {_names(names)}" if names else ""


def _names(questions: Sequence[QuestionResult]) -> str:
    return one_line(listed([question.id for question in questions]), _MESSAGE)


def _commonest(questions: Sequence[QuestionResult], statuses: Sequence[str]) -> str:
    messages = Counter(check.message for question in questions for check in question.checks if check.status in statuses)
    return one_line(messages.most_common(1)[0][0], _MESSAGE) if messages else ""
