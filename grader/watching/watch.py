"""The loop of ``grader watch``: sees saves and keys, decides what to check again, and says what came of it."""

from __future__ import annotations

import contextlib
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.checking.report import Report
from grader.checking.submission import Submission
from grader.checking.workshop import Workshop
from grader.errors import GraderError
from grader.reports.html import page
from grader.watching.board import Board
from grader.watching.checker import Checker, Ended, Finished, Started
from grader.watching.effects import Place, Program, affected, starts, waits_for
from grader.watching.files import Changes, Files, python_files
from grader.watching.keyboard import END, REDRAW, Keyboard
from grader.watching.screen import Screen, names_of
from grader.watching.source import Broken, Source, read

__all__ = ["Watch"]

_PAUSE = 0.1  # seconds between two looks at the files
_SETTLING = 0.02  # while something is being written
_COURSE = 10  # every so many looks the course's own files are looked at, too


class Watch:
    """Watches one submission. :meth:`run` returns an exit code.

    Args:
        workshop: runs the questions.
        find: finds the submission's files; they may come and go.
        wanted: the questions to watch.
        screen: where it is drawn.
        report_file: where the report for the browser is written.
    """

    def __init__(
        self,
        workshop: Workshop,
        find: Callable[[], Submission],
        wanted: Sequence[str],
        screen: Screen,
        report_file: Path,
    ) -> None:
        self._workshop = workshop
        self._find = find
        self._wanted = list(wanted)
        self._screen = screen
        self._report_file = report_file
        self._board = Board(self._wanted)
        self._own: dict[str, Place] = {}  # each question's own function
        self._needs: dict[str, set[str]] = {}  # each question and those that it waits for
        self._begins = self._starts()
        self._submission = find()
        self._files = Files(self._watched)
        self._sources: dict[Path, Source] = {}
        self._broken: dict[Path, str] = {}
        self._dirty: set[str] = set()  # to be checked
        self._first: set[str] = set()  # which of them before the others
        self._batch: list[str] = []  # those that are being checked
        self._shown: set[str] = set()  # those of this batch that were decided
        self._why = self._drawn = ""  # why the next batch is checked, and the last one was
        self._told = True  # whether the last batch was drawn
        self._looks = 0
        self._complaint = ""

    def run(self, keyboard: Keyboard) -> int:
        """Watch until somebody quits, and return 0 if every question is right, else 1; 3 for a fault of the grader.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        for path, data in self._files.contents().items():
            self._take(path, data)
        self._dirty |= set(self._wanted)
        with keyboard, contextlib.closing(Checker(self._workshop, keyboard.wake)) as checker:
            self._begin(checker)
            while True:
                if not self._keys(keyboard.wait(_SETTLING if self._files.unsettled else _PAUSE), checker):
                    break
                self._look(checker)
                self._listen(checker)
                if self._dirty and not checker.busy and not self._files.unsettled:
                    self._begin(checker)
        self._screen.close()
        report = self._report()
        everything = report is not None and len(report.questions) == len(self._wanted)
        return 1 if report is None or not everything else report.exit_code

    # --- what is to be checked

    def _watched(self) -> Iterator[Path]:
        """Yield the files that matter: the student's, and given ones from elsewhere."""
        yield from python_files(self._submission.root)
        for place in self._submission.layout.modules.values():
            path = Path(place)
            if not path.is_relative_to(self._submission.root):
                yield path

    def _starts(self) -> dict[str, list[Place]]:
        known = {question.name: question for question in self._workshop.questions()}
        chosen = [known[name] for name in self._wanted]
        self._own = {question.name: (Path(question.file).stem, question.symbol) for question in chosen}
        self._needs = {question.name: waits_for(question, known) for question in chosen}
        return starts(chosen, known)

    def _take(self, path: Path, data: bytes | None) -> None:
        """Read a file's definitions; what cannot be read stays as it was."""
        self._broken.pop(path, None)
        if data is None:
            self._sources.pop(path, None)
            return
        source = read(path.stem, data)
        if isinstance(source, Broken):
            self._broken[path] = source.why
        else:
            self._sources[path] = source

    def _look(self, checker: Checker) -> None:
        """See what was saved, and what that makes necessary."""
        self._looks += 1
        if not self._looks % _COURSE and not checker.busy:
            self._look_at_course()
        changes = self._files.look()
        if not changes:
            return
        before, broken = Program(self._sources.values()), dict(self._broken)
        for path, data in changes.edited.items():
            self._take(path, data)
        after = Program(self._sources.values())
        changed = before.changes(after)
        again = set(affected(before, after, changed, self._begins))
        if checker.busy:  # it may have read what was there for a moment
            again |= self._reaching(after, {*changes.touched, *self._broken}) & set(self._batch)
        saved = names_of(sorted(path.name for path in {*changes.edited, *changes.touched}))
        for path in changes.edited:
            if path in self._broken:
                what = "waiting for the next save"
                self._screen.say(f"{path.name} is no Python yet ({self._broken[path]}): {what}", "yellow")
        if again:
            self._dirty |= again
            direct = {name for name in again if self._own[name] in changed or name == self._board.focus}
            self._first = {other for name in direct for other in self._needs[name]}
            self._why = self._reason(changes, changed, saved)
            if checker.busy:
                self._dirty |= {name for name in self._batch if name not in self._shown}
                checker.stop()
        elif not self._broken.keys() & changes.edited.keys():
            mended = any(path in broken for path in changes.edited)
            self._screen.say(self._nothing(changes, changed, saved, mended), "dim")

    def _reason(self, changes: Changes, changed: set[Place], saved: str) -> str:
        names = sorted({name for _, name in changed if name and not name.startswith("?")})
        gone = [path.name for path, data in changes.edited.items() if data is None]
        if gone:
            return f"{names_of(sorted(gone))} is gone"
        return f"{saved} saved" + (f": {names_of(names)}" if names else "")

    def _nothing(self, changes: Changes, changed: set[Place], saved: str, mended: bool) -> str:
        if changed:
            what = "no question uses what changed"
        elif mended:
            what = "as it was before"
        elif not changes.edited:
            what = "nothing changed"
        else:
            what = "only comments or layout changed"
        return f"{saved} saved: {what}, so nothing is checked again"

    def _reaching(self, program: Program, paths: set[Path]) -> set[str]:
        """Return the questions that use anything of these files."""
        modules = {path.stem for path in paths}
        return {
            name
            for name, begin in self._begins.items()
            if any(module in modules or module == "*" for module, _ in program.reach(begin))
        }

    def _look_at_course(self) -> None:
        """See whether the checks themselves were edited: whoever writes them watches, too."""
        try:
            edited = self._workshop.refresh()
            if edited:
                self._begins = self._starts()
        except GraderError as error:
            self._complain(str(error))
            return
        if edited:
            names = {name.removesuffix(".py") for name in edited}
            self._dirty |= names if names <= set(self._workshop.assignment.order) else set(self._wanted)
            self._dirty &= set(self._wanted)
            self._why = f"{names_of(edited)} saved"

    # --- batches

    def _begin(self, checker: Checker) -> None:
        """Begin to check what is to be checked, but for what uses a file that is no Python yet."""
        names = self._ready()
        names = names & self._first or names
        if not names:
            return
        self._batch = [name for name in self._wanted if name in names]
        self._dirty -= names
        self._shown = set()
        if self._told:
            self._told = False
            self._board.begin()
        known = {name: result for name, result in self._board.results.items() if name not in names | self._dirty}
        checker.start(self._found, self._batch, known)

    def _ready(self) -> set[str]:
        """Return what can be checked now: at the start everything, later what uses no file that is no Python yet."""
        if not self._board.results or not self._broken:
            return set(self._dirty)
        return self._dirty - self._reaching(Program(self._sources.values()), set(self._broken))

    def _found(self) -> Submission:
        self._submission = self._find()
        return self._submission

    def _listen(self, checker: Checker) -> None:
        for event in checker.events():
            if isinstance(event, Started):
                count = f" ({len(self._shown) + 1} of {len(self._batch)})" if len(self._batch) > 1 else ""
                self._screen.status(f"checking {event.name} …{count}")
            elif isinstance(event, Finished):
                self._shown.add(event.result.id)
                self._board.put(event.result)
            else:
                self._ended(event)

    def _ended(self, event: Ended) -> None:
        self._batch = []
        if event.error is not None:
            if not isinstance(event.error, GraderError):
                raise event.error
            self._complain(str(event.error))
            return
        if event.report is None:  # it was stopped, and another follows
            return
        self._complaint = ""
        self._board.end(event.report)
        more = self._ready()
        if more & self._first:  # something was saved meanwhile: its results come with these
            return
        self._told = not more or not self._screen.redraws
        self._drawn = self._why or self._drawn
        self._why = ""
        self._draw(len(more))

    def _draw(self, more: int = 0) -> None:
        report = self._report()
        if report is not None:
            self._screen.batch(self._board, report, self._drawn, more)

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._complaint = text
            self._screen.say(f"{text} (waiting for the next save)", "red")

    # --- keys

    def _keys(self, keys: str, checker: Checker) -> bool:
        """Do what keys say; return whether to go on."""
        for key in keys.lower():
            if key in ("q", END):
                return False
            if key == REDRAW:
                self._draw()
            elif key == "?":
                self._screen.keys(explained=True)
            elif key == "h":
                self._screen.explain(self._board.results.get(self._board.focus))
            elif key == "o":
                self._open()
            elif key in ("a", "\n", "\r"):
                self._again(self._wanted, "all questions", checker)
            elif key == "n":
                name = self._board.next()
                if name:
                    self._board.focus = name
                    self._again([name], f"next: {name}", checker)
                else:
                    self._screen.say("Nothing is wrong: there is no next question.", "green")
        return True

    def _again(self, names: Sequence[str], why: str, checker: Checker) -> None:
        self._dirty |= set(names)
        self._why = why
        if checker.busy:
            self._dirty |= {name for name in self._batch if name not in self._shown}
            checker.stop()

    def _report(self) -> Report | None:
        return self._board.report(self._workshop.hidden_points(self._wanted))

    def _open(self) -> None:
        report = self._report()
        if report is None:
            self._screen.say("There is no report yet.", "dim")
            return
        try:
            self._report_file.parent.mkdir(parents=True, exist_ok=True)
            self._report_file.write_text(page(report, self._screen.scene), encoding="utf-8")
        except OSError as error:
            self._screen.say(f"the report cannot be written ({error.strerror}):", "red", file=self._report_file)
            return
        opened = webbrowser.open(self._report_file.as_uri())
        self._screen.say("opened:" if opened else "no browser here; the report is in", "dim", file=self._report_file)
