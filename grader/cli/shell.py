"""Runs a command, and turns whatever it raises into an exit code and one line."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from grader.cli.commands import cli
from grader.errors import GraderError
from grader.sandbox.scratch import NOWHERE
from grader.sandbox.text import clean

__all__ = ["execute"]

CLOSED_PIPE = 141  # what a shell reports of a program that wrote to a pipe that nobody reads
_MAX_LINE = 2000


def execute(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors become a line on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C, where the command did not take it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # text that the terminal has no letters for is no reason to fail
            stream.reconfigure(errors="replace")
    try:
        with _ending_in_order():
            code = _run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        with open(os.devnull, "w") as nowhere:  # Python flushes once more at its end
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return CLOSED_PIPE
    return code


def _run(arguments: list[str]) -> int:
    try:
        with cli.make_context("grader", arguments) as context:
            code = cli.invoke(context)
            return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "grader"
        return _say(f"{error.format_message().rstrip('.')} (see {command} --help)", error.exit_code)
    except click.ClickException as error:
        return _say(error.format_message(), 2)
    except GraderError as error:
        _trace()
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        raise
    except Exception as error:  # anything else is a bug of ours, and says so in one line
        _trace()
        if lacking := _lacking(error):
            return _say(lacking, 2)
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        advice = "" if os.environ.get("GRADER_DEBUG") else "; GRADER_DEBUG=1 shows where"
        return _say(f"a fault of the grader itself ({what}): please report it{advice}", 3)


def _lacking(error: Exception) -> str:
    """Return what this machine lacks, if that is what an error says for which Python has no type of its own."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "this system allows no more processes and threads: end some, or raise the limit (ulimit -u)"
    if isinstance(error, FileNotFoundError) and "No usable temporary directory" in str(error):
        return NOWHERE
    return ""


def _say(text: str, code: int) -> int:
    line = " ".join(clean(text).split())
    click.echo(f"grader: {line[:_MAX_LINE]}", err=True)
    return code


def _trace() -> None:
    if os.environ.get("GRADER_DEBUG"):
        click.echo(clean(traceback.format_exc()), err=True)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a terminal that closes, or a system that stops, end a run in order: no worker is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), _end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
