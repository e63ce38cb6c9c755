"""Checks that look at a clock, found by what they mention, and outcomes that hang on time."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.clocks import looks_at_clock, timed_checks, took_too_long
from grader.checking.assignment import load_assignment
from grader.checking.report import CheckResult

from .test_audit import MORE, Small

SPEED = """
import functools
import time as clock


def best(student):
    return [student.last.wall for _ in range(3)]


def fast(student):
    return min(best(student)) < 1


class Stopwatch:
    @property
    def now(self):
        return self.read()

    def read(self):
        return clock.perf_counter()


watch = Stopwatch()
soon = functools.partial(fast)


def slow():
    return soon
"""
IMPORT = "\nfrom . import _speed\nfrom ._speed import Stopwatch, fast, soon, watch\n"


@pytest.mark.parametrize(
    ("body", "timed"),
    [
        ("pass", False),
        ("expect.close(student.f(1.0), 2.0, 'out')", False),
        ("assert student.last.cpu < 1", True),
        ("import time\n    time.sleep(0)", True),
        ("assert fast(student)", True),
        ("[fast(student) for _ in range(2)]", True),
        ("(lambda: (lambda: fast(student))())()", True),
        ("_speed.fast(student)", True),
        ("_speed.SPEED if False else None", False),
        ("soon(student)", True),
        ("Stopwatch().now", True),
        ("watch.read()", True),
    ],
)
def test_checks_that_look_at_a_clock(tmp_path: Path, body: str, timed: bool) -> None:
    small = Small(tmp_path, "f")
    small.write("checks/_speed.py", SPEED)
    small.append("checks/f.py", IMPORT + MORE.format(id="is_quick") + f"    {body}\n")
    (question,) = load_assignment(small.folder).questions()
    assert timed_checks(question) == ({"is_quick"} if timed else set())


def test_the_checks_of_the_real_assignment() -> None:
    folder = Path(__file__).resolve().parents[2] / "solutions" / "assignment2"
    questions = load_assignment(folder).questions()
    assert {question.name for question in questions if timed_checks(question)} == {
        "conv_forward_im2col",
        "conv_backward_im2col",
    }


def test_the_graders_own_checks_look_at_none() -> None:
    assert not looks_at_clock(took_too_long)


@pytest.mark.parametrize(
    ("status", "id", "arrays", "late"),
    [
        ("passed", "is_fast", {}, False),
        ("skipped", "is_fast", {}, False),
        ("failed", "is_fast", {}, True),
        ("failed", "is_fast", {"out": "(1) 1 1 1 1 1"}, False),
        ("failed", "is_right", {}, False),
        ("error", "is_fast", {}, False),
        ("timeout", "is_right", {}, True),
        ("crashed", "is_right", {}, True),
        ("fault", "is_right", {}, True),
    ],
)
def test_what_hangs_on_time(status: str, id: str, arrays: dict[str, str], late: bool) -> None:
    print_ = {"what": "0", "arrays": arrays} if arrays else {"what": "0"}
    check = CheckResult(id, "", "public", 1.0, 0.0, status, details={"fingerprint": print_})
    assert took_too_long(check, {"is_fast"}) is late
