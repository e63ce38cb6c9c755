"""The words that every face of a report says alike: of a status, of what a check is worth, of the total. No layout."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.reports.findings import aside, line, number, printed, unrun
from grader.sandbox.text import clean, clip

__all__ = ["FAULT", "WORDS", "Closing", "closing_words", "foot", "notes", "printed_lines", "word_of", "worth"]

WORDS: Mapping[str, str] = {
    "passed": "passed",
    "partial": "partly right",
    "failed": "wrong",
    "error": "error",
    "timeout": "too slow",
    "crashed": "crashed",
    "todo": "not started",
    "skipped": "skipped",
    "fault": "grader fault",
}
FAULT = "Fault: the grader itself failed. Nobody loses points for that; please report it, with what --json writes."
_PRINTED_LINES = (8, 4)  # the first and the last lines of what was printed
_NOTES = 6


class Closing(NamedTuple):
    """A sentence below the table; ``kind`` is ``interrupted``, ``complete``, ``later`` or ``aside``."""

    kind: str
    text: str


def word_of(question: QuestionResult) -> str:
    """Return a question's status in words."""
    return "not run" if unrun(question) else WORDS.get(question.status, question.status)


def worth(check: CheckResult) -> str:
    """Return what a check is worth, and what is special about it; nothing, if there is nothing to say."""
    extra = [f"{number(check.points)} point{'' if check.points == 1 else 's'}"] if check.points else []
    extra += ["robustness"] if check.details.get("robust") else []
    extra += ["hidden"] if check.visibility == "hidden" else []
    return ", ".join(extra)


def closing_words(report: Report) -> Iterator[Closing]:
    """Yield what there is to say about the report as a whole, besides its points."""
    count = len(report.questions)
    if report.interrupted:
        left = sum(unrun(question) for question in report.questions)
        yield Closing("interrupted", f"Interrupted: {left} of {count} questions were not run.")
    elif report.complete:
        yield Closing("complete", "It passes." if count == 1 else f"All {count} questions pass. Well done.")
    if report.hidden_points > 0:
        points = number(report.hidden_points)
        yield Closing("later", f"{points} more point{' is' if points == '1' else 's are'} decided at grading.")
    beside = Counter(line(check.message) for question in report.questions for check in question.checks if aside(check))
    if count > 1 and beside:
        (reason, _), *more = beside.most_common()
        words = f"{beside.total()} checks without points were" if beside.total() > 1 else "1 check without points was"
        other = ", and other reasons" if more else ""
        yield Closing("aside", f"{words} not run: {reason}{other}")


def foot(report: Report) -> str:
    """Return how long it took, and what one needs to have the same again, as far as that is told."""
    tier = line(str(report.isolation.get("tier", "")))
    seed = f", seed {report.seed}" if report.seed is not None else ""
    return f"{report.seconds:.1f} s{seed}, isolation: {tier}"


def notes(report: Report) -> list[str]:
    """Return what was noticed on the way; of very many notes the first."""
    shown = [line(note) for note in report.notes[:_NOTES]]
    left = len(report.notes) - len(shown)
    return [*shown, *([f"{left} more notes like these"] if left else [])]


def printed_lines(question: QuestionResult) -> Sequence[str]:
    """Return what the student's code printed, line by line: repeats said once, the middle of very much left out."""
    counted = [(text, sum(1 for _ in same)) for text, same in itertools.groupby(printed(question).split("\n"))]
    lines = [text if count == 1 else f"{text}  … {count} times" for text, count in counted]
    if lines == [""]:
        return []
    head, tail = _PRINTED_LINES
    if len(lines) > head + tail + 1:
        lines = [*lines[:head], f"… {len(lines) - head - tail} lines left out …", *lines[-tail:]]
    return [clip(clean(text), 400) for text in lines]
