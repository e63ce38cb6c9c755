"""``grader watch`` as a real process under a terminal, and in a pipe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes.observed import children, ended
from watching.terminal import Terminal

from .conftest import HALF, RIGHT, STUBS, Course

KEYS = "q quit  ? keys\n"
DOUBLE_WRONG = RIGHT.replace("2 * x", "4 * x")
ENDLESS = HALF.replace("    return 2 * x\n\n\n", "    while True:\n        pass\n\n\n")

Start = Callable[..., "Watched"]


class Watched(Terminal):
    def screen(self, end: str = KEYS) -> str:
        """What is drawn up to its end, without what it is in columns for."""
        return re.sub(r"(?<=\S) +", " ", self.until(end))


@pytest.fixture
def start(course: Course, tmp_path: Path) -> Iterator[Start]:
    terminals = []

    def start(*arguments: str, columns: int = 80, **more: str) -> Watched:
        environment = {key: value for key, value in course.environment(**more).items() if key != "COLUMNS"}
        command = [sys.executable, "-m", "grader", "watch", "small", *arguments]
        terminal = Watched(command, course.home, environment, columns)
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


def test_a_save_checks_again_only_what_it_can_affect(course: Course, start: Start) -> None:
    course.student(HALF)
    terminal = start()
    first = terminal.screen()
    assert "double 2/2 passed" in first
    assert "Next: mend triple (layers.py); saving it checks it again" in first
    course.student(RIGHT)
    second = terminal.screen()
    assert "layers.py saved: triple" in second
    assert "triple 3/3 passed +3 fixed" in second
    assert "double" not in second
    assert "Total 5 of 5 points (+3), 2 of 2 questions right\nAll is right. Well done." in second
    course.student(DOUBLE_WRONG)
    third = terminal.screen()
    assert "double 0/2 wrong −2 broke" in third
    assert "triple" not in third
    course.student(DOUBLE_WRONG.replace("\n\n\n", "\n\n\n# a comment\n"))
    terminal.until("layers.py saved: only comments or layout changed, so nothing is checked again\n")
    course.student(RIGHT)
    terminal.until("fixed")
    terminal.press("q")
    assert terminal.wait() == 0
    assert terminal.settings() == terminal.before


def test_half_written_files_are_waited_for(course: Course, start: Start) -> None:
    course.student(RIGHT)
    terminal = start()
    terminal.screen()
    course.student(RIGHT + "def f(:\n")
    terminal.until("layers.py is no Python yet (line 7: invalid syntax): waiting for the next save\n")
    course.student(RIGHT)
    terminal.until("layers.py saved: as it was before, so nothing is checked again\n")
    swap = course.work / ".layers.py.swp"
    swap.write_text(HALF)
    os.replace(swap, course.work / "layers.py")
    assert "triple 0/3 wrong −3 broke" in terminal.screen()
    (course.work / "layers.py").unlink()
    terminal.until("waiting for the next save")
    course.student(RIGHT)
    assert "triple 3/3 passed +3 fixed" in terminal.screen()


def test_a_newer_save_takes_the_place_of_a_check_that_runs(course: Course, start: Start) -> None:
    course.student(HALF)
    terminal = start()
    terminal.screen()
    course.student(ENDLESS)
    terminal.until("checking double")
    course.student(RIGHT)
    shown = terminal.screen("2 of 2 questions right")  # half a file may be seen before
    assert "triple 3/3 passed +3 fixed" in shown
    assert "too slow" not in shown


def test_keys(course: Course, start: Start, tmp_path: Path) -> None:
    course.student(HALF)
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f"#!{sys.executable}\nimport sys\nopen({str(opened)!r}, 'w').write(sys.argv[1])\n")
    browser.chmod(0o700)
    terminal = start(BROWSER=f"{browser} %s")
    terminal.screen()
    terminal.press("?")
    assert "o  open the whole report in a browser" in terminal.until("this list\n")
    terminal.press("h")
    hint = terminal.screen()
    assert "✗ gives 3 times x" in hint
    assert "2 of 2 cases fail" in hint
    assert "Try:" in hint
    terminal.press("n")
    shown = terminal.screen()
    assert "next: triple" in shown
    assert "double" not in shown
    terminal.press("\n")
    shown = terminal.screen()
    assert "all questions" in shown
    assert "double" in shown
    terminal.press("o")
    terminal.until("opened:\n")
    assert terminal.until(".html").strip() == opened.read_text().removeprefix("file://").strip()
    page = Path(opened.read_text().removeprefix("file://")).read_text()
    assert page.startswith("<!doctype html>")
    assert "triple" in page
    terminal.press("x\x1b[Aq")
    assert terminal.wait() == 1
    assert terminal.settings() == terminal.before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signals_leave_no_process_and_the_terminal_as_it_was(
    course: Course, start: Start, number: signal.Signals, code: int
) -> None:
    course.student(ENDLESS)
    terminal = start()
    terminal.until("checking double")
    below = children(terminal.process.pid)
    assert below
    terminal.process.send_signal(number)
    assert terminal.wait() == code
    assert terminal.settings() == terminal.before
    assert all(ended(process) for process in below)


def test_ctrl_c_is_130(course: Course, start: Start) -> None:
    course.student(RIGHT)
    terminal = start()
    terminal.screen()
    terminal.press("\x03")
    terminal.until("grader: interrupted")
    assert terminal.wait() == 130


def test_a_narrow_terminal_has_no_line_that_is_too_long(course: Course, start: Start) -> None:
    course.student(HALF)
    terminal = start(columns=30)
    shown = terminal.until("keys: n a h o q ?\n")
    course.student(DOUBLE_WRONG)
    shown += terminal.until("keys: n a h o q ?\n")
    assert "broke" in shown
    drawn = [line for line in shown.splitlines() if "checking" not in line]  # which is drawn over
    assert max(map(len, drawn)) <= 30


def test_no_color_means_no_escapes_and_keys_work(course: Course, start: Start) -> None:
    course.student(HALF)
    terminal = start(NO_COLOR="1")
    terminal.until("Total 2 of 5 points")
    course.student(RIGHT)
    terminal.press("q")
    terminal.wait()
    assert b"\x1b" not in terminal.all


def test_in_a_pipe_there_are_plain_lines(course: Course) -> None:
    course.student(HALF)
    command = [sys.executable, "-m", "grader", "watch", "small", "-q", "triple"]
    with subprocess.Popen(
        command, cwd=course.home, env=course.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Next:"):
                course.student(RIGHT)
            if line.startswith("All is right"):
                process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    text = re.sub(r"(?<=\S) +", " ", "".join(lines))
    assert text.startswith("Standard input is no terminal, so there are no keys; Ctrl-C ends this.\n")
    assert "triple 3/3 passed +3 fixed\n" in text
    assert "double" not in text
    assert "\x1b" not in text
    assert "\r" not in text
    assert "quit" not in text


def test_an_edited_check_counts(course: Course, start: Start) -> None:
    course.student(RIGHT)
    terminal = start()
    terminal.screen()
    check = course.source / "checks" / "triple.py"
    text = check.read_text()
    check.write_text(text.replace("3 *", "5 *"))
    shown = terminal.screen()
    assert "triple.py saved" in shown
    assert "broke" in shown
    assert "double" not in shown
    check.write_text("nonsense")
    terminal.until("NameError")
    check.write_text(text)
    assert "fixed" in terminal.screen()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing"], "there is no assignment 'nothing'"),
        (["small", "-q", "tripel"], "there is no question 'tripel'; did you mean triple?"),
        (["small", "-q", ","], "--question is empty"),
        (["small", "--submission", "nowhere"], "nowhere does not exist"),
        (["small", "--submission", ""], "--submission is empty"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(course: Course, arguments: list[str], line: str) -> None:
    course.student(STUBS)
    code, out, err = course.grader("watch", *arguments)
    assert code == 2
    assert out == ""
    assert line in err
    assert len(err.splitlines()) == 1
