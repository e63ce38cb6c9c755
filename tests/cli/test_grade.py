"""``grader grade``: a class of small submissions, by real processes."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.checking.assignment import load_assignment
from grader.classroom import terms
from grader.classroom.grading import Standing
from grader.classroom.record import database
from grader.cli.classfiles import file_name
from grader.cli.classprogress import ClassProgress, duration, summary
from grader.errors import FaultError

from .conftest import HALF, RIGHT, STUBS, Course, Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="classes are graded on Linux")

DOUBLED = "def double(x):\n    return 2 * x\n\n\ndef triple(x):\n    raise NotImplementedError\n"
SPECIAL = "def double(x):\n    return 2 * x if x.ndim == 1 else x\n\n\ndef triple(x):\n    return 3 * x\n"
EXITS = f"import os\nos._exit(0)\n{RIGHT}"
RANDOM = f"import numpy as np\n{RIGHT}".replace("2 * x", "2 * x + np.random.rand()")
WITHOUT_LANDLOCK = Path(__file__).parent.parent / "classroom" / "without_landlock.py"
CLASS = {"ada": RIGHT, "bob": HALF, "eve": EXITS, "kim": STUBS, "lee": SPECIAL, "max": DOUBLED, "zoe": RANDOM}
SCORES = {"ada": "5", "bob": "2", "eve": "0", "kim": "0", "lee": "", "max": "2", "zoe": "3"}


def hand_in(course: Course, texts: dict[str, str] = CLASS) -> Path:
    folder = course.home / "handed"
    for name, text in texts.items():
        course.student(text, folder / name)
    return folder


def publish(course: Course) -> None:
    """Publish the assignment, with a stub for each function."""
    lines = [
        f"    ### BEGIN SOLUTION\n{line}\n    ### END SOLUTION" if "return" in line else line
        for line in RIGHT.splitlines()
    ]
    course.student("\n".join(lines) + "\n", course.source)
    (course.work / "layers.py").unlink(missing_ok=True)
    outcome = course.grader("publish", "small")
    assert outcome.code == 0, outcome.err


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def report(folder: Path, key: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "reports" / f"{key}.json").read_text())
    return data


def timeless(value: Any) -> Any:
    """Return a report without what is another each time."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if "seconds" not in key}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def reports(folder: Path) -> dict[str, Any]:
    return {path.stem: timeless(json.loads(path.read_text())) for path in (folder / "reports").iterdir()}


def grade(course: Course, *options: str | Path, out: str = "graded", jobs: int = 1) -> Outcome:
    return course.grader("grade", "small", "handed", "--out", out, "-j", str(jobs), *options)


def attempts(folder: Path) -> dict[str, str]:
    return {key: row["attempt"] for key, row in rows(folder).items()}


def test_a_class_is_graded(course: Course) -> None:
    hand_in(course)
    (course.home / "handed" / "nil").mkdir()
    outcome = grade(course, jobs=2)
    folder = course.home / "graded"
    assert outcome.code == 1, outcome.err
    assert "8 submissions: 7 graded and 1 could not be graded" in outcome.out
    assert "nil" in outcome.out
    found = rows(folder)
    assert {key: row["total"] for key, row in found.items() if key not in ("lee", "nil")} == {
        key: score for key, score in SCORES.items() if key != "lee"
    }
    assert 0 < float(found["lee"]["total"]) < 5, "hidden checks count"
    assert (found["nil"]["status"], found["nil"]["total"]) == ("refused", "")
    assert found["bob"]["double"] == "2"
    assert (folder / found["ada"]["report"]).is_file()
    assert (folder / "class-report.txt").read_text().strip() in outcome.out
    assert json.loads((folder / "class-report.json").read_text())["graded"] == 7
    assert report(folder, "ada")["isolation"]["tier"] in ("full", "lite")
    assert report(folder, "ada")["submission"] == "ada"
    assert not {"nil"} & {path.stem for path in (folder / "reports").iterdir()}
    assert "could not be graded" in (folder / "feedback" / "nil.txt").read_text()
    assert "could not be graded" in (folder / "feedback" / "nil.html").read_text()
    assert "7 graded and 1 could not be graded" in (folder / "class-report.html").read_text()


def test_everybody_has_a_grade(course: Course) -> None:
    hand_in(course, {"ada": RIGHT, "bob": HALF})
    assert grade(course).code == 0


def test_feedback_says_nothing_of_hidden_checks(course: Course) -> None:
    hand_in(course, {"lee": SPECIAL, "bob": HALF})
    assert grade(course).code == 0
    told = {name: (course.home / "graded" / "feedback" / f"{name}.txt").read_text() for name in ("lee", "bob")}
    assert "a hidden check" in told["lee"]
    assert not any("matrix" in text for text in told.values())
    pages = {name: (course.home / "graded" / "feedback" / f"{name}.html").read_text() for name in ("lee", "bob")}
    assert "a hidden check" in pages["lee"]
    assert not any("matrix" in page for page in pages.values())
    assert 'class="gr-figure"' not in pages["lee"]
    assert '"pictures": [{' in json.dumps(report(course.home / "graded", "lee"))
    assert "gives 3 times x" in told["bob"]
    assert "gives 2 times a matrix" in json.dumps(report(course.home / "graded", "lee"))
    hand_in(course, {"lee": SPECIAL.replace("x.ndim == 1", "x.ndim == 2")})  # only what is hidden passes
    assert grade(course).code == 0
    for ending in ("txt", "html"):
        text = (course.home / "graded" / "feedback" / f"lee.{ending}").read_text()
        assert "matrix" not in text
        assert "a hidden check" in text or ending == "txt"


def test_feedback_does_not_say_what_inputs_are_drawn_from(course: Course) -> None:
    hand_in(course, {"bob": HALF.replace("return 2", "print('input', float(x.sum()))\n    return 2")})
    assert grade(course, "--seed", "2718281828").code == 0
    graded = course.home / "graded"
    for path in (graded / "feedback").iterdir():
        text = path.read_text()
        assert "Total" in text or "points" in text
        assert "2718281828" not in text
        assert "input" not in text, "what hidden checks gave it was printed, too"
    assert report(graded, "bob")["seed"] == 2718281828
    assert "seed 2718281828" in (graded / "class-report.txt").read_text()
    assert "input" in json.dumps(report(graded, "bob")), "the teacher sees it"


def test_only_what_is_new_or_changed_is_graded_again(course: Course) -> None:
    folder = hand_in(course, {"ada": RIGHT, "bob": HALF, "kim": STUBS})
    (folder / "nil").mkdir()
    grade(course)
    graded = course.home / "graded"
    seed = report(graded, "ada")["seed"]
    course.student(RIGHT, folder / "bob")
    course.student(HALF, folder / "new")
    outcome = grade(course)
    assert attempts(graded) == {"ada": "1", "bob": "2", "kim": "1", "new": "1", "nil": "1"}
    assert rows(graded)["bob"]["total"] == "5"
    assert {report(graded, key)["seed"] for key in ("ada", "bob", "kim", "new")} == {seed}
    assert outcome.code == 1
    grade(course, "--force")
    assert attempts(graded) == {"ada": "2", "bob": "3", "kim": "2", "new": "2", "nil": "2"}


def test_another_assignment_or_seed_grades_everything_anew(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    graded = course.home / "graded"
    grade(course)
    (course.source / "README.md").write_text("another word in the handout")
    grade(course)
    assert attempts(graded) == {"ada": "1"}
    course.add_question("triple", 3, points=5)
    grade(course)
    assert attempts(graded) == {"ada": "2"}
    assert rows(graded)["ada"]["max"] == "7"
    grade(course, "--seed", "4")
    assert attempts(graded) == {"ada": "3"}
    assert report(graded, "ada")["seed"] == 4


def test_another_grader_grades_everything_anew(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(course, {"ada": RIGHT})
    assert grade(course).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(terms, "code_identity", lambda: "another")
        assert grade(course).code == 0
        assert attempts(course.home / "graded") == {"ada": "2"}
        assert grade(course).code == 0
    assert attempts(course.home / "graded") == {"ada": "2"}


def test_a_lesser_tier_than_is_wanted_does_not_hold(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    graded = course.home / "graded"
    for tier, number in (("process", "1"), ("process", "1"), ("auto", "2"), ("process", "2"), ("lite", "2")):
        assert grade(course, "--isolation", tier).code == 0
        assert attempts(graded) == {"ada": number}, tier
    assert report(graded, "ada")["isolation"]["tier"] in ("full", "lite")


def test_the_same_seed_gives_the_same_whoever_comes_first(course: Course) -> None:
    folder = hand_in(course)
    grade(course, "--seed", "11")
    for name in ("ada", "zoe"):  # the last one comes first now
        (folder / name).rename(folder / f"{name}-away")
    grade(course, "--seed", "11", out="other")
    for name in ("ada", "zoe"):
        (folder / f"{name}-away").rename(folder / name)
    grade(course, "--seed", "11", jobs=2, out="other")
    mine = reports(course.home / "graded")
    others = reports(course.home / "other")
    assert mine == {key: value for key, value in others.items() if not key.endswith("-away")}
    assert grade(course, "--seed", "12", out="third").code == 0
    assert reports(course.home / "third")["zoe"] != mine["zoe"], "it is what they drew that differs"


def test_two_runs_have_different_seeds(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    grade(course, out="one")
    grade(course, out="two")
    assert report(course.home / "one", "ada")["seed"] != report(course.home / "two", "ada")["seed"]


def started(course: Course, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "grader", "grade", "small", "handed", "--out", "graded", *options]
    return subprocess.Popen(
        command,
        cwd=course.home,
        env=course.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # one thread
    )


def until(process: subprocess.Popen[str], count: int) -> None:
    """Read what it says until so many are graded."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"{count} of "):
            return
    raise AssertionError(process.stderr and process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_lost_when_it_ends_in_the_middle(course: Course, number: signal.Signals) -> None:
    texts = {f"{name}{index}": text for index in range(2) for name, text in CLASS.items() if name != "eve"}
    hand_in(course, texts)
    assert grade(course, "--seed", "5", jobs=2, out="undisturbed").code == 0
    with started(course, "--seed", "5", "-j", "2") as process:
        until(process, 3)
        os.kill(process.pid, number)
        assert process.stdout is not None
        rest = process.stdout.read()  # until all of its processes have let go of it
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "12 submissions: " in rest
        assert set(rows(course.home / "graded")) == set(texts)
    assert grade(course, jobs=1).code == 0
    assert reports(course.home / "graded") == reports(course.home / "undisturbed")
    assert set(attempts(course.home / "graded").values()) == {"1"}


def test_an_earlier_grade_is_none_while_its_turn_has_not_come(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"s{number}" for number in range(6)]
    hand_in(course, dict.fromkeys(names, RIGHT))
    assert grade(course).code == 0

    def interrupt(_: ClassProgress, standing: Standing) -> None:
        if standing.done == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ClassProgress, "__call__", interrupt)
        outcome = grade(course, "--force")
    assert outcome.code == 130
    assert "6 submissions: 4 graded and 2 not graded yet: the same command goes on." in outcome.out
    table = rows(course.home / "graded")
    assert {key: (row["status"], row["attempt"], row["total"]) for key, row in table.items()} == {
        **dict.fromkeys(names[:4], ("graded", "2", "5")),
        **dict.fromkeys(names[4:], ("not graded yet", "", "")),
    }
    assert set(reports(course.home / "graded")) == set(names[:4])
    assert {path.stem for path in (course.home / "graded" / "feedback").iterdir()} == set(names[:4])
    assert grade(course, "--force").code == 0, "it goes on"
    assert set(attempts(course.home / "graded").values()) == {"2"}
    hand_in(course, {"new": RIGHT})
    assert grade(course, "--force").code == 0, "it begins anew"
    assert attempts(course.home / "graded") == {**dict.fromkeys(names, "3"), "new": "1"}
    assert grade(course).code == 0
    assert attempts(course.home / "graded") == {**dict.fromkeys(names, "3"), "new": "1"}


def test_what_was_graded_before_an_error_is_told(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(course, dict.fromkeys(("ada", "bob", "kim"), RIGHT))

    def fail(after: int) -> Outcome:
        def fault(_: ClassProgress, standing: Standing) -> None:
            if standing.done == after:
                raise FaultError("it is broken")

        with monkeypatch.context() as patch:
            patch.setattr(ClassProgress, "__call__", fault)
            return grade(course)

    outcome = fail(2)
    assert (outcome.code, outcome.err) == (3, "grader: it is broken\n")
    graded = course.home / "graded"
    assert {key: row["status"] for key, row in rows(graded).items()} == {
        "ada": "graded",
        "bob": "graded",
        "kim": "not graded yet",
    }
    assert set(reports(graded)) == {"ada", "bob"}
    assert grade(course).code == 0
    assert fail(1).code == 3, "nothing was graded"
    assert set(reports(graded)) == {"ada", "bob", "kim"}


def test_who_is_gone_is_told_of_once_and_stays_in_the_record(course: Course) -> None:
    folder = hand_in(course, {"ada": RIGHT, "bob": HALF})
    (folder / "nil").mkdir()
    assert grade(course).code == 1
    kept = course.home / "graded" / "feedback"
    (kept / "mine.txt").write_text("a note of the teacher's")
    (folder / "nil").rmdir()
    shutil.rmtree(folder / "bob")
    outcome = grade(course)
    assert outcome.code == 0
    assert "2 graded before and not in handed any more (bob and nil): left out here, and kept in results.sqlite" in (
        outcome.out
    )
    assert "1 submission: 1 graded." in outcome.out
    assert list(rows(course.home / "graded")) == ["ada"]
    assert sorted(path.name for path in kept.iterdir()) == ["ada.html", "ada.txt", "mine.txt"]
    assert set(reports(course.home / "graded")) == {"ada"}
    course.student(HALF, folder / "bob")
    assert grade(course).code == 0
    assert attempts(course.home / "graded") == {"ada": "1", "bob": "1"}, "its grade still holds"
    assert (kept / "bob.html").is_file()


def test_what_is_refused_now_has_no_report_of_before(course: Course) -> None:
    folder = hand_in(course, {"ada": RIGHT, "bob": RIGHT})
    assert grade(course).code == 0
    (folder / "bob" / "layers.py").unlink()
    assert grade(course).code == 1
    assert rows(course.home / "graded")["bob"]["report"] == ""
    assert set(reports(course.home / "graded")) == {"ada"}
    assert "could not be graded" in (course.home / "graded" / "feedback" / "bob.txt").read_text()


def test_a_second_run_at_the_same_time_is_refused(course: Course) -> None:
    hand_in(course)
    with started(course) as process:
        until(process, 1)
        os.kill(process.pid, signal.SIGSTOP)
        outcome = grade(course)
        os.kill(process.pid, signal.SIGCONT)
        process.communicate()
    assert outcome.code == 2
    assert "graded" in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert process.returncode == 0


def test_a_solution_that_is_not_right_grades_nobody(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    course.student(HALF, course.source)
    outcome = grade(course)
    assert outcome.code == 3
    assert "the solution itself does not pass triple.multiplies" in outcome.err
    assert "nobody is graded" in outcome.err
    course.student(RIGHT, course.source)
    assert grade(course).code == 0
    assert attempts(course.home / "graded") == {"ada": "1"}


def test_what_cannot_be_decided_here_is_no_mistake_of_the_solutions(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    check = course.source / "checks" / "double.py"
    check.write_text(check.read_text().replace("robust=True", "needs=('magic',), points=1"))
    outcome = grade(course)
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert "cannot be decided on this machine (needs magic, which is not available here): nobody is graded" in line


def test_a_refused_student_has_a_page_and_the_gradebook_says_where(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    (course.home / "handed" / "Zoë Empty").mkdir()
    assert grade(course).code == 1
    for row in rows(course.home / "graded").values():
        assert (course.home / "graded" / row["feedback"]).is_file()
        assert bool(row["report"]) == (row["status"] == "graded")


def test_a_disk_that_is_read_only_is_called_so(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not database._is_read_only(course.home)
    assert database._is_read_only(Path("/proc/version")) == bool(os.statvfs("/proc").f_flag & os.ST_RDONLY)
    path, error = course.home / "results.sqlite", sqlite3.OperationalError("disk I/O error")
    assert "is the disk full" in database._line(path, "IOERR_WRITE", error)
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((*([0] * 8), os.ST_RDONLY, 255)))
    assert "its file system is read-only" in database._line(path, "IOERR_WRITE", error)


def test_a_fault_of_the_grader_is_nobodys_grade_and_is_tried_again(course: Course) -> None:
    hand_in(course, {"ada": RIGHT, "bob": HALF})
    check = course.source / "checks" / "double.py"
    whole = check.read_text()
    check.write_text(whole.replace("expect.unchanged(student)", "assert student.double(np.ones(2)).max() < 3, 'oh'"))
    hand_in(course, {"bob": HALF.replace("2 * x\n\n\ndef triple", "4 * x\n\n\ndef triple")})
    check.write_text(check.read_text().replace("robust=True", "points=1"))
    outcome = grade(course)
    assert outcome.code == 3
    assert "1 graded" in outcome.out
    row = rows(course.home / "graded")["bob"]
    assert (row["total"], row["status"]) == ("", "needs a look")
    assert "nobody loses points" in (course.home / "graded" / "feedback" / "bob.txt").read_text()
    grade(course)
    assert attempts(course.home / "graded") == {"ada": "1", "bob": "2"}


def test_a_whole_download_in_an_archive(course: Course) -> None:
    folder = hand_in(course, {"ada": RIGHT, "bob": HALF})
    with zipfile.ZipFile(course.home / "handed.zip", "w") as packed:
        for path in folder.rglob("*.py"):
            packed.write(path, path.relative_to(folder))
    outcome = course.grader("grade", "small", "handed.zip", "--out", "graded", "-j", "1")
    assert outcome.code == 0, outcome.err
    assert rows(course.home / "graded")["ada"]["total"] == "5"


def test_names_do_no_harm(course: Course) -> None:
    names = ["=1+1", "a,b", 'q"uote', "new\nline", "..", "CON", "李小龍", "<b>bold</b>", "\x1b[31mred"]
    hand_in(course, {name: RIGHT for name in names if name != ".."})
    outcome = grade(course)
    assert outcome.code == 0, outcome.err
    folder = course.home / "graded"
    assert len(list((folder / "reports").iterdir())) == 8
    assert {row["total"] for row in rows(folder).values()} == {"5"}
    assert not any(row["key"].startswith("=") for row in rows(folder).values())
    assert "\x1b" not in outcome.out + (folder / "class-report.txt").read_text()
    assert {path.name for path in folder.iterdir()} == {
        *("class-report.txt", "class-report.html", "class-report.json"),
        *("feedback", "gradebook.csv", "reports", "results.sqlite"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["smal", "handed", "--out", "graded"], "did you mean small"),
        (["small", "nowhere", "--out", "graded"], "nowhere does not exist"),
        (["small", "handed", "--out", "handed/graded"], "lies within handed"),
        (["small", "handed", "--out", "assignments/small/layers.py"], "another folder"),
        (["small", "", "--out", "graded"], "SUBMISSIONS is empty"),
        (["small", "handed", "--out", ""], "--out is empty"),
        (["small", "handed"], "--out"),
        (["small", "handed", "--out", "graded", "--seed", "-1"], "--seed"),
        (["small", "handed", "--out", "graded", "-j", "0"], "--jobs"),
        (["small", "solutions/small", "--out", "graded"], "give the folder above it"),
        (["small", "handed", "--out", "solutions/small/graded"], "lies within the assignment"),
        (["small", "handed", "--out", "graded", "--isolation", "none"], "--isolation"),
    ],
)
def test_what_cannot_be_meant_is_one_line(course: Course, arguments: list[str], said: str) -> None:
    hand_in(course, {"ada": RIGHT})
    course.student(STUBS)
    outcome = course.grader("grade", *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not (course.home / "graded").exists()


def test_isolation_is_as_it_was_asked_for(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    assert grade(course, "--isolation", "process").code == 0
    assert report(course.home / "graded", "ada")["isolation"]["tier"] == "process"


def test_where_code_cannot_be_kept_apart_nobody_is_graded(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    command = [sys.executable, str(WITHOUT_LANDLOCK), "grader", "grade", "small", "handed", "--out", "graded"]
    done = subprocess.run(command, cwd=course.home, env=course.environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "this machine cannot keep the code of a class apart" in done.stderr
    assert not (course.home / "graded" / "reports").exists()


def test_without_solutions_only_public_checks_count(course: Course) -> None:
    publish(course)
    hand_in(course, {"lee": SPECIAL})
    outcome = course.grader("grade", "assignments/small", "handed", "--out", "graded", "-j", "1")
    assert outcome.code == 0, outcome.err
    assert "hidden checks" in outcome.err
    assert report(course.home / "graded", "lee")["hidden_points"] > 0


def test_a_file_that_cannot_be_written_loses_no_grade(course: Course) -> None:
    hand_in(course, {"ada": RIGHT})
    (course.home / "graded" / "class-report.txt").mkdir(parents=True)
    outcome = grade(course)
    assert outcome.code == 2
    assert "class-report.txt cannot be written" in outcome.err
    assert "no grade is lost" in outcome.err
    (course.home / "graded" / "class-report.txt").rmdir()
    assert grade(course).code == 0
    assert attempts(course.home / "graded") == {"ada": "1"}


def name_a_mistake(course: Course) -> None:
    (course.source / "misconceptions").mkdir()
    (course.source / "misconceptions" / "triple.py").write_text(
        "from grader.authoring.catalogue import Catalogue\n\ncatalogue = Catalogue('triple')\n"
        "catalogue.wrong('twice', 'It is doubled, not tripled.', edit=('return 3 * x', 'return 2 * x'))\n"
    )


def test_a_mistake_that_has_a_name_now_is_named(course: Course) -> None:
    publish(course)
    hand_in(course, {"bob": HALF})
    graded = course.home / "graded"
    assert grade(course).code == 0
    assert rows(graded)["bob"]["misconceptions"] == ""
    name_a_mistake(course)
    publish(course)
    assert grade(course).code == 0
    assert attempts(graded) == {"bob": "2"}
    assert "triple: twice" in rows(graded)["bob"]["misconceptions"]
    publish(course)
    assert grade(course).code == 0
    assert attempts(graded) == {"bob": "2"}


def test_a_mistake_that_cannot_be_named_costs_no_grade(course: Course) -> None:
    name_a_mistake(course)
    publish(course)
    hand_in(course, {"bob": HALF.replace("return 2", "print(float(x.flat[0]))\n    return 2")})
    asked = ("run", "small", "--submission", "handed/bob", "-q", "triple", "--seed")
    course.grader(*asked, str(load_assignment(course.source).seed), "--json", "asked.json")
    (triple,) = json.loads((course.home / "asked.json").read_text())["questions"]
    first = triple["checks"][-1]["details"]["output"].split()[0]
    check = course.source / "checks" / "triple.py"
    factor = f"(3 + (float(x.flat[0]) == {first}))"
    check.write_text(check.read_text().replace('3 * x, "out"', f'{factor} * x, "out"', 1))
    outcome = grade(course, "--seed", "3")
    assert outcome.code == 0, outcome.err
    assert rows(course.home / "graded")["bob"]["total"] == "2"
    (note,) = report(course.home / "graded", "bob")["notes"]
    assert note.startswith("for the teacher: what is wrong in triple is not named")
    assert "teacher" not in (course.home / "graded" / "feedback" / "bob.txt").read_text()
    assert grade(course, "--seed", str(load_assignment(course.source).seed)).code == 3, "there it does cost it"


def test_mistakes_are_named_in_a_class_too(course: Course) -> None:
    name_a_mistake(course)
    publish(course)
    hand_in(course, {"bob": HALF, "lee": SPECIAL})
    outcome = grade(course)
    assert "It is doubled, not tripled." in outcome.out
    assert "triple: twice" in rows(course.home / "graded")["bob"]["misconceptions"]
    assert "It is doubled" in (course.home / "graded" / "feedback" / "bob.txt").read_text()
    checks = [check for question in report(course.home / "graded", "bob")["questions"] for check in question["checks"]]
    assert {check["id"] for check in checks if check["misconception"]} == {"multiplies", "multiplies_more"}


@pytest.mark.parametrize("name", ["ada", "ada.lovelace@cs", "A-1_2+x"])
def test_names_that_are_harmless_stay(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".x", "-x", "a/b", "a\\b", "con", "NUL.txt", "x.", "a b", "é", "x" * 300]
)
def test_other_names_are_made_harmless(name: str) -> None:
    made = file_name(name)
    assert made == file_name(made)
    assert made != name
    assert len(made) < 80
    assert file_name(f"{name}!") != made


def test_the_first_one_says_nothing_of_the_pace() -> None:
    times = iter([100.0, 110.0, 112.0])
    out = io.StringIO()
    with ClassProgress(Console(file=out, width=80), 20, lambda: next(times)) as progress:
        progress(Standing(total=20, kept=4))
        for graded in (1, 2, 8):
            progress(Standing(total=20, kept=4, graded=graded, share=1.0))
    assert out.getvalue().splitlines() == [
        "5 of 20: mean 100%, 4 graded before",
        "6 of 20: mean 100%, 4 graded before, 2 min left",
        "12 of 20: mean 100%, 4 graded before, 14 s left",
    ]


def test_progress_in_words() -> None:
    assert summary(Standing(total=10), None) == ""
    standing = Standing(total=10, kept=2, graded=3, refused=1, faults=1, share=0.5)
    assert summary(standing, 2.0) == "mean 50%, 2 graded before, 1 cannot be graded, 1 faults of the grader, 6 s left"
    assert [duration(seconds) for seconds in (0, 89, 100, 7800)] == ["0 s", "89 s", "2 min", "2 h 10 min"]
