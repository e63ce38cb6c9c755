"""The face for people: a table, what went wrong and where, the total, and the next thing to do.

Everything that came from students or checks is rendered as plain text: no markup, no escapes.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.reports.console import Indented
from grader.reports.findings import (
    Entry,
    Finding,
    Scene,
    aside,
    entries,
    fold,
    line,
    listed,
    next_step,
    number,
    printed,
    unrun,
)
from grader.sandbox.text import clean, clip

__all__ = ["WORDS", "closing", "heading", "name_width", "render", "row"]

WORDS = {
    "passed": ("passed", "green"),
    "partial": ("partly right", "yellow"),
    "failed": ("wrong", "red"),
    "error": ("error", "red"),
    "timeout": ("too slow", "red"),
    "crashed": ("crashed", "red"),
    "todo": ("not started", "dim"),
    "skipped": ("skipped", "cyan"),
    "fault": ("grader fault", "bold magenta"),
}
_QUIET = "dim"
_POINTS = 9  # the width of 99.99/100
_STATUS = max(len(word) for word, _ in WORDS.values())
_LEAST = len("99 questions")
_PRINTED_LINES = (8, 4)  # the first and the last lines of what was printed
_NOTES = 6


def name_width(names: Iterable[str], width: int) -> int:
    """Return the width of the table's first column, such that points and a status fit beside it."""
    longest = max((cell_len(line(name)) for name in names), default=0)
    return min(max(longest, _LEAST), max(width - _POINTS - _STATUS - 6, 8))


def render(report: Report, scene: Scene, width: int = 80) -> Group:
    """Return the whole face."""
    names = name_width((question.id for question in report.questions), width)
    rows = [row(group, names) for group in fold(report.questions)]
    return Group(heading(report.assignment, scene), *rows, closing(report, scene))


def heading(name: str, scene: Scene) -> Group:
    """Return what stands above the table."""
    title = Text.assemble((line(name), "bold"), f"  {line(scene.title)}" if scene.title not in ("", name) else "")
    return Group(Indented(title, "  ", ""), Text())


def row(group: Sequence[QuestionResult], names: int) -> Text:
    """Return the table's row for a question, or for several that say the same. ``names``: see ``name_width``."""
    first, last = group[0], group[-1]
    name = line(first.id) if len(group) == 1 else f"{line(first.id)} … {line(last.id)}"
    score, most = sum(q.score for q in group), sum(q.max_score for q in group)
    word, style = WORDS.get(first.status, (first.status, ""))
    if unrun(first):
        word = "not run"
    if len(group) > 1 and cell_len(name) > names:
        name = f"{len(group)} questions"
    elif len(group) > 1:
        word += f" ({len(group)})"
    cell = Text(name)
    cell.truncate(names, overflow="ellipsis", pad=True)
    points = f"{number(score, most)}/{number(most)}".rjust(_POINTS)
    return Text.assemble("  ", cell, points, "  ", (word, style), no_wrap=True, overflow="ellipsis")


def closing(report: Report, scene: Scene) -> Group:
    """Return what stands below the table: what went wrong, the total, and the next thing to do."""
    parts: list[RenderableType] = []
    for entry in entries(report):
        parts += [Text(), *_entry(entry)]
    if len(report.questions) == 1 and report.questions[0].passed and printed(report.questions[0]):
        parts += [Text(), *_printed(report.questions[0])]
    parts += [Text(), *_total(report)]
    for note in [*report.notes[:_NOTES], *_more(report.notes)]:
        parts.append(Indented(Text(line(note), _QUIET), "      ", Text("Note: ", _QUIET)))
    if report.faults:
        text = (
            "Fault: the grader itself failed. Nobody loses points for that; please report it, with what --json writes."
        )
        parts.append(Indented(Text(text, "bold magenta"), "       ", ""))
    step = next_step(report, scene)
    if step is not None:
        parts += [Text(), Indented(Text(step.text), "      ", Text("Next: ", "bold"))]
        command = f"      {clean(step.command)}"  # stays one line, to be copied
        parts.append(Text(command, "bold", no_wrap=True, overflow="ignore"))
    return Group(*parts)


def _more(notes: Sequence[str]) -> list[str]:
    return [f"{len(notes) - _NOTES} more notes are in what --json writes"] if len(notes) > _NOTES else []


def _entry(entry: Entry) -> Iterable[RenderableType]:
    names = listed([line(question.id) for question in entry.questions])
    score, most = sum(q.score for q in entry.questions), sum(q.max_score for q in entry.questions)
    points = f"  {number(score, most)} of {number(most)}"
    yield Indented(Text.assemble((names, "bold"), (points, _QUIET)), "  ", "")
    if entry.hint:
        yield _hint(entry.hint, "  ")
    for finding in entry.findings:
        if not entry.whole:
            yield from (_promise(check) for check in finding.checks)
        yield from _finding(finding, "  " if entry.whole else "    ", told=entry.hint)
    if entry.not_run:
        count = f"{entry.not_run} more check{'s were' if entry.not_run > 1 else ' was'} not run"
        yield Indented(Text(count, _QUIET), "  ")
    if len(entry.questions) == 1:
        yield from _printed(entry.questions[0])


def _promise(check: CheckResult) -> Indented:
    """Return the line that a check promises, and what it is worth."""
    mark = {"todo": ("· ", _QUIET), "skipped": ("· ", "cyan"), "fault": ("! ", "bold magenta")}.get(
        check.status, ("✗ ", "red")
    )
    worth = f"{number(check.points)} point{'' if check.points == 1 else 's'}"
    extra = [worth] if check.points else []
    extra += ["robustness"] if check.details.get("robust") else []
    extra += ["hidden"] if check.visibility == "hidden" else []
    text = Text.assemble(line(check.title), (f" ({', '.join(extra)})" if extra else "", _QUIET))
    return Indented(text, "    ", Text.assemble("  ", mark))


def _hint(text: str, indent: str) -> Indented:
    return Indented(Text(text, "bold yellow"), f"{indent}      ", Text.assemble(indent, ("Hint: ", "bold yellow")))


def _finding(finding: Finding, indent: str, told: str = "") -> Iterable[RenderableType]:
    """Return what one finding says; ``told`` is a hint that stands above all of them already."""
    _, style = WORDS.get(finding.status, ("", ""))
    if finding.hint and finding.hint != told:
        yield _hint(finding.hint, indent)
    if finding.what:  # there are levels that do not tell
        yield Indented(Text(finding.what, style if finding.status != "failed" else ""), indent)
    if finding.status in ("todo", "skipped"):  # no answer came: inputs and lines say nothing about it
        return
    if finding.cases:
        yield Indented(Text(line(finding.cases)), indent)
    if finding.frame:
        frame = finding.frame
        inside = f", in {frame['function']}" if frame["function"] else ""
        yield Indented(Text(f"{frame['file']} line {frame['line']}{inside}", _QUIET), indent)
        if frame["source"]:
            yield Indented(Text(frame["source"]), f"{indent}    ")


def _printed(question: QuestionResult) -> Iterable[RenderableType]:
    """Return what the student's code printed, shortened and set apart."""
    lines = _repeats_told(printed(question).split("\n"))
    if lines == [""]:
        return
    head, tail = _PRINTED_LINES
    if len(lines) > head + tail + 1:
        lines = [*lines[:head], f"… {len(lines) - head - tail} lines left out …", *lines[-tail:]]
    yield Indented(Text("your code printed:", _QUIET), "  ")
    for text in lines:
        yield Indented(Text(clip(clean(text), 400)), Text.assemble("  ", ("│ ", _QUIET)))


def _repeats_told(lines: Iterable[str]) -> list[str]:
    """Return lines with those that repeat themselves said once."""
    counted = [(text, sum(1 for _ in same)) for text, same in itertools.groupby(lines)]
    return [text if count == 1 else f"{text}  … {count} times" for text, count in counted]


def _total(report: Report) -> Iterable[RenderableType]:
    score, most = number(report.score, report.max_score), number(report.max_score)
    style = "green" if report.complete else "bold"
    yield Indented(Text.assemble(("Total ", "bold"), (f"{score} of {most} points", f"bold {style}")), "")
    if report.interrupted:
        left = sum(unrun(question) for question in report.questions)
        yield Indented(Text(f"Interrupted: {left} of {len(report.questions)} questions were not run.", "yellow"), "")
    elif report.complete:
        count = len(report.questions)
        yield Indented(Text("It passes." if count == 1 else f"All {count} questions pass. Well done.", "green"), "")
    if report.hidden_points > 0:
        points = number(report.hidden_points)
        yield Text(f"{points} more point{' is' if points == '1' else 's are'} decided at grading.")
    beside = Counter(line(check.message) for question in report.questions for check in question.checks if aside(check))
    if len(report.questions) > 1 and beside:
        (reason, _), *more = beside.most_common()
        words = f"{beside.total()} checks without points were" if beside.total() > 1 else "1 check without points was"
        other = ", and other reasons" if more else ""
        yield Indented(Text(f"{words} not run: {reason}{other}", _QUIET), "")
    tier = line(str(report.isolation.get("tier", "")))
    yield Indented(Text(f"{report.seconds:.1f} s, seed {report.seed}, isolation: {tier}", _QUIET), "")
