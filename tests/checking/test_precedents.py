"""Whoever answers what others answered is judged as they were; nothing else changes, for anybody."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from grader.checking.memory import Memory
from grader.checking.precedents import Outcome, Precedents
from grader.checking.report import Report
from grader.errors import WrongAnswerError
from grader.sandbox.line import Line, Request
from grader.sandbox.process import Reply

from .conftest import Small, check_of, plain

CHECK = """
import pathlib
from grader import Question, expect

also = {{"g": ("layers.py", "out cache:kept"), "h": ("layers.py", "out")}}
question = Question("f", file="layers.py", points=2, returns="out", also=also)
ran = pathlib.Path({ran!r})

{checks}
"""

THREE = '''
@question.check(points=2, size=[2, 5])
def three_calls(student, rng, size):
    """three calls"""
    with ran.open("a") as file:
        file.write("x")
    x = rng.normal(size=size)
    expect.close(student.f(x), 2 * x, "f")
    out, cache = student.g(x)
    expect.close(out, 3 * x, "g")
    expect.close(student.h(x, cache), 4 * x, "h")
    return "well done"
'''

RIGHT = """
def f(x): return x + x
def g(x): return 3 * x, [x]
def h(dout, cache): return dout + 3 * cache[0]
"""


@pytest.fixture
def judge(small: Small, tmp_path: Path) -> Callable[..., Any]:
    """Write an assignment; give what grades a submission with a memory, having seen that it does the same without."""
    ran = tmp_path / "ran"

    def write(checks: str, **settings: str) -> Callable[..., tuple[Report, int]]:
        small.write({"f": CHECK.format(ran=str(ran), checks=checks)}, **settings)

        def grade(source: str, memory: Memory, *, alike: bool = True, **options: Any) -> tuple[Report, int]:
            alone = small.run(source, **options)
            ran.write_text("")
            report = small.run(source, memory=memory, **options)
            if alike:
                assert plain(report) == plain(alone)
            return report, len(ran.read_text())

        return grade

    return write


def test_the_same_answers_are_not_judged_twice(judge: Callable[..., Any]) -> None:
    grade, memory = judge(THREE), Memory()
    for source, ran in (
        (RIGHT, 2),
        (RIGHT, 0),
        (RIGHT.replace("x + x", "2 * x"), 0),  # in other words
        (RIGHT.replace("[x]", "(x, 'kept', 3)"), 2),  # a cache of another type
        (RIGHT.replace("[x]", "(x, 'kept', 3)"), 0),
    ):
        report, times = grade(source, memory)
        assert report.complete
        assert times == ran
    assert memory.precedents.found == 6


@pytest.mark.parametrize(
    "change",
    [
        ("x + x", "x * x"),
        ("3 * x, [x]", "3 * x + 1e-3, [x]"),
        ("+ 3 * cache[0]", "- cache[0]"),
        ("x + x", "[1, 2]"),
        ("x + x", "1 / 0"),
        ("x + x", "undefined"),
        ("return x + x", "raise NotImplementedError"),
        ("return x + x", "import os; os._exit(3)"),
        ("return dout + 3 * cache[0]", "import os; os._exit(3)"),
        ("return dout + 3 * cache[0]", "print(cache); return cache"),
        ("x + x", "(x + x).astype('float32')"),
        ("def f(x): return x + x", ""),
        ("def f", "def f("),
        ("return x + x", "x *= 2; return x"),
    ],
    ids=lambda change: change[1],
)
def test_what_is_new_is_judged_as_ever(judge: Callable[..., Any], change: tuple[str, str]) -> None:
    grade, memory = judge(THREE), Memory()
    wrong = RIGHT.replace(*change)
    assert wrong != RIGHT
    for source in (RIGHT, wrong, RIGHT, wrong, wrong):
        report, _ = grade(source, memory)
        assert report.complete == (source == RIGHT or "float32" in source or "*= 2" in source)
    assert grade(RIGHT, memory)[1] == 0


def test_each_request_is_made_once(judge: Callable[..., Any], small: Small) -> None:
    """Whoever differs at the third call was asked the first two times already: these replies are good."""
    grade, memory = judge(THREE), Memory()
    grade(RIGHT, memory)
    counting = "n = 0\n" + RIGHT.replace("return", "global n; n += 1; return").replace("dout + 3", "n + 3")
    report = small.run(counting, memory=memory)
    assert "h[" in check_of(report, "three_calls").message
    assert plain(report) == plain(small.run(counting))


def test_a_timeout_after_known_answers_is_one(judge: Callable[..., Any]) -> None:
    grade, memory = judge(THREE, limits="call_seconds = 0.3"), Memory()
    grade(RIGHT, memory)
    report, ran = grade(RIGHT.replace("return dout + 3 * cache[0]", "\n    while True: pass"), memory)
    assert check_of(report, "three_calls").status == "timeout"
    assert ran == 1
    assert grade(RIGHT, memory)[1] == 0


def test_who_looks_at_a_clock_is_asked_each_time(judge: Callable[..., Any]) -> None:
    checks = THREE.replace('return "well done"', "expect.that(student.last.wall >= 0, 'time')")
    grade, memory = judge(checks), Memory()
    assert [grade(RIGHT, memory)[1] for _ in range(3)] == [2, 2, 2]
    assert memory.precedents.found == 0


def test_remarks_are_everybodys_own(judge: Callable[..., Any]) -> None:
    grade, memory = judge(THREE), Memory()
    late = RIGHT.replace("return x + x", "import cs231n_data_of_nobody_ as d; return x + x")
    assert late != RIGHT
    for source in (RIGHT, late, late):
        grade(source, memory)


FICKLE = '''
@question.check(points=2)
def fickle(student, rng):
    """fickle"""
    with ran.open("a") as file:
        file.write("x")
    x = rng.normal(size=3)
    if len(ran.read_text()) % 2:
        {either}
    else:
        {other}
'''
TWO = 'expect.close(student.f(x), 2 * x, "f"); expect.close(student.h(x, 0), 2 * x, "h")'
ONE = TWO.partition("; ")[0]
TURNED = "; ".join(reversed(TWO.split("; ")))


@pytest.mark.parametrize(("either", "other"), [(TWO, ONE), (TWO, TURNED), (TURNED, TWO)])
def test_a_check_that_is_not_the_same_twice_is_left_to_itself(
    judge: Callable[..., Any], small: Small, tmp_path: Path, either: str, other: str
) -> None:
    memory = Memory()
    judge(FICKLE.format(either=either, other=other))
    times = [0]
    for number in (0, 1, 2, 2, 2):  # who answers a little differently has the check itself run
        source = f"def f(x): return x + x\ndef h(x, _): return x + x + {number}e-9"
        assert small.run(source, memory=memory).complete
        times.append(len((tmp_path / "ran").read_text()))
    assert [after - before for before, after in pairwise(times)] == [1, 2, 1, 1, 1]


SECOND = '''
@question.check(points=2)
def second(student, rng):
    """the second worker"""
    with ran.open("a") as file:
        file.write("x")
    x = rng.normal(size=3)
    expect.close(student.f(x), 2 * x, "f")
    with student.second() as other:
        expect.close(other.f(x), 2 * x, "f of the second")
        out, cache = other.g(x)
    expect.close(student.f(out), 6 * x, "f of the first")
    with student.second() as other:
        out, cache = other.g(x)
        expect.close(other.h(x, cache), 4 * x, "h")
'''


@pytest.mark.parametrize(
    "source",
    [
        RIGHT.replace("x + x", "x + x if x[0] < 1e9 else 0"),
        RIGHT.replace("3 * x,", "4 * x,"),
        RIGHT.replace("+ 3 *", "- 3 *"),
        RIGHT.replace("return dout + 3 * cache[0]", "import os; os._exit(4)"),
        RIGHT.replace("return 3 * x, [x]", "import os; os._exit(4)"),
        "n = 0\n" + RIGHT.replace("return x + x", "global n; n += 1; return x + x + (n > 1)"),
    ],
)
def test_the_second_worker_has_its_own_turns(judge: Callable[..., Any], source: str) -> None:
    grade, memory = judge(SECOND), Memory()
    assert grade(RIGHT, memory)[0].complete
    for _ in range(2):
        grade(source, memory)
        report, ran = grade(RIGHT, memory)
        assert report.complete
        assert ran == 0


def test_a_check_that_fails_by_itself_leaves_nothing_lent(judge: Callable[..., Any]) -> None:
    broken = SECOND.replace('"h")', '"h")\n        broken')
    after = THREE.replace("def three_calls", "def after")
    grade, memory = judge(broken + after + SECOND.replace("def second", "def again")), Memory()
    for _ in range(2):
        report, _ = grade(RIGHT, memory, alike=False)
        assert check_of(report, "second").status == "fault"
        assert check_of(report, "again").status == check_of(report, "after").status == "passed"


@pytest.fixture
def ends_before(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the worker end by itself before a request, counted from now on."""
    ask = Line.ask

    def arrange(number: int) -> None:
        asked = []

        def ended(line: Line, *args: Any) -> Any:
            asked.append(args)
            if len(asked) == number:
                assert line.worker is not None
                line.worker.kill()
                line.worker._process.wait(60)
            return ask(line, *args)

        monkeypatch.setattr(Line, "ask", ended)

    return arrange


def test_a_worker_that_ends_between_two_answers_is_the_students_matter(
    judge: Callable[..., Any], small: Small, ends_before: Callable[[int], None]
) -> None:
    """It would be a fault of the grader's else, which costs nothing."""
    grade, memory = judge(THREE), Memory()
    grade(RIGHT, memory)
    for _ in range(2):
        ends_before(3)  # which names a cache that is gone
        check = check_of(small.run(RIGHT, memory=memory), "three_calls")
        assert (check.status, check.failed_cases) == ("crashed", 1)
        assert check.message.startswith("the process ended before h was called, after its last answer")


def test_a_worker_that_ends_where_nothing_is_kept_costs_nothing(
    judge: Callable[..., Any], small: Small, ends_before: Callable[[int], None]
) -> None:
    grade, memory = judge(THREE), Memory()
    grade(RIGHT, memory)
    ends_before(2)
    assert small.run(RIGHT, memory=memory).complete


def test_other_seeds_are_other_cases(judge: Callable[..., Any]) -> None:
    grade, memory = judge(THREE), Memory()
    assert [grade(RIGHT, memory, seed=seed)[1] for seed in (1, 2, 1, 2)] == [2, 2, 0, 0]


# --- what it takes ----------------------------------------------------------------------------------------------------


RIGHTLY = Outcome()


class Quick:
    """A line and a student in one, without processes: each request gets the reply that is next, and takes a second."""

    workers, other = 1, None

    def __init__(self) -> None:
        self.line = self
        self.budget = self.patience = 1000.0
        self.replies: list[bytes] = []

    def ask(self, _: Request, holders: object = ()) -> Reply:
        self.budget -= 1
        return Reply(b"{}", self.replies.pop(0), 0.0, 0.0, 0.0, 0.0, self.workers)

    def begin_anew(self) -> None:
        self.replies = self.anew[:]

    @contextmanager
    def through(self, via: Any) -> Iterator[None]:
        self.via = via
        yield

    def decided(
        self, precedents: Precedents, replies: list[bytes], outcome: Outcome = RIGHTLY, frame: bytes = b"?"
    ) -> Outcome:
        """Have a conversation of so many replies about the only case that there is."""
        self.anew, self.replies = replies, replies[:]

        def judge() -> Outcome:
            for number in range(len(replies)):
                self.via.ask(self, Request("f", frame + bytes([number])), ())
            return outcome

        student: Any = self
        return precedents.decide("case", student, judge)


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Give what tells the most bytes that were taken since it was last asked."""
    tracemalloc.start()

    def most() -> int:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        return peak

    yield most
    tracemalloc.stop()


def test_vast_replies_are_not_held(traced: Callable[[], int]) -> None:
    precedents, student = Precedents(), Quick()
    replies = [b"", *(bytes(2**20) for _ in range(50))]
    traced()
    before = traced()
    for _ in range(3):
        student.decided(precedents, replies)
        student.decided(precedents, [b"another", *replies[1:]])
    assert traced() - before < 8 * 2**20


def test_what_is_kept_has_bounds(traced: Callable[[], int]) -> None:
    """Whoever answers differently each time fills no memory, and the usual answers are soon known again."""
    room = 2**20
    precedents, student = Precedents(room), Quick()
    before = traced()
    for number in range(500):
        picture = {"kind": "map", "got": [[float(number + column) for column in range(20)] for _ in range(4)]}
        failure = Outcome(error=WrongAnswerError("wrong" * 10, {"pictures": [picture]}))
        student.decided(precedents, [b"", b"%d" % number], failure)
        if number % 50 == 0:
            student.decided(precedents, [b"", b"usual"], Outcome(remark="usual"))
            assert student.decided(precedents, [b"", b"usual"]).remark == "usual"
    assert traced() - before < 2 * room


def test_long_conversations_are_kept_when_they_are_had_twice() -> None:
    precedents, student = Precedents(2**20), Quick()
    replies = [b"%d" % number for number in range(20)]
    frame = bytes(1000)
    outcomes = [student.decided(precedents, replies, Outcome(remark=str(n)), frame).remark for n in range(4)]
    assert outcomes == ["0", "1", "1", "1"]
    precedents = Precedents(2**20)
    outcomes = [student.decided(precedents, replies * 7, Outcome(remark=str(n)), frame).remark for n in range(4)]
    assert outcomes == ["0", "1", "2", "3"]


def test_what_a_check_that_strays_has_used_up_is_given_back() -> None:
    precedents, student = Precedents(), Quick()
    student.decided(precedents, [b"1", b"2", b"3"])
    student.decided(precedents, [b"1", b"2", b"4"], frame=b"!")
    assert student.budget == 1000 - 3 - 3
    assert precedents.found == 0
    student.decided(precedents, [b"1", b"2", b"3"])
    assert precedents.found == 0
