"""Keys from a real terminal, which is as before afterwards, however it ends."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.watching.keyboard import open_keyboard

from .terminal import Terminal

KEYS = """
import os, signal, sys
from grader.watching.keyboard import REDRAW, open_keyboard

with open_keyboard(sys.stdin) as keyboard:
    print("ready", flush=True)
    while True:
        keys = keyboard.wait(60)
        if keys == REDRAW:
            print("drawn again", flush=True)
        elif keys:
            print("keys", [*keys], flush=True)
        if "x" in keys:
            raise RuntimeError("an exception")
        if "q" in keys:
            break
print("over", flush=True)
"""
FOREGROUND = """
import os, signal
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.setpgid(0, 0)
os.tcsetpgrp(0, os.getpid())
signal.signal(signal.SIGTTOU, signal.SIG_DFL)
"""
# a shell in small: it gives its child the terminal, and tells when the child has stopped
SHELL = f"""
import os, signal, subprocess, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
before = termios.tcgetattr(0)
child = subprocess.Popen([sys.executable, "-c", {FOREGROUND + KEYS!r}])
_, status = os.waitpid(child.pid, os.WUNTRACED)
print("stopped", os.WIFSTOPPED(status), termios.tcgetattr(0) == before, flush=True)
os.tcsetpgrp(0, child.pid)
os.kill(child.pid, signal.SIGCONT)
print("code", child.wait(), flush=True)
os.tcsetpgrp(0, os.getpgrp())
print("restored", termios.tcgetattr(0) == before, flush=True)
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def start(code: str, tmp_path: Path, opened: list[Terminal]) -> Terminal:
    terminal = Terminal([sys.executable, "-c", code], tmp_path, os.environ)
    opened.append(terminal)
    return terminal


def test_keys_come_at_once_and_arrows_do_not(tmp_path: Path, opened: list[Terminal]) -> None:
    terminal = start(KEYS, tmp_path, opened)
    terminal.until("ready")
    assert not terminal.settings()[3] & (termios.ICANON | termios.ECHO)
    terminal.press("\x1b[A")
    terminal.press("n")
    assert "x1b" not in terminal.until("keys ['n']")
    terminal.press("\x0c")
    terminal.until("drawn again")
    terminal.press("q")
    terminal.until("over")
    assert terminal.wait() == 0
    assert terminal.settings() == terminal.before


def test_the_terminal_is_as_before_after_an_exception(tmp_path: Path, opened: list[Terminal]) -> None:
    terminal = start(KEYS, tmp_path, opened)
    terminal.until("ready")
    terminal.press("x")
    terminal.until("RuntimeError: an exception")
    assert terminal.wait() == 1
    assert terminal.settings() == terminal.before


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(tmp_path: Path, opened: list[Terminal]) -> None:
    terminal = start(SHELL, tmp_path, opened)
    terminal.until("ready")
    terminal.press("\x1a")
    terminal.until("stopped True True")
    terminal.until("drawn again")
    terminal.press("q")
    terminal.until("code 0")
    terminal.until("restored True")


def test_without_a_terminal_it_only_waits() -> None:
    with open(os.devnull) as nothing, open_keyboard(nothing) as keyboard:
        assert not keyboard.present
        keyboard.wake()
        assert keyboard.wait(60) == ""
        assert keyboard.wait(0) == ""
    assert not open_keyboard(None).present
