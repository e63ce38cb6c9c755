"""The command line as a whole: help, version, errors, interruption, pipes, terminals."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import grader
from grader.cli import main
from grader.cli.commands import COMMANDS

from .conftest import HALF, RIGHT, Course

pty = pytest.importorskip("pty", reason="terminals and signals as POSIX has them")

LOOP = '''"""double: never ends."""

from grader import Question

question = Question("double", file="layers.py", points=2, returns="out")


@question.check()
def ends(student, rng):
    """ends"""
    with open({sign!r}, "w") as sign:
        sign.write("x")
    student.double(1.0)
'''


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_itself(course: Course, command: str) -> None:
    code, out, _ = course.grader(command, "--help")
    assert code == 0
    assert "Examples:\n    grader" in out
    assert "Exit codes:\n    0" in out
    assert "\\b" not in out


def test_help_lists_all_commands_and_exit_codes(course: Course) -> None:
    code, out, _ = course.grader("--help")
    assert code == 0
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert all(f"\n    {number} " in out for number in (0, 1, 2, 3, 130))


def test_help_loads_no_command(course: Course) -> None:
    script = (
        "import sys, grader.cli; grader.cli.main(['--help']); print([m for m in sys.modules if m.startswith('rich')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")


def test_without_a_command_there_is_help_and_exit_code_2(course: Course) -> None:
    code, out, err = course.grader()
    assert (code, out) == (2, "")
    assert "Commands:" in err


def test_version(course: Course) -> None:
    assert course.grader("--version") == (0, f"grader {grader.__version__}\n", "")


def test_python_m_is_the_same(course: Course) -> None:
    done = course.process("--version")
    assert (done.returncode, done.stdout) == (0, f"grader {grader.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "says"), [(["rn"], "there is no command 'rn'; did you mean run?"), (["--vers"], "No such option")]
)
def test_wrong_usage_is_one_line(course: Course, arguments: list[str], says: str) -> None:
    code, out, err = course.grader(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"grader: {says}")
    assert err.count("\n") == 1


def test_a_bug_of_ours_is_one_line_and_exit_code_3(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("\x1b[31mtwo\nlines")

    monkeypatch.setattr("grader.checking.assignment.find_assignment", broken)
    code, out, err = course.grader("run", "small")
    assert (code, out) == (3, "")
    assert err.startswith("grader: a fault of the grader itself (RuntimeError: two lines): please report it")
    assert err.count("\n") == 1
    monkeypatch.setenv("GRADER_DEBUG", "1")
    code, _, err = course.grader("run", "small")
    assert code == 3
    assert "Traceback" in err
    assert "in broken" in err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("can't start new thread"), "this system allows no more processes and threads: "),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "there is no folder for temporary "),
    ],
)
def test_what_the_machine_lacks_is_no_bug_of_ours(
    course: Course, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def lacking(*_: object) -> None:
        raise error

    monkeypatch.setattr("grader.checking.assignment.find_assignment", lacking)
    code, out, err = course.grader("run", "small")
    assert (code, out) == (2, "")
    assert err.startswith(f"grader: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["doctor"], ["run", "small"], ["grade", "small", "handed", "--out", "graded"]])
def test_a_system_without_a_place_for_temporary_files(
    course: Course, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    course.student(RIGHT)
    course.student(RIGHT, course.home / "handed" / "ada")
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(course.home / "nowhere")])
    code, _, err = course.grader(*arguments)
    assert code == 2
    assert err.endswith("(a container that is read-only needs --tmpfs /tmp)\n")
    assert err.count("\n") == 1


def test_ctrl_c_outside_of_a_run_is_exit_code_130(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.checking.assignment.list_assignments", interrupted)
    assert course.grader("list") == (130, "", "grader: interrupted\n")


def test_signal_handlers_are_as_before(course: Course) -> None:
    before = signal.getsignal(signal.SIGTERM)
    course.grader("list")
    assert signal.getsignal(signal.SIGTERM) is before


def running(course: Course, tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    """Return a run that has come to code that never ends."""
    course.student("def double(x):\n    while True:\n        pass\n\n\ndef triple(x):\n    return 3 * x\n")
    sign = tmp_path / "sign"
    os.mkfifo(sign)
    (course.source / "checks" / "double.py").write_text(LOOP.format(sign=str(sign)))
    reader = os.open(sign, os.O_RDONLY | os.O_NONBLOCK)
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "run", "small", *arguments],
        cwd=course.home,
        env=course.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    try:
        ready, _, _ = select.select([reader], [], [], 60)
    finally:
        os.close(reader)
    if not ready:
        process.kill()
    assert ready, process.communicate()
    return process


def test_ctrl_c_in_a_run_gives_the_report_so_far(course: Course, tmp_path: Path) -> None:
    process = running(course, tmp_path, "--json", "report.json")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: 2 of 2 questions were not run." in out
    assert err == ""
    assert '"interrupted": true' in (course.home / "report.json").read_text()


def test_a_terminal_that_closes_ends_a_run_in_order(course: Course, tmp_path: Path) -> None:
    process = running(course, tmp_path)
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=60)  # comes back only when no worker holds these pipes
    assert process.returncode == 128 + signal.SIGHUP
    assert (out, err) == ("", "")


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "small"], ["run", "small"]])
def test_a_closed_pipe_ends_it_quietly(course: Course, arguments: list[str]) -> None:
    course.student(HALF)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = course.process(*arguments, capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert done.returncode == 141
    assert done.stderr == ""


def on_terminal(course: Course, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run on a terminal of 60 columns, and return what it showed."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
    command = [sys.executable, "-m", "grader", *arguments]
    given = {key: value for key, value in course.environment(**environment).items() if key != "COLUMNS"}
    process = subprocess.Popen(command, cwd=course.home, env=given, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    return process.wait(60), shown.decode().replace("\r\n", "\n")


def test_on_a_terminal_rows_appear_once_and_the_running_question_is_shown(course: Course) -> None:
    course.student(HALF)
    code, shown = on_terminal(course, "run", "small")
    assert code == 1
    assert "double … running (1 of 2)" in shown
    assert shown.count("passed") == 1
    assert "\x1b[32m" in shown
    assert shown.rindex("\x1b[?25h") > shown.index("\x1b[?25l"), "the cursor is back"
    assert "\x1b[?1049" not in shown, "what scrolled by can be scrolled back"


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_escapes_where_they_are_not_wanted(course: Course, setting: dict[str, str]) -> None:
    course.student(HALF)
    code, shown = on_terminal(course, "run", "small", **setting)
    assert code == 1
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 60


def test_no_escapes_in_a_pipe(course: Course) -> None:
    course.student(RIGHT)
    for arguments in (["run", "small"], ["list"], ["list", "small"]):
        assert "\x1b" not in course.process(*arguments).stdout


def test_letters_that_the_terminal_lacks_are_no_reason_to_fail(course: Course) -> None:
    course.student(HALF)
    done = course.process("run", "small", env=course.environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"))
    assert done.returncode == 1
    assert done.stderr == ""


def test_main_takes_the_process_arguments(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["grader", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("grader ")
