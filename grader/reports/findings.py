"""What there is to say about a report, in what order, with what repeats itself said once. No layout in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.checking.report import WAITS, CheckResult, QuestionResult, Report
from grader.sandbox.diagnosis import describe_frame, plain_frame
from grader.sandbox.text import clean, clip

__all__ = [
    "Entry",
    "Finding",
    "Scene",
    "Step",
    "aside",
    "entries",
    "fold",
    "line",
    "next_step",
    "number",
    "printed",
    "unrun",
]

MAX_MESSAGE = 1200
_FOLDED = 3  # so many neighbours that say the same keep a row each
_NOT_RUN = "not run: "
_WAITS = WAITS.partition("{")[0]
_UNANSWERED = ("skipped", "todo")
_WRONG = ("failed", "error", "timeout", "crashed", "partial")


@dataclass(frozen=True)
class Scene:
    """What a face says that the report does not know.

    ``command`` is how to run this again, ``only`` how to run one question, with ``{}`` for its name (by default,
    ``command -q`` and the name); ``files`` maps questions to the students' files, as they would open them.
    """

    title: str = ""
    command: str = "grader run"
    files: Mapping[str, str] = field(default_factory=dict)
    only: str = ""

    def again(self, question: str) -> str:
        """Return how to run one question."""
        return self.only.replace("{}", line(question)) if self.only else f"{self.command} -q {line(question)}"


@dataclass(frozen=True)
class Finding:
    """Checks of one question that went wrong in the same way, and the parts of what there is to say about them."""

    status: str
    checks: tuple[CheckResult, ...]
    what: str
    cases: str = ""
    frame: Mapping[str, Any] | None = None
    hint: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two findings the same news."""
        return self.status, self.what, tuple((self.frame or {}).items())


@dataclass(frozen=True)
class Entry:
    """What is said about one question, or about several that fail for one reason."""

    questions: tuple[QuestionResult, ...]
    findings: tuple[Finding, ...]
    not_run: int = 0

    @property
    def hint(self) -> str:
        """The one hint that there is about all of it, nothing if there are several."""
        hints = {finding.hint for finding in self.findings if finding.hint}
        return hints.pop() if len(hints) == 1 else ""

    @property
    def waits(self) -> bool:
        """Whether nothing is wrong here but what other questions have to do first."""
        return all(finding.status in _UNANSWERED for finding in self.findings)

    @property
    def whole(self) -> bool:
        """Whether one thing kept every check from an answer, so that it does not matter which they are."""
        if len(self.questions) > 1:
            return True
        if len(self.findings) != 1 or self.findings[0].status == "failed":
            return False
        checks = [check for check in self.questions[0].checks if not aside(check)]
        return len(self.findings[0].checks) == len(checks) - sum(map(_waits, checks)) and len(checks) > 1


@dataclass(frozen=True)
class Step:
    """The next thing to do: a sentence, and the command that shows whether it is done."""

    text: str
    command: str = ""


def line(text: str) -> str:
    """Return text as one harmless line."""
    return " ".join(clean(text).split())


def number(points: float, most: float | None = None) -> str:
    """Return points with two decimals at most; what is less than ``most`` never reads like it."""
    rounded = round(points, 2)
    if most is not None and points < most - 5e-4 and rounded >= round(most, 2):
        rounded = round(most - 0.01, 2)
    return f"{rounded:.2f}".rstrip("0").rstrip(".")


def aside(check: CheckResult) -> bool:
    """Whether a check costs nothing and was not run, such as one that compares with a GPU where there is none."""
    return check.status == "skipped" and not check.points


def unrun(question: QuestionResult) -> bool:
    """Whether the run ended before this question."""
    return bool(question.checks) and all(_left_out(check) for check in question.checks)


def fold(questions: Iterable[QuestionResult]) -> list[tuple[QuestionResult, ...]]:
    """Group neighbours that say the same, of which nobody wants to read a long list."""
    groups: list[list[QuestionResult]] = []
    for question in questions:
        if groups and _monotonous(question) and _monotonous(question) == _monotonous(groups[-1][-1]):
            groups[-1].append(question)
        else:
            groups.append([question])
    rows: list[tuple[QuestionResult, ...]] = []
    for group in groups:
        rows += [tuple(group)] if len(group) > _FOLDED else [(question,) for question in group]
    return rows


def entries(report: Report) -> list[Entry]:
    """Return what there is to say about the questions that lost points, in their order; those that wait come last."""
    found: list[Entry] = []
    for question in report.questions:
        if question.passed or question.status == "todo" or unrun(question):
            continue
        findings = _findings(question)
        if all(finding.status != "failed" for finding in findings):  # robustness is far off where no answer came
            findings = tuple(finding for finding in findings if not any(map(_waits, finding.checks)))
        entry = Entry((question,), findings, sum(_left_out(check) and not aside(check) for check in question.checks))
        twin = next((i for i, other in enumerate(found) if _same(entry, other)), None)
        if twin is None:
            found.append(entry)
        else:
            found[twin] = Entry((*found[twin].questions, question), found[twin].findings, 0)
    return sorted(found, key=lambda entry: entry.waits)


def printed(question: QuestionResult) -> str:
    """Return what the student's code printed during a question."""
    texts: dict[str, None] = {}
    for check in question.checks:
        text = clean(str(check.details.get("output", ""))).strip("\n")
        if text.strip():
            texts[text] = None
    return "\n".join(texts)


def next_step(report: Report, scene: Scene) -> Step | None:
    """Return the one thing to do next, or None if there is nothing."""
    for question in report.questions:
        if question.status in _WRONG:
            return _mend(question, scene)
    for question in report.questions:
        if question.status == "todo":
            what = f"write {line(question.id)}{_where(question, scene)}, then"
            return Step(what, scene.again(question.id))
    for question in report.questions:
        if unrun(question):
            return Step("run it again, to the end:", scene.command)
    return None


def _mend(question: QuestionResult, scene: Scene) -> Step:
    again = scene.again(question.id)
    finding = next((f for f in _findings(question) if f.status != "skipped"), None)
    if finding is not None and finding.status == "todo":
        return Step(f"finish {line(question.id)}{_where(question, scene)}, then", again)
    if question.id not in scene.files and finding is not None and not finding.frame:
        return Step(f"{finding.what.rstrip('.')}. Then", again)
    if finding is not None and finding.frame and not finding.frame["function"]:  # no fault of this question's
        return Step(f"mend {_place(question, scene, finding)}, then", again)
    return Step(f"mend {line(question.id)}{_where(question, scene, finding)}, then", again)


def _where(question: QuestionResult, scene: Scene, finding: Finding | None = None) -> str:
    place = _place(question, scene, finding)
    return f" ({place})" if place else ""


def _place(question: QuestionResult, scene: Scene, finding: Finding | None) -> str:
    file = line(scene.files.get(question.id, ""))
    frame = finding.frame if finding is not None else None
    if not frame:
        return file
    return f"{file if file.endswith(frame['file']) else frame['file']} line {frame['line']}"


def _monotonous(question: QuestionResult) -> str:
    if question.status == "todo":
        return "todo"
    return "not run" if unrun(question) else ""


def _left_out(check: CheckResult) -> bool:
    return check.status == "skipped" and check.message.startswith(_NOT_RUN)


def _waits(check: CheckResult) -> bool:
    """Whether a robust check was left out until others pass."""
    return check.status == "skipped" and bool(check.details.get("robust")) and check.message.startswith(_WAITS)


def _findings(question: QuestionResult) -> tuple[Finding, ...]:
    found: dict[tuple[Any, ...], Finding] = {}
    for check in question.checks:
        if check.status == "passed" or _left_out(check) or aside(check):
            continue
        new = _said(check)
        old = found.get(new.key)
        if old is None:
            found[new.key] = new
        else:
            found[new.key] = replace(old, checks=(*old.checks, check), hint=old.hint or new.hint)
    return tuple(sorted(found.values(), key=lambda finding: finding.status in _UNANSWERED))  # these say the least


def _same(one: Entry, other: Entry) -> bool:
    """Whether two questions fail for one reason: a file that cannot be imported, a helper that raises."""
    if len(one.findings) != 1 or len(other.findings) != 1 or printed(one.questions[0]):
        return False
    finding = one.findings[0]  # of a hidden check, nothing is said: that is no reason in common
    return bool(finding.what) and finding.key == other.findings[0].key and finding.status != "failed"


def _said(check: CheckResult) -> Finding:
    """Take a message apart: what happened, in which cases, on which line."""
    what, cases, frame = clean(check.message), "", plain_frame(check.details.get("frame"))
    failing = check.details.get("failing")
    if isinstance(failing, str) and what.endswith(f"; {failing}"):
        what, cases = what.removesuffix(f"; {failing}"), failing
    case = check.details.get("case")
    if isinstance(case, Mapping):
        values = ", ".join(f"{name}={value}" for name, value in case.items())
        if what.endswith(f" ({values})"):
            what, cases = what.removesuffix(f" ({values})"), f"with {values}" + (f"; {cases}" if cases else "")
    if frame and f" ({describe_frame(frame)})" in what:
        what = what.replace(f" ({describe_frame(frame)})", "", 1)
    if frame and not frame["function"]:  # outside all functions, so no input mattered
        cases = ""
    if check.status == "skipped":
        what = what.partition(" (here: ")[0]  # what an unfinished question makes of another's mistake
    hint = clip(clean(check.hint or ""), MAX_MESSAGE)
    return Finding(check.status, (check,), clip(what, MAX_MESSAGE), clean(cases), frame, hint)
