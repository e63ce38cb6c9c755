"""An audit on the terminal: a row for each question, then what is to be mended."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from grader.authoring.findings import Audit, Finding, QuestionTally
from grader.reports.console import Indented
from grader.reports.findings import Scene, line, number
from grader.reports.listing import Row
from grader.reports.listing import show as show_table
from grader.reports.terminal import heading

__all__ = ["show"]

_TITLES = ("question", "solution", "stub", "wrong", "named", "right", "mutants", "checks")


def show(console: Console, audit: Audit, title: str) -> None:
    """Print an audit."""
    console.print(heading(audit.assignment, Scene(title)))
    show_table(console, _TITLES, [_row(question, audit.findings) for question in audit.questions])
    for finding in audit.findings:
        console.print()
        name = f"{finding.question}  {finding.subject}".strip()
        console.print(Text(line(name), "bold"), soft_wrap=True)
        console.print(Indented(Text(line(finding.message)), "  "), crop=False)
    console.print()
    console.print(Text(_sum(audit)), soft_wrap=True)
    count = len(audit.findings)
    verdict = "All is proven." if audit.proven else f"{count} {'thing' if count == 1 else 'things'} to mend."
    console.print(Text(verdict, "green" if audit.proven else "red"))
    kept = f"; {audit.kept} of {audit.answers} outcomes are kept from before (--fresh runs all)" if audit.kept else ""
    console.print(Text(f"{audit.seconds:.1f} s{kept}", "dim"))


def _row(question: QuestionTally, findings: Iterable[Finding]) -> Row:
    kinds = {finding.kind for finding in findings if finding.question == question.id}
    declared = sum(bool(survivor.reason) for survivor in question.survivors)
    deciding = sum(bool(check.first) for check in question.checks)
    kept = sum(bool(check.kept) for check in question.checks)
    cells = {
        "question": question.id,
        "solution": "full marks" if question.solution == "passed" else question.solution,
        "stub": number(question.stub_points),
        "wrong": f"{question.caught}/{question.wrong}",
        "named": f"{question.named}/{question.wrong}",
        "right": f"{question.accepted}/{question.right}",
        "mutants": f"{question.mutants_caught}/{question.mutants}" + (f" ({declared} equal)" if declared else ""),
        "checks": f"{deciding}/{len(question.checks)}" + (f" ({kept} kept)" if kept else ""),
    }
    blamed = {
        "solution": {"solution"},
        "stub": {"stub"},
        "wrong": {"wrong", "others", "answer"},
        "named": {"name"},
        "right": {"right"},
        "mutants": {"mutant"},
        "checks": {"check", "fault"},
    }
    styles = ["red" if kinds & blamed.get(name, set()) else "dim" if name == "named" else "" for name in cells]
    return Row(list(cells.values()), styles)


def _sum(audit: Audit) -> str:
    """Say what was tried, all in all."""
    questions = audit.questions
    caught, wrong = sum(q.caught for q in questions), sum(q.wrong for q in questions)
    accepted, right = sum(q.accepted for q in questions), sum(q.right for q in questions)
    refused, mutants = sum(q.mutants_caught for q in questions), sum(q.mutants for q in questions)
    equal = sum(bool(survivor.reason) for q in questions for survivor in q.survivors)
    parts = [f"{caught} of {wrong} wrong answers lose points", f"{accepted} of {right} right ones get full marks"]
    share = f" ({100 * refused / mutants:.1f} %)" if mutants else ""
    parts.append(f"{refused} of {mutants} mutants are refused{share}" + (f", {equal} are equivalent" if equal else ""))
    return "; ".join(parts) + "."
