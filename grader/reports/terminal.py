"""The face for people: a table, what went wrong and where, the total, and the next thing to do.

Everything that came from students or checks is rendered as plain text: no markup, no escapes.
"""

from __future__ import annotations

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
    entries,
    fold,
    line,
    next_step,
    number,
    printed,
)
from grader.reports.wording import (
    FAULT,
    WORDS,
    closing_words,
    foot,
    notes,
    printed_lines,
    word_of,
    worth,
)
from grader.sandbox.text import clean, listed

__all__ = ["STYLES", "closing", "heading", "name_width", "render", "row", "told"]

STYLES = {
    "passed": "green",
    "partial": "yellow",
    "failed": "red",
    "error": "red",
    "timeout": "red",
    "crashed": "red",
    "todo": "dim",
    "skipped": "cyan",
    "fault": "bold magenta",
}
_CLOSING = {"interrupted": "yellow", "complete": "green", "aside": "dim"}
_QUIET = "dim"
_POINTS = 9  # the width of 99.99/100
_STATUS = max(map(len, WORDS.values()))
_LEAST = len("99 questions")


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
    word, style = word_of(first), STYLES.get(first.status, "")
    if len(group) > 1 and cell_len(name) > names:
        name = f"{len(group)} questions"
    elif len(group) > 1:
        word += f" ({len(group)})"
    cell = Text(_middle_out(name, names))
    cell.truncate(names, overflow="ellipsis", pad=True)
    points = f"{number(score, most)}/{number(most)}".rjust(_POINTS - 1)
    return Text.assemble("  ", cell, f" {points}  ", (word, style), no_wrap=True, overflow="ellipsis")


def _middle_out(name: str, width: int) -> str:
    """Return a name without its middle where it is too long: many differ at one end only, such as _forward."""
    if len(name) <= width or width < _LEAST - 3 or not name.isascii():
        return name
    head = width // 2
    return f"{name[:head]}…{name[head + 1 - width :]}"


def closing(report: Report, scene: Scene) -> Group:
    """Return what stands below the table: what went wrong, the total, and the next thing to do."""
    parts: list[RenderableType] = []
    waits = False
    for entry in entries(report):
        parts += [*([] if waits else [Text()]), *told(entry)]  # those that wait stand together
        waits = entry.waits
    if len(report.questions) == 1 and report.questions[0].passed and printed(report.questions[0]):
        parts += [Text(), *_printed(report.questions[0])]
    parts += [Text(), *_total(report)]
    for note in notes(report):
        parts.append(Indented(Text(note, _QUIET), "      ", Text("Note: ", _QUIET)))
    if report.faults:
        parts.append(Indented(Text(FAULT, "bold magenta"), "       ", ""))
    step = next_step(report, scene)
    if step is not None:
        parts += [Text(), Indented(Text(step.text), "      ", Text("Next: ", "bold"))]
        command = f"      {clean(step.command)}"  # stays one line, to be copied
        parts.append(Text(command, "bold", no_wrap=True, overflow="ignore"))
    return Group(*parts)


def told(entry: Entry) -> Iterable[RenderableType]:
    """Yield what is said of one entry, line by line."""
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
    extra = worth(check)
    text = Text.assemble(line(check.title), (f" ({extra})" if extra else "", _QUIET))
    return Indented(text, "    ", Text.assemble("  ", mark))


def _hint(text: str, indent: str) -> Indented:
    return Indented(Text(text, "bold yellow"), f"{indent}      ", Text.assemble(indent, ("Hint: ", "bold yellow")))


def _finding(finding: Finding, indent: str, told: str = "") -> Iterable[RenderableType]:
    """Return what one finding says; ``told`` is a hint that stands above all of them already."""
    style = STYLES.get(finding.status, "")
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
    lines = printed_lines(question)
    if not lines:
        return
    yield Indented(Text("your code printed:", _QUIET), "  ")
    for text in lines:
        yield Indented(Text(text), Text.assemble("  ", ("│ ", _QUIET)))


def _total(report: Report) -> Iterable[RenderableType]:
    score, most = number(report.score, report.max_score), number(report.max_score)
    style = "green" if report.complete else "bold"
    yield Indented(Text.assemble(("Total ", "bold"), (f"{score} of {most} points", f"bold {style}")), "")
    for kind, text in closing_words(report):
        yield Indented(Text(text, _CLOSING.get(kind, "")), "")
    yield Indented(Text(foot(report), _QUIET), "")
