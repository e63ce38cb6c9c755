"""What a watch draws: one screen for each batch on a terminal; plain lines, one after the other, everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from grader.checking.report import CheckResult, QuestionResult, Report
from grader.reports.console import Indented
from grader.reports.findings import Scene, aside, entries, fold, line, next_step, number
from grader.reports.terminal import STYLES, heading, name_width, row, told
from grader.reports.wording import FAULT, WORDS, closing_words, worth
from grader.sandbox.text import listed
from grader.watching.board import Board

__all__ = ["Screen", "names_of"]

_KEYS = {
    "n": ("next", "the next question that is not right, and only that"),
    "a": ("all", "check all questions (Enter does, too)"),
    "h": ("hint", "tell more about the question in the foreground"),
    "o": ("report", "open the whole report in a browser"),
    "q": ("quit", "end"),
    "?": ("keys", "this list"),
}
_QUIET = "dim"
_STEADY = 3  # so many questions of which there is no news have a row each
_MARKS = {"passed": ("✓ ", "green"), "todo": ("· ", _QUIET), "skipped": ("· ", "cyan"), "fault": ("! ", "bold magenta")}
_ADVICE = {
    "failed": "Nothing here is a known mistake. Call the function in a notebook with the smallest input of that shape,"
    " work one element out by hand, and compare.",
    "error": "Read the line that raised it aloud: which of its names is not what you think? Print its type and shape.",
    "timeout": "Is there a loop that never ends, or one over single elements where whole arrays would do?",
    "crashed": "The process ended in the middle: is there recursion without an end, or an array far too large?",
    "todo": "Nothing is written here yet. The comment above the stub and the handout say what it should return.",
    "skipped": "This waits for something else: the line above says for what.",
}


class Screen:
    """Draws on a console. ``keys`` says whether there are any; ``clock`` tells the time."""

    def __init__(
        self,
        console: Console,
        name: str,
        scene: Scene,
        *,
        keys: bool,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._clock = clock
        self.scene = scene
        self._console = console
        self._name = name
        self._keys = keys
        self._status = False  # whether the status line is shown
        self._moves = console.is_terminal

    def status(self, text: str) -> None:
        """Say what is being done, in a line that the next thing to be drawn takes the place of. In a pipe: nothing."""
        if self._moves:
            shown = Text(f"  {line(text)}", _QUIET)
            shown.truncate(max(self._console.width - 1, 1), overflow="ellipsis")
            self._clear_status()
            self._console.print(shown, end="", no_wrap=True, crop=True)
            self._status = True

    def say(self, text: str, style: str = "", file: Path | None = None) -> None:
        """Say one thing, below what is there; the name of a file stays one line, to be copied."""
        self._clear_status()
        self._print(Indented(Text(line(text), style), "  ", ""))
        if file is not None:
            self._print(Text(f"  {line(str(file))}", style, no_wrap=True, overflow="ignore"))

    @property
    def redraws(self) -> bool:
        """Whether a batch is drawn over the one before it."""
        return self._moves

    def batch(self, board: Board, report: Report, why: str, more: int = 0) -> None:
        """Draw how a batch went: what was checked and what changed, the question in the foreground, and the total.

        ``more`` questions are still to be checked.
        """
        self._clear_status()
        if self._moves:
            self._console.clear()
        if self._moves or not board.before:
            self._print(heading(self._name, self.scene))
        if why:
            self._print(Indented(Text(f"{self._clock():%H:%M:%S}  {line(why)}", _QUIET), "  ", "  "))
        self._rows(board)
        self._focused(board, report)
        for part in _total(board, report, self.scene, more):
            self._print(part)
        self.keys()

    def explain(self, question: QuestionResult | None) -> None:
        """Tell all there is to tell about one question."""
        self._clear_status()
        self._print(Text())
        if question is None:
            self._print(Text("Nothing is wrong: there is nothing to explain.", "green"))
        else:
            for part in _explained(question):
                self._print(part)
        self.keys()

    def keys(self, *, explained: bool = False) -> None:
        """Show the keys: what each does, or on one line."""
        if not self._keys:
            return
        self._clear_status()
        if explained:
            for key, (_, what) in _KEYS.items():
                self._print(Indented(Text(what, _QUIET), "     ", Text.assemble("  ", (key, "bold"), "  ")))
            return
        words = [(f"{key} ", f"{word}") for key, (word, _) in _KEYS.items()]
        text = Text()
        for index, (key, word) in enumerate(words):
            text.append("  " if index else "").append(key, "bold").append(word, _QUIET)
        if text.cell_len >= self._console.width:
            text = Text.assemble(("keys: ", _QUIET), (" ".join(_KEYS), "bold"))
        self._print(Text())
        self._print(text)

    def close(self) -> None:
        """Leave the terminal with the cursor at the start of a line."""
        self._clear_status()

    def _rows(self, board: Board) -> None:
        """Draw a row for each question of the batch; those of which there is no news share one, if they are many."""
        steady = board.steady()
        right = [name for name in steady if board.results[name].passed]
        hidden = set(steady) - set(right if len(right) <= _STEADY else [])
        if hidden == set(board.batch) and len(steady) == 1:
            hidden = set()
        shown = [board.results[name] for name in board.batch if name not in hidden]
        names = name_width([question.id for question in shown], self._console.width)
        for group in fold(shown):
            self._print(self._with_news(row(group, names), group, board))
        hidden_right = len(hidden & set(right))
        if hidden_right:
            self._print(Text(f"  {hidden_right}{' more' if shown else ''} passed, as before", _QUIET))
        unwritten = len(hidden) - hidden_right
        if unwritten and (set(board.batch) == set(board.results) or not (shown or hidden_right)):
            self._print(Text(f"  {unwritten} not started, as before", _QUIET))

    def _with_news(self, shown: Text, group: Sequence[QuestionResult], board: Board) -> Text:
        """Add to a row what is new about it; where there is no room, in place of the status."""
        if len(group) > 1 or group[0].id not in board.before:
            return shown
        (question,) = group
        news, style = _news(question, board.before[question.id])
        text = Text.assemble(shown, "  ", (news, style)) if news else shown
        if text.cell_len > self._console.width:
            word = WORDS.get(question.status, question.status)
            text = Text.assemble(shown[: -len(word)], (news, style))
            text.truncate(self._console.width, overflow="ellipsis")
        return text

    def _focused(self, board: Board, report: Report) -> None:
        question = board.results.get(board.focus)
        if question is None:
            return
        for entry in entries(replace(report, questions=(question,))):
            self._print(Text())
            for part in told(entry):
                self._print(part)

    def _clear_status(self) -> None:
        if self._status:
            self._status = False
            self._console.file.write("\r\x1b[2K")
            self._console.file.flush()

    def _print(self, what: RenderableType) -> None:
        self._console.print(Group(what), crop=False)  # a text by itself would forget that it must not wrap


def _news(question: QuestionResult, old: QuestionResult) -> tuple[str, str]:
    """Return what is new about a question, and its style."""
    gained = question.score - old.score
    points = f"{'+' if gained > 0 else '−'}{number(abs(gained))} " if abs(gained) > 1e-9 else ""
    if question.passed and not old.passed:
        return f"{points}fixed", "bold green"
    if old.passed and not question.passed:
        return f"{points}broke", "bold red"
    style = "" if not points else "green" if gained > 0 else "red"
    if question.status != old.status:
        return f"{points}was {WORDS.get(old.status, old.status)}", style or _QUIET
    return points.strip(), style


def _total(board: Board, report: Report, scene: Scene, more: int) -> Iterator[RenderableType]:
    score, most = number(report.score, report.max_score), number(report.max_score)
    right = sum(question.passed for question in report.questions)
    gained = sum(board.results[name].score - old.score for name, old in board.before.items())
    news = f" ({'+' if gained > 0 else '−'}{number(abs(gained))})" if abs(gained) > 1e-9 else ""
    yield Text()
    text = Text.assemble(("Total ", "bold"), (f"{score} of {most} points", "bold"))
    text.append(news, "bold green" if gained > 0 else "bold red")
    yield Indented(text.append(f", {right} of {len(report.questions)} questions right"), "")
    if more:
        yield Text(f"{more} more to check …", _QUIET)
    if not board.before:
        for kind, words in closing_words(report):
            if kind == "later":
                yield Indented(Text(words), "")
    if report.faults:
        yield Indented(Text(FAULT, "bold magenta"), "       ", "")
    focus = board.results.get(board.focus)
    if report.complete and not more:
        yield Indented(Text("All is right. Well done.", "bold green"), "")
    elif focus is not None and not focus.passed:
        todo = _do(focus, report, scene)
        yield Indented(Text(todo), "      ", Text("Next: ", "bold"))


def _do(focus: QuestionResult, report: Report, scene: Scene) -> str:
    step = next_step(replace(report, questions=(focus,)), scene)
    if step is None:
        return f"{line(focus.id)} waits for another question"
    return f"{step.text.removesuffix(' Then').removesuffix(', then').rstrip('.')}; saving it checks it again"


def _explained(question: QuestionResult) -> Iterator[RenderableType]:
    score, most = number(question.score, question.max_score), number(question.max_score)
    yield Text.assemble((line(question.id), "bold"), (f"  {score} of {most}", _QUIET))
    yield Indented(Text(line(question.title)), "  ")
    hints = {check.hint for check in question.checks if check.hint}
    for check in question.checks:
        if not aside(check):
            yield from _check(check)
    for hint in hints:
        yield Indented(Text(line(hint), "bold yellow"), "        ", Text("  Hint: ", "bold yellow"))
    if not hints:
        status = next((check.status for check in question.checks if check.status in _ADVICE), question.status)
        if status in _ADVICE:
            yield Indented(Text(_ADVICE[status]), "        ", Text("  Try:  ", "bold"))


def _check(check: CheckResult) -> Iterable[RenderableType]:
    extra = worth(check)
    mark = _MARKS.get(check.status, ("✗ ", STYLES.get(check.status, "red")))
    text = Text.assemble(line(check.title), (f" ({extra})" if extra else "", _QUIET))
    yield Indented(text, "    ", Text.assemble("  ", mark))
    if check.message and check.status != "passed":
        yield Indented(Text(line(check.message)), "      ")
    cases = check.details.get("failing")
    if check.status in ("failed", "error") and check.cases > 1 and not isinstance(cases, str):
        yield Indented(Text(f"{check.failed_cases} of {check.cases} cases fail", _QUIET), "      ")


def names_of(names: Sequence[str]) -> str:
    """Return names as a list that fits a line."""
    return listed([line(name) for name in names])
