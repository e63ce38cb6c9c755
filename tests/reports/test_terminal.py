from __future__ import annotations

import io
from typing import Any

import pytest

from grader.checking.question import Question
from grader.checking.report import Report
from grader.reports.console import console_for
from grader.reports.findings import Scene
from grader.reports.live import Table
from grader.reports.terminal import render

from .conftest import make_check, make_question, make_report

SCENE = Scene("A small one", "grader run small", {"one": "work/layers.py"})
FRAME = {"file": "layers.py", "line": 12, "function": "one", "source": "out = x @ w"}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(report: Report, width: int = 80, scene: Scene = SCENE) -> str:
    stream = io.StringIO()
    console = console_for(stream, {})
    console.width = width
    console.print(render(report, scene, width), crop=False)
    return stream.getvalue()


def test_every_point() -> None:
    text = shown(make_report(make_question("one", make_check(points=2)), make_question("two", make_check())))
    assert text == (
        "small  A small one\n"
        "\n"
        "  one               2/2  passed\n"
        "  two               1/1  passed\n"
        "\n"
        "Total 3 of 3 points\n"
        "All 2 questions pass. Well done.\n"
        "1.2 s, seed 7, isolation: process\n"
    )


def test_a_wrong_answer() -> None:
    message = "dw[0, 1] is 3.2, should be 1.6 (the worst; 12 of 12 elements are wrong) (N=5)"
    details = {"case": {"N": 5}, "frame": FRAME, "output": "shape (2, 3)\nshape (2, 3)\ndone\n"}
    checks = (
        make_check("failed", message, 1.8, hint="dout was counted twice.", details=details),
        make_check(points=0.9, id="b"),
        make_check("failed", "x changed", 0.3, id="c", title="leaves x", details={"robust": True}),
        make_check("failed", "no", 1.0, id="d", title="more of it", visibility="hidden"),
    )
    assert shown(make_report(make_question("one", *checks), hidden_points=28)) == (
        "small  A small one\n"
        "\n"
        "  one             0.9/4  partly right\n"
        "\n"
        "one  0.9 of 4\n"
        "  Hint: dout was counted twice.\n"
        "  ✗ agrees with torch (1.8 points)\n"
        "    dw[0, 1] is 3.2, should be 1.6 (the worst; 12 of 12 elements are wrong)\n"
        "    with N=5\n"
        "    layers.py line 12, in one\n"
        "        out = x @ w\n"
        "  ✗ leaves x (0.3 points, robustness)\n"
        "    x changed\n"
        "  ✗ more of it (1 point, hidden)\n"
        "    no\n"
        "  your code printed:\n"
        "  │ shape (2, 3)  … 2 times\n"
        "  │ done\n"
        "\n"
        "Total 0.9 of 4 points\n"
        "28 more points are decided at grading.\n"
        "1.2 s, seed 7, isolation: process\n"
        "\n"
        "Next: mend one (work/layers.py line 12), then\n"
        "      grader run small -q one\n"
    )


def test_what_keeps_all_checks_from_an_answer_is_said_once_without_their_promises() -> None:
    message = "NameError: name 'mask' is not defined (layers.py line 12, in one: out = x @ w)"
    checks = [make_check("error", message, id=name, details={"frame": FRAME, "case": {"N": 1}}) for name in "abc"]
    text = shown(make_report(make_question("one", *checks)))
    assert (
        "one  0 of 3\n  NameError: name 'mask' is not defined\n  layers.py line 12, in one\n      out = x @ w\n" in text
    )
    assert "agrees" not in text


def test_a_hint_that_is_about_all_is_said_once_and_others_where_they_belong() -> None:
    checks = [make_check("failed", f"{name} is wrong", id=name, hint="look again") for name in "ab"]
    text = shown(make_report(make_question("one", *checks, make_check("failed", "c is wrong", id="c"))))
    assert "one  0 of 3\n  Hint: look again\n" in text
    assert text.count("Hint") == 1
    checks.append(make_check("failed", "c is wrong", id="c", hint="and again"))
    text = shown(make_report(make_question("one", *checks)))
    assert "    Hint: look again\n    a is wrong\n" in text
    assert "    Hint: and again\n    c is wrong\n" in text


def test_a_robust_check_that_waits_is_shown_beside_a_wrong_answer_only() -> None:
    waits = make_check("skipped", "counts once another check of one passes", title="leaves x", details={"robust": True})
    text = shown(make_report(make_question("one", make_check("failed", "out is wrong"), waits)))
    assert "· leaves x (1 point, robustness)\n    counts once another check of one passes\n" in text
    raised = [make_check("error", "NameError: x", id=name) for name in "ab"]
    text = shown(make_report(make_question("one", *raised, waits)))
    assert "one  0 of 3\n  NameError: x\n" in text
    assert "leaves x" not in text


def test_a_level_that_does_not_tell_leaves_the_promise() -> None:
    text = shown(make_report(make_question("one", make_check("failed", ""), make_check(id="b"))))
    assert "  ✗ agrees with torch (1 point)\n\n" in text


def test_a_check_that_waits_says_for_what_only() -> None:
    message = "needs one, which is not right yet: mend that first (here: out is None)"
    waits = make_check("skipped", message, details={"frame": FRAME, "case": {"N": 1}})
    text = shown(make_report(make_question("two", waits, make_check())))
    assert "· agrees with torch (1 point)\n    needs one, which is not right yet: mend that first\n\n" in text


def test_each_status_has_its_word(every_status: Report) -> None:
    text = shown(every_status)
    rows = {line.split()[0]: line.split("/1 ")[-1].strip() for line in text.splitlines() if line.startswith("  is_")}
    rows["is_partial"] = "partly right" if "1/2  partly right" in text else ""
    assert rows == {
        "is_passed": "passed",
        "is_failed": "wrong",
        "is_todo": "not started",
        "is_error": "error",
        "is_timeout": "too slow",
        "is_crashed": "crashed",
        "is_skipped": "skipped",
        "is_fault": "grader fault",
        "is_partial": "partly right",
    }


def test_ten_untouched_stubs_are_one_row() -> None:
    stubs = [make_question(f"stub_{i}", make_check("todo", "not written yet", 2)) for i in range(10)]
    text = shown(make_report(*stubs))
    assert text.count("not started") == 1
    assert text.splitlines()[2] == "  10 questions     0/20  not started"
    assert "stub_0" in text.splitlines()[-1], "the first of them is the next one to write"


def test_a_fault_is_loud() -> None:
    text = shown(make_report(make_question("one", make_check("fault", "the grader itself failed here", 0))))
    assert "Fault: the grader itself failed. Nobody loses points for that; please report it" in " ".join(text.split())
    assert "grader fault" in text


def test_an_interrupted_run_says_how_far_it_came() -> None:
    left = [make_question(f"q{i}", make_check("skipped", "not run: interrupted")) for i in range(5)]
    text = shown(make_report(make_question("one", make_check()), *left, interrupted=True))
    assert "Interrupted: 5 of 6 questions were not run." in text
    assert text.count("not run") == 2


def test_long_prints_are_shortened() -> None:
    output = "\n".join(f"line {i}" for i in range(500))
    text = shown(make_report(make_question("one", make_check("failed", "no", details={"output": output}))))
    assert "line 7\n  │ … 488 lines left out …\n  │ line 496" in text


def test_prints_of_a_single_right_question_are_shown() -> None:
    printing = make_question("one", make_check(details={"output": "hello\n"}))
    assert "│ hello" in shown(make_report(printing))
    assert "│ hello" not in shown(make_report(printing, make_question("two", make_check())))


def test_many_notes_are_shortened() -> None:
    text = shown(make_report(make_question("one", make_check()), notes=tuple(f"remark {i}" for i in range(20))))
    assert text.count("Note: ") == 7
    assert "14 more notes" in text


def test_long_names_can_be_told_apart_in_narrow_terminals() -> None:
    names = [f"layer_normalisation_{way}" for way in ("forward", "backward", "backward_alt")]
    text = shown(make_report(*(make_question(name, make_check()) for name in names)), 40)
    assert [row.split()[0] for row in text.splitlines()[2:5]] == ["layer_…orward", "layer_…ckward", "layer_…rd_alt"]


@pytest.mark.parametrize("width", [80, 50, 30, 20])
def test_it_fits_narrow_terminals(every_status: Report, width: int) -> None:
    long = make_question("a_name_that_is_too_long_for_it_" * 3, make_check("failed", "word " * 60 + "x" * 200))
    text = shown(make_report(*every_status.questions, long), width)
    *lines, command = text.splitlines()
    assert max(map(len, lines)) <= width
    assert command == "      grader run small -q is_failed", "it is there to be copied, and never broken"


def test_wide_letters_are_measured() -> None:
    text = shown(make_report(make_question("层", make_check()), make_question("abc", make_check())))
    assert "  层                1/1  passed\n  abc               1/1  passed\n" in text


@pytest.mark.parametrize("tty", [True, False])
def test_hostile_text_stays_text(hostile: Report, tty: bool) -> None:
    stream = Screen() if tty else io.StringIO()
    console = console_for(stream, {"TERM": "xterm"})
    console.print(render(hostile, Scene("[b]x", "run \x1b[2J", {hostile.questions[0].id: "\x1b[1m"}), 80))
    text = stream.getvalue()
    assert "[red]no[/red]" in text
    assert ":smile:" in text
    assert "title" not in text
    assert not set("\x00\x0b\x07") & set(text)
    if not tty:
        assert "\x1b" not in text
    else:
        assert "\x1b[2J" not in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(every_status: Report, environment: dict[str, str]) -> None:
    screen = Screen()
    console_for(screen, environment).print(render(every_status, SCENE, 80))
    assert "\x1b" not in screen.getvalue()


def test_colours_are_there_on_a_terminal(every_status: Report) -> None:
    screen = Screen()
    console_for(screen, {"TERM": "xterm"}).print(render(every_status, SCENE, 80))
    assert "\x1b[32mpassed" in screen.getvalue()


def draw(report: Report, **observed: Any) -> str:
    screen = Screen()
    console = console_for(screen, {"TERM": "xterm"})
    console.width = 80
    clock = iter(range(0, 10_000, 5))
    table = Table(console, "small", SCENE, [q.id for q in report.questions], clock=lambda: float(next(clock)))
    finished = observed.get("finished", len(report.questions))
    with table:
        for result in report.questions[:finished]:
            table.question_started(Question(result.id, "layers.py", 1))
            table.question_finished(result)
    table.finish(report)
    return screen.getvalue()


def test_the_live_table_ends_as_the_whole_face(every_status: Report) -> None:
    live, whole = draw(every_status), Screen()
    console = console_for(whole, {"TERM": "xterm"})
    console.width = 80
    console.print(render(every_status, SCENE, 80), crop=False)
    rows = [line for line in whole.getvalue().splitlines() if line.strip()]
    assert [line for line in rows if line not in live] == []
    assert live.endswith(whole.getvalue()[-200:])


def test_the_live_table_shows_what_runs_and_for_how_long(every_status: Report) -> None:
    live = draw(every_status)
    assert "is_passed … running (1 of 9, 5 s)" in live
    assert live.rindex("\x1b[?25h") > live.rindex("\x1b[?25l")


def test_the_live_table_folds_and_says_what_was_not_run() -> None:
    stubs = [make_question(f"stub_{i}", make_check("todo", "not written yet")) for i in range(6)]
    left = [make_question(f"left_{i}", make_check("skipped", "not run: interrupted")) for i in range(6)]
    live = draw(make_report(*stubs, *left, interrupted=True), finished=6)
    assert live.count("not started") == 1
    assert live.count("6 questions") == 2
