"""What is shown while a check runs: in a notebook a line whose place the result takes, else one on the terminal."""

from __future__ import annotations

import sys
from shutil import get_terminal_size
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from grader.checking.question import Question
from grader.checking.report import QuestionResult

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import DisplayHandle

__all__ = ["Progress", "progress_for"]


class Progress(Protocol):
    """An observer of a check, in use within a ``with`` block, and what shows its result."""

    def question_started(self, question: Question) -> None:
        """Say which one is being checked."""

    def question_finished(self, result: QuestionResult) -> None:
        """A question is decided."""

    def show(self, result: Any) -> None:
        """Show something in place of the progress."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def progress_for(shell: InteractiveShell | None, *, kept: bool = True) -> Progress:
    """Return how progress is shown: ``shell`` is IPython's, if there is one.

    A notebook can replace what it shows, but not take it away: where no result will be shown in its place (``kept``),
    it shows none.
    """
    if hasattr(shell, "kernel"):
        return _InNotebook() if kept else _Line()
    return _OnTerminal()


class _Line:
    """Says nothing; what the others have in common."""

    def __init__(self) -> None:
        self._finished = 0

    def question_started(self, question: Question) -> None:
        """Say which one is being checked."""
        count = f" ({self._finished} checked)" if self._finished else ""
        self._say(f"checking {question.name} …{count}")

    def question_finished(self, result: QuestionResult) -> None:
        """Count it."""
        self._finished += 1

    def show(self, result: Any) -> None:
        """Show the result."""
        from IPython.display import display

        display(result)

    def _say(self, text: str) -> None:
        """Say nothing."""

    def __enter__(self) -> _Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do."""


class _InNotebook(_Line):
    """A line, in whose place the result is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._place: DisplayHandle | None = None

    def show(self, result: Any) -> None:
        """Show the result in place of the line."""
        self._display(result)

    def _say(self, text: str) -> None:
        self._display({"text/plain": text}, raw=True)

    def _display(self, what: Any, **how: Any) -> None:
        from IPython.display import display

        if self._place is None:
            self._place = display(what, display_id=True, **how)
        else:
            self._place.update(what, **how)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._place is not None:
            self._say("")


class _OnTerminal(_Line):
    """A line that is gone afterwards, and in a pipe none."""

    def __init__(self) -> None:
        super().__init__()
        self._width = 0
        self._moves = sys.stderr is not None and sys.stderr.isatty()

    def _say(self, text: str) -> None:
        if self._moves:
            text = text[: get_terminal_size().columns - 1]
            print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
