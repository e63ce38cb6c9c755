"""One run: statuses, points, and that whatever a student or a check does, everything else is graded all the same."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner, run
from grader.checking.options import Options
from grader.checking.question import Question
from grader.checking.report import QuestionResult, Report
from grader.checking.submission import open_submission
from grader.errors import AssignmentError, InputError, UnknownNameError
from grader.sandbox.choice import Choice
from grader.sandbox.isolation import LAYERS
from grader.sandbox.launch import ColdStart, Running

from .conftest import Small, check_of

DOUBLES = '''
"""{name}: twice its argument."""
from grader import Question, expect

question = Question("{name}", file="layers.py", points={points}, returns="out", depends={depends})


@question.check(points=3, n=[0, 1, 2])
def doubles(student, rng, n):
    """doubles its argument"""
    x = rng.normal(size=4) + n
    expect.close(student.{name}(x), 2 * x, "out")


@question.check(points=1)
def one(student, rng):
    """doubles one"""
    expect.close(student.{name}(1.0), 2.0, "out")


@question.check(robust=True)
def pure(student, rng):
    """leaves its argument alone"""
    student.{name}(rng.normal(size=3))
    expect.unchanged(student)
'''


def doubles(name: str, points: float = 10, depends: tuple[str, ...] = ()) -> str:
    return DOUBLES.format(name=name, points=points, depends=list(depends))


def statuses(report: Report) -> dict[str, str]:
    return {question.id: question.status for question in report.questions}


def only(report: Report) -> QuestionResult:
    (question,) = report.questions
    return question


# --- statuses ---------------------------------------------------------------------------------------------------------

EVERY = """
import os
import numpy as np

def right(x): return 2 * x
def wrong(x): return 3 * x
def stub(x): raise NotImplementedError
def raises(x): return np.int(x)
def endless(x):
    print("here I am")
    while True: pass
def dies(x): os._exit(0)
def sometimes(x): return 2 * x if np.ndim(x) else 3.0
def writes(x):
    out = 2 * x
    if np.ndim(x): x[0] = 0
    return out
def nothing(x): pass
def nan(x): return x * np.nan
def shouts(x):
    print("\\x1b[31mloud\\x1b[0m" * 2000)
    return 2 * x
def after(x): return 2 * x
"""

NAMES = [line.split()[1].partition("(")[0] for line in EVERY.splitlines() if line.startswith("def ")]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Report:
    small = Small(tmp_path_factory.mktemp("every"))
    names = [*NAMES, "absent"]
    small.write(
        {name: doubles(name) for name in names},
        points=10 * len(names),
        settings="robustness = 0.2",
        limits="call_seconds = 0.4",
    )
    return small.run(EVERY)


@pytest.mark.parametrize(
    ("name", "status", "score", "message"),
    [
        ("right", "passed", 10, ""),
        ("wrong", "failed", 0, "out["),
        ("stub", "todo", 0, "stub is not written yet"),
        ("raises", "error", 0, "NumPy has no np.int any more: write int (layers.py line 8, in raises: "),
        ("endless", "timeout", 0, "endless did not finish within 0.4 s: does a loop never end? (n=0)"),
        ("dies", "crashed", 0, "the process ended in dies: it ended Python itself, with exit code 0: return the"),
        ("sometimes", "partial", 8, ""),
        ("writes", "partial", 8, ""),
        ("nothing", "failed", 0, "out is None, should be a numpy array: is it computed, and returned?"),
        ("nan", "failed", 0, "out[0] is nan, should be "),
        ("shouts", "passed", 10, ""),
        ("after", "passed", 10, ""),
        ("absent", "error", 0, "layers.py has no absent: define it there"),
    ],
)
def test_every_status(every: Report, name: str, status: str, score: float, message: str) -> None:
    (question,) = [question for question in every.questions if question.id == name]
    assert question.status == status
    assert question.score == score
    assert question.max_score == 10
    assert question.checks[0].message.startswith(message)
    assert question.title == "twice its argument"


def test_points_go_by_weight_and_the_robustness_share(every: Report) -> None:
    for question in every.questions:
        assert [check.points for check in question.checks] == pytest.approx([6, 2, 2])
        assert [check.details.get("robust", False) for check in question.checks] == [False, False, True]
    assert every.score == sum(question.score for question in every.questions)
    assert every.max_score == 10 * len(every.questions)
    assert every.hidden_points == 0
    assert every.exit_code == 1
    assert not every.complete


@pytest.mark.parametrize("name", ["endless", "dies"])
def test_a_process_that_is_gone_ends_the_question_and_no_other(every: Report, name: str) -> None:
    first, *rest = next(question.checks for question in every.questions if question.id == name)
    assert first.cases == first.failed_cases == 1
    for check in rest:
        assert check.status == "skipped"
        assert check.message == f"not run: {first.message}"
        assert check.score == 0


def test_what_was_printed_is_in_the_details(every: Report) -> None:
    printed = {
        question.id: next((check.details["output"] for check in question.checks if "output" in check.details), "")
        for question in every.questions
    }
    assert printed["endless"] == "here I am\n"
    assert printed["shouts"].startswith("loudloud")
    assert "\x1b" not in printed["shouts"]
    assert len(printed["shouts"]) < 5000
    assert not any(printed[name] for name in set(printed) - {"endless", "shouts"})


def test_cases_are_counted(every: Report) -> None:
    check = check_of(every, "doubles", "wrong")
    assert (check.cases, check.failed_cases) == (3, 3)
    check = check_of(every, "doubles", "stub")
    assert (check.cases, check.failed_cases) == (1, 1)
    assert check_of(every, "pure", "writes").message.startswith("writes changes its argument x in place")


def test_the_report_is_plain_data(every: Report) -> None:
    import json

    data = json.loads(json.dumps(every.to_dict()))
    assert data["schema"] == "grader.report/1"
    assert set(data) >= {"assignment", "submission", "score", "max_score", "seconds", "seed", "isolation", "questions"}
    assert data["isolation"] == {"tier": "process", "layers": ["process", "limits"]}
    assert [question["id"] for question in data["questions"]] == [*NAMES, "absent"]
    assert data["environment"]["numpy"]


# --- which cases fail -------------------------------------------------------------------------------------------------

GRID = '''
"""f: a grid of cases."""
from grader import Question, expect

question = Question("f", file="layers.py", points=10, returns="out")


@question.check(stride=[1, 2], pad=[0, 1, 2])
def works(student, rng, stride, pad):
    """works for every stride and pad"""
    expect.close(student.f(float(stride), float(pad)), 1.0, "out")
'''


@pytest.mark.parametrize(
    ("wrong", "end"),
    [
        ("pad == 0", "(stride=1, pad=0); it fails just where pad is 0"),
        ("pad != 1", "(stride=1, pad=0); it fails just where pad is 0 or 2"),
        ("stride == 2", "(stride=2, pad=0); it fails just where stride is 2"),
        ("stride == 2 and pad == 2", "(stride=2, pad=2); it fails in 1 of 6 cases"),
        ("stride == 2 or pad == 2", "(stride=1, pad=2); it fails in 4 of 6 cases"),
        ("True", "(stride=1, pad=0)"),
    ],
)
def test_the_cases_that_fail_are_told_by_what_they_share(small: Small, wrong: str, end: str) -> None:
    small.write({"f": GRID})
    check = check_of(small.run(f"def f(stride, pad): return 0.0 if {wrong} else 1.0\n"), "works")
    assert check.message == f"out is 0, should be 1 {end}"
    assert check.cases == 6


@pytest.mark.parametrize(
    ("wrong", "end"),
    [
        ("pad == 2", "; it fails just where pad is 2"),
        ("pad != 1", "; it fails in 2 of 3 cases"),
        ("stride == 1", "; it fails in 1 of 3 cases"),
    ],
)
def test_what_two_parameters_tell_is_said_of_neither(small: Small, wrong: str, end: str) -> None:
    cases = "cases=[{'stride': 1, 'pad': 1}, {'stride': 2, 'pad': 2}, {'stride': 2, 'pad': 0}]"
    small.write({"f": GRID.replace("stride=[1, 2], pad=[0, 1, 2]", cases)})
    check = check_of(small.run(f"def f(stride, pad): return 0.0 if {wrong} else 1.0\n"), "works")
    assert check.message.endswith(end)


# --- dependencies -----------------------------------------------------------------------------------------------------


def test_what_depends_on_a_wrong_question_is_skipped_and_says_so(small: Small) -> None:
    small.write(
        {"f": doubles("f"), "g": doubles("g", depends=("f",)), "h": doubles("h", depends=("f", "g"))}, points=30
    )
    report = small.run("def f(x): return 3 * x\ndef g(x): return f(x)\ndef h(x): return 2 * x\n")
    assert statuses(report) == {"f": "failed", "g": "skipped", "h": "passed"}
    check = check_of(report, "doubles", "g")
    assert check.status == "skipped"
    assert check.score == 0
    assert check.message.startswith("needs f, which is not right yet: mend that first (here: out[")


def test_a_dependency_that_only_lacks_robustness_excuses_nothing(small: Small) -> None:
    small.write({"f": doubles("f"), "g": doubles("g", depends=("f",))}, points=20)
    report = small.run("def f(x):\n    y = 2 * x\n    x *= 1.5\n    return y\ndef g(x): return 3 * x\n")
    assert check_of(report, "doubles", "g").status == "failed"


def test_a_dependency_that_is_not_graded_now_excuses_nothing(small: Small) -> None:
    small.write({"f": doubles("f"), "g": doubles("g", depends=("f",))}, points=20)
    report = small.run("def f(x): return 3 * x\ndef g(x): return f(x)\n", questions=["g"])
    assert statuses(report) == {"g": "failed"}
    assert check_of(report, "doubles", "g").status == "failed"


def test_a_crash_is_nobody_elses_doing(small: Small) -> None:
    small.write({"f": doubles("f"), "g": doubles("g", depends=("f",))}, points=20)
    report = small.run("import os\ndef f(x): return 3 * x\ndef g(x): os._exit(1)\n")
    assert statuses(report) == {"f": "failed", "g": "crashed"}


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_had_costs_its_own_questions(small: Small) -> None:
    other = doubles("g").replace("layers.py", "other.py")
    third = doubles("h").replace("layers.py", "third.py")
    small.write(
        {"f": doubles("f"), "g": other, "h": third},
        points=30,
        files='"layers.py" = []\n"other.py" = []\n"third.py" = []',
    )
    report = small.run({"layers.py": "def f(x): return 2 * x\n", "other.py": "def g(x) return 2 * x\n"})
    assert statuses(report) == {"f": "passed", "g": "error", "h": "error"}
    assert report.score == 10
    for check in report.questions[1].checks[:2]:
        assert check.message.startswith("other.py cannot be imported: SyntaxError: expected ':' (other.py line 1")
    for check in report.questions[2].checks:
        assert check.message == "third.py is not in the submission; it was looked for as third.py"
        assert check.cases == 0


def test_an_import_that_never_ends_costs_its_time_once(small: Small) -> None:
    names = ["a", "b", "c", "d"]
    small.write({name: doubles(name) for name in names}, points=40, limits="call_seconds = 0.5\nquestion_seconds = 5")
    report = small.run("while True: pass\n")
    assert set(statuses(report).values()) == {"timeout"}
    assert sum(question.seconds > 0.3 for question in report.questions) == 1


def test_notes_say_what_was_decided_and_noticed(small: Small) -> None:
    small.write({"f": doubles("f")})
    report = small.run({"homework/layers.py": "import no_such_stray\ndef f(x): return 2 * x\n"})
    assert report.complete
    assert report.notes == (
        "graded the files in homework",
        "layers.py line 1: import no_such_stray: 'no_such_stray' is neither in the submission nor installed here; what"
        " does not use it is graded all the same",
    )


# --- faults -----------------------------------------------------------------------------------------------------------

FAULTY = '''
"""f: a question whose checks have bugs."""
from grader import Question, expect
from grader.errors import UndecidableError

question = Question("f", file="layers.py", points=10, returns="out")


@question.check(points=2)
def right(student, rng):
    """is right"""
    expect.close(student.f(1.0), 2.0)


@question.check(points=2, n=[0, 1])
def divides(student, rng, n):
    """has a bug in its second case"""
    expect.close(student.f(1.0), 2.0)
    1 // (1 - n)


@question.check(points=2)
def sends(student, rng):
    """sends what cannot be sent"""
    student.f({1, 2})


@question.check(points=2)
def looks(student, rng):
    """asks for a function that there is not"""
    student.g(1.0)


@question.check(points=2)
def cannot(student, rng):
    """cannot be decided here"""
    raise UndecidableError("no torch here")
'''


def test_a_fault_of_a_check_costs_nothing_and_is_loud(small: Small) -> None:
    small.write({"f": FAULTY, "g": doubles("g")}, points=20)
    report = small.run("def f(x): return 2 * x\ndef g(x): return 2 * x\n", questions=["f"])
    assert [check.status for check in only(report).checks] == ["passed", "fault", "fault", "fault", "skipped"]
    assert only(report).status == "fault"
    assert report.faults == 3
    assert report.exit_code == 3
    assert report.score == 2
    assert report.max_score == 4
    fault = check_of(report, "divides")
    assert "ZeroDivisionError" in fault.message
    assert fault.message.endswith("this costs no points: please report it")
    assert "divides" in fault.details["traceback"]
    assert "f.py" in fault.details["traceback"]
    assert check_of(report, "cannot").message == "no torch here"


def test_a_fault_leaves_the_other_questions_alone(small: Small) -> None:
    small.write({"f": FAULTY, "g": doubles("g")}, points=20)
    report = small.run("def f(x): return 2 * x\ndef g(x): return 2 * x\n")
    assert statuses(report) == {"f": "fault", "g": "passed"}


def test_what_a_check_needs_and_is_not_here_is_skipped(small: Small) -> None:
    source = doubles("f").replace("robust=True", 'robust=True, needs=["a quantum computer"]')
    small.write({"f": source})
    report = small.run("def f(x): return 2 * x\n")
    check = check_of(report, "pure")
    assert (check.status, check.cases) == ("skipped", 0)
    assert check.message == "needs a quantum computer, which is not available here"


def test_what_a_check_returns_is_remarked(small: Small) -> None:
    source = doubles("f").replace("expect.unchanged(student)", 'return "3 times as fast"')
    small.write({"f": source})
    assert check_of(small.run("def f(x): return 2 * x\n"), "pure").message == "3 times as fast"


def test_what_is_printed_names_files_by_their_place_in_the_submission(small: Small) -> None:
    """So that two gradings of the same files say the same, wherever they lie."""
    small.write({"f": doubles("f")})
    noisy = "import warnings\ndef f(x):\n    warnings.warn('hot')\n    return x\n"
    (first, second) = (only(small.run(noisy)).checks[-1].details["output"] for _ in range(2))
    assert first == second
    assert first.startswith("layers.py:3: UserWarning: hot\n")


# --- robustness -------------------------------------------------------------------------------------------------------


def test_robust_checks_wait_for_a_right_answer(small: Small) -> None:
    """They cost no call before, and wherever they stand, they come after the others."""
    source = doubles("f")
    head, values, one, pure = source.split("@question.check")
    small.write({"f": "@question.check".join([head, pure, values, one])}, settings="robustness = 0.2")
    zeros = "import numpy as np\ndef f(x):\n    print('called')\n    return np.zeros_like(x)\n"
    report = small.run(zeros)
    assert report.score == 0
    assert [check.id for check in only(report).checks] == ["pure", "doubles", "one"]
    waiting = check_of(report, "pure")
    assert (waiting.status, waiting.cases) == ("skipped", 0)
    assert waiting.message == "counts once another check of f passes"
    assert waiting.points == 2
    assert only(report).checks[-1].details["output"].count("called") == 4
    assert small.run("import numpy as np\ndef f(x): return np.full_like(x, 2.0)\n").score == pytest.approx(4)


@pytest.mark.parametrize("plain", ["[][0]", "pass"])
def test_a_fault_of_the_graders_leaves_robust_points_within_reach(small: Small, plain: str) -> None:
    source = doubles("f").replace('expect.close(student.f(1.0), 2.0, "out")', plain)
    small.write({"f": source}, settings="robustness = 0.2")
    report = small.run("def f(x): return 3 * x\n")
    assert check_of(report, "doubles").status == "failed"
    assert check_of(report, "pure").status == "passed"


def test_a_question_of_robust_checks_only_waits_for_nothing(small: Small) -> None:
    head, _, _, pure = doubles("f").split("@question.check")
    small.write({"f": "@question.check".join([head, pure])})
    assert small.run("def f(x): return 3 * x\n").score == 10


# --- seeds ------------------------------------------------------------------------------------------------------------

SEEDED = '''
"""f: inputs of the day."""
from grader import Question, expect

question = Question("f", file="layers.py", points=10, returns="out:any")


@question.check(n=[0, 1])
def first(student, rng, n):
    """is given numbers"""
    return repr(student.f(rng.normal(size=2)).tolist())


@question.check()
def second(student, rng):
    """is given other numbers"""
    return repr(student.f(rng.normal(size=2)).tolist())
'''


def test_inputs_come_from_assignment_check_case_and_seed(small: Small) -> None:
    small.write({"f": SEEDED}, settings="seed = 7")
    inputs = {
        seed: tuple(check.message for check in only(small.run("def f(x): return x\n", seed=seed)).checks)
        for seed in (None, 7, 8)
    }
    assert inputs[None] == inputs[7]
    assert len({*inputs[7], *inputs[8]}) == 4


def test_the_seed_is_in_the_report(small: Small) -> None:
    small.write({"f": SEEDED}, settings="seed = 7")
    assert small.run("def f(x): return x\n").seed == 7
    assert small.run("def f(x): return x\n", seed=2**70).seed == 2**70


# --- hidden checks ----------------------------------------------------------------------------------------------------


def test_points_of_hidden_checks_are_out_of_reach_in_a_published_folder(small: Small) -> None:
    small.write(
        {"f": doubles("f"), "g": doubles("g")},
        points=20,
        settings="robustness = 0.2",
        more="[published.hidden]\nf = [4.0, 1.0]",
    )
    report = small.run("def f(x): return 2 * x\ndef g(x): return 2 * x\n")
    assert [check.points for check in report.questions[0].checks] == pytest.approx([3, 1, 1])
    assert report.questions[0].status == "passed"
    assert report.score == report.max_score == 15
    assert report.hidden_points == 5
    assert report.exit_code == 0


def test_hidden_checks_run_in_the_instructors_folder(small: Small) -> None:
    small.write({"f": doubles("f").replace("points=1)", "points=1, hidden=True)")})
    report = small.run("def f(x): return 2 * x\n")
    assert [check.visibility for check in only(report).checks] == ["public", "hidden", "public"]
    assert report.complete


# --- what was asked for -----------------------------------------------------------------------------------------------


def test_questions_are_run_in_the_assignments_order(small: Small) -> None:
    small.write({name: doubles(name) for name in "fgh"}, points=30)
    report = small.run("f = g = h = lambda x: 2 * x\n", questions=["h", "f"])
    assert [question.id for question in report.questions] == ["f", "h"]
    assert report.max_score == 20


def test_an_unknown_question_is_told(small: Small) -> None:
    small.write({"conv_forward": doubles("conv_forward")})
    with pytest.raises(UnknownNameError, match=r"there is no question 'conv_foward'; did you mean conv_forward\?"):
        small.run("", questions=["conv_foward"])


def test_an_unknown_dependency_is_told(small: Small) -> None:
    small.write({"f": doubles("f", depends=("nothing",))})
    with pytest.raises(AssignmentError, match="a question depends on nothing, which is none"):
        small.run("")


def test_an_empty_run_is_a_report(small: Small) -> None:
    small.write({}, points=0)
    report = small.run("def f(x): return x\n")
    assert report.questions == ()
    assert (report.score, report.max_score, report.exit_code) == (0, 0, 0)


# --- interruptions ----------------------------------------------------------------------------------------------------


class Watcher:
    def __init__(self, stop_at: str = "") -> None:
        self.stop_at = stop_at
        self.heard: list[str] = []

    def question_started(self, question: Question) -> None:
        self.heard.append(f"{question.name}?")
        if question.name == self.stop_at:
            raise KeyboardInterrupt

    def question_finished(self, result: QuestionResult) -> None:
        self.heard.append(f"{result.id} {result.status}")


def test_an_observer_hears_of_every_question(small: Small) -> None:
    small.write({name: doubles(name) for name in "fg"}, points=20)
    watcher = Watcher()
    small.run("def f(x): return 2 * x\n", observer=watcher)
    assert watcher.heard == ["f?", "f passed", "g?", "g error"]


def test_another_run_by_the_same_workers(small: Small) -> None:
    small.write({name: doubles(name) for name in "fg"}, points=20)
    assignment = load_assignment(small.home)
    submission = small.submission("def f(x): return 2 * x\ndef g(x): return 3 * x\n")
    first = Runner(assignment, submission, Options(["f"]))
    line = first.student.line
    assert statuses(first.report()) == {"f": "passed"}
    before = line.seconds
    again = Runner(assignment, submission, Options(["g"]), before=first).report()
    assert statuses(again) == {"g": "failed"}
    assert line.workers == 1
    assert again.student_seconds == line.seconds - before > 0
    first.student.close()
    assert statuses(Runner(assignment, submission, Options(["f"]), before=first).run()) == {"f": "passed"}
    assert line.workers == 2  # where that one has ended
    assert line.worker is None


def interrupted(small: Small, source: str, **options: Any) -> Report:
    small.write({name: doubles(name) for name in "fgh"}, points=30)
    runner = Runner(load_assignment(small.home), small.submission(source), Options(**options))
    report = runner.run()
    assert report.interrupted
    assert report.exit_code == 130
    assert statuses(report) == {"f": "passed", "g": "skipped", "h": "skipped"}
    assert report.score == 10
    assert report.max_score == 30
    assert all(check.message == "not run: interrupted" for check in report.questions[1].checks)
    assert runner.student.line.output() == ""  # its process is gone
    return report


def test_an_interrupt_between_questions_gives_a_partial_report(small: Small) -> None:
    interrupted(small, "f = g = h = lambda x: 2 * x\n", observer=Watcher("g"))


def test_an_interrupt_in_a_call_gives_a_partial_report(small: Small, tmp_path: Path) -> None:
    source = f"""
        import os, signal
        f = h = lambda x: 2 * x
        def g(x):
            open({str(tmp_path / "folder")!r}, "w").write(os.getcwd())
            os.kill(os.getppid(), signal.SIGINT)
            while True: signal.pause()
        """
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    interrupted(small, source)
    assert not os.path.exists((tmp_path / "folder").read_text())


def test_a_run_leaves_no_process_behind_when_its_checks_are_wrong(small: Small, tmp_path: Path) -> None:
    small.write({"f": "raise ValueError('not this')\n"})
    before = set(os.listdir("/proc")) if os.path.isdir("/proc") else set()
    with pytest.raises(AssignmentError, match=r"f\.py line 1: ValueError: not this"):
        run(load_assignment(small.home), small.submission("def f(x): return x\n"))
    mine = [
        name
        for name in (set(os.listdir("/proc")) - before if before else set())
        if name.isdigit() and f"PPid:\t{os.getpid()}\n" in _status(name)
    ]
    assert mine == []


def _status(process: str) -> str:
    try:
        return Path(f"/proc/{process}/status").read_text()
    except OSError:
        return ""


def test_workers_come_from_where_the_options_say(small: Small) -> None:
    launched: list[Running] = []

    class Counted:
        tier = "process"

        def launch(self, scratch: str) -> Running:
            launched.append(ColdStart().launch(scratch))
            return launched[-1]

    small.write({"f": doubles("f")})
    report = small.run("def f(x): return 2 * x\n", launcher=Counted())
    assert statuses(report) == {"f": "passed"}
    assert len(launched) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="there is one tier elsewhere")
def test_the_report_says_how_the_last_worker_was_kept_apart(small: Small) -> None:
    small.write({"f": doubles("f")})
    report = small.run("def f(x): return 2 * x\n")
    assert report.isolation == {"tier": "process", "layers": ["process", "limits"]}
    with Choice("auto") as launcher:
        report = small.run("def f(x): return 2 * x\n", launcher=launcher)
        assert report.complete
        assert report.isolation["tier"] == launcher.tier
        assert set(report.isolation["layers"]) >= set(LAYERS[launcher.tier])


@pytest.mark.skipif(sys.platform != "linux", reason="there is one tier elsewhere")
def test_the_better_tiers_hide_the_gpu(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.checking.devices.no_cuda", lambda: "")
    small.write({"f": doubles("f")})
    with Choice("auto") as launcher:
        if launcher.tier == "process":
            pytest.skip("this machine has no better tier")
        with pytest.raises(InputError, match=f"isolation {launcher.tier} hides the GPU"):
            small.run("def f(x): return 2 * x\n", launcher=launcher, device="cuda")


def test_a_run_that_needs_no_worker_claims_no_layer(small: Small) -> None:
    small.write({"f": doubles("f")})
    file = small.submission("").root / "layers.py"
    file.unlink()
    file.symlink_to(os.devnull)
    assignment = load_assignment(small.home)
    report = run(assignment, open_submission(file.parent, assignment))
    assert statuses(report) == {"f": "error"}
    assert report.isolation == {"tier": "process", "layers": []}
