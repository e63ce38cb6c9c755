"""How much a report tells of what is wrong. Points and statuses are the same at every level."""

from __future__ import annotations

from dataclasses import replace

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.errors import UnknownNameError

__all__ = ["FOR_TEACHERS", "LEVELS", "for_students", "level_of", "limited", "lower"]

LEVELS = ("none", "what", "where", "why")
"""Nothing but the status; what is wrong; where and by how much; and which known mistake it comes from."""

FOR_TEACHERS = "for the teacher: "
"""How notes begin that students cannot do anything about."""

_WHERE = (
    *("case", "failing", "name", "index", "got", "want", "error", "wrong", "of", "pattern", "shape"),
    *("fingerprint", "pictures"),
)
_WRONG = ("failed", "error", "timeout", "crashed", "skipped")


def level_of(name: str) -> str:
    """Return a level's name.

    Raises:
        UnknownNameError: it is none.
    """
    if name not in LEVELS:
        raise UnknownNameError("level of hints", name, LEVELS)
    return name


def lower(one: str, other: str) -> str:
    """Return that of two levels which tells less."""
    return min(one, other, key=LEVELS.index)


def limited(report: Report, level: str) -> Report:
    """Return a report that tells no more than a level allows."""
    if level == LEVELS[-1]:
        return report
    questions = tuple(
        replace(question, checks=tuple(_limited(check, LEVELS.index(level)) for check in question.checks))
        for question in report.questions
    )
    return replace(report, questions=questions)


def for_students(report: Report) -> Report:
    """Return a report whose hidden checks say how they went, and nothing of what they looked at.

    Nor does it say what inputs were drawn from: who hands in once more would get the same ones. Notes for teachers are
    left out, and what was not run and has no points, such as a comparison with a GPU.
    """
    notes = tuple(note for note in report.notes if not note.startswith(FOR_TEACHERS))
    return replace(report, questions=tuple(map(_sealed_question, report.questions)), seed=None, notes=notes)


def _sealed_question(question: QuestionResult) -> QuestionResult:
    checks = [_sealed(check) for check in question.checks if check.points or check.status != "skipped"]
    if any(check.visibility == "hidden" for check in checks):  # their inputs may have been printed, too
        checks = [_silent(check) for check in checks]
    return replace(question, checks=tuple(checks))


def _silent(check: CheckResult) -> CheckResult:
    return replace(check, details={key: value for key, value in check.details.items() if key != "output"})


def _sealed(check: CheckResult) -> CheckResult:
    if check.visibility != "hidden":
        return check
    details = {key: value for key, value in check.details.items() if key == "robust"}
    return replace(check, title="a hidden check", message="", hint=None, misconception=None, details=details)


def _limited(check: CheckResult, level: int) -> CheckResult:
    if check.status not in _WRONG:
        return check
    check = replace(check, hint=None, misconception=None)
    if level >= LEVELS.index("where"):
        return check
    details = {key: value for key, value in check.details.items() if key not in _WHERE}
    tells = level >= LEVELS.index("what")
    if check.status == "failed":
        return replace(check, message=_what(check) if tells else "", details=details)
    return replace(check, message=_without_case(check), details=details)


def _what(check: CheckResult) -> str:
    """Say what is wrong, and neither in which case nor by how much."""
    name, changed = check.details.get("name"), check.details.get("changed")
    if changed:
        return "an argument is changed in place"
    if "shape" in check.details:
        return f"{name} has the wrong shape"
    return f"{name} is wrong" if name else "this is not so yet"


def _without_case(check: CheckResult) -> str:
    """Return a message about what broke: it is about the student's own code, so only the case is left out."""
    message = check.message.partition(" (here: ")[0] if check.status == "skipped" else check.message
    failing, case = check.details.get("failing"), check.details.get("case")
    message = message.removesuffix(f"; {failing}") if failing else message
    if case:
        message = message.removesuffix(f" ({', '.join(f'{name}={value}' for name, value in case.items())})")
    return message
