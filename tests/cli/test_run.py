"""``grader run``: what it grades, what it writes, what it returns."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.sandbox.choice import Choice
from grader.sandbox.isolation import LAYERS

from .conftest import HALF, RIGHT, STUBS, Course


def test_every_point_is_exit_code_0(course: Course) -> None:
    course.student(RIGHT)
    code, out, err = course.grader("run", "small")
    assert code == 0
    assert "Total 5 of 5 points" in out
    assert "All 2 questions pass" in out
    assert "Next:" not in out
    assert err == ""


def test_lost_points_are_exit_code_1_and_say_what_to_do_next(course: Course) -> None:
    course.student(HALF)
    code, out, _ = course.grader("run", "small")
    assert code == 1
    assert "should be" in out
    assert "Next: mend triple (assignments/small/layers.py), then\n      grader run small -q triple\n" in out


def test_stubs_are_not_wrong(course: Course) -> None:
    course.student(STUBS)
    code, out, _ = course.grader("run", "small")
    assert code == 1
    assert "wrong" not in out
    assert out.count("not started") == 2
    assert "Next: write double (assignments/small/layers.py), then" in out


def test_a_submission_elsewhere_is_graded_and_named_in_the_next_command(course: Course, tmp_path: Path) -> None:
    course.student(RIGHT)
    course.student(HALF, tmp_path / "in box" / "kim")
    code, out, _ = course.grader("run", "small", "--submission", tmp_path / "in box" / "kim", "--seed", "7")
    assert code == 1
    assert f"grader run small --submission '{tmp_path}/in box/kim' --seed 7 -q triple" in out
    assert "seed 7" in out


@pytest.mark.parametrize("chosen", [["-q", "triple"], ["--question", "triple"], ["-q", " triple ,triple"]])
def test_one_question(course: Course, chosen: list[str]) -> None:
    course.student(HALF)
    _, out, _ = course.grader("run", "small", *chosen)
    assert "triple" in out
    assert "double" not in out.replace("assignments", "")


@pytest.mark.parametrize("chosen", [["-q", "double", "-q", "triple"], ["-q", "triple,double"]])
def test_several_questions(course: Course, chosen: list[str]) -> None:
    course.student(RIGHT)
    code, out, _ = course.grader("run", "small", *chosen)
    assert code == 0
    assert "All 2 questions" in out


def test_a_path_does_for_a_name(course: Course) -> None:
    course.student(RIGHT)
    assert course.grader("run", "solutions/small").code == 0


def test_an_assignment_is_found_from_below(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.student(HALF)
    monkeypatch.chdir(course.work)
    _, out, _ = course.grader("run", "small")
    assert "Next: mend triple (layers.py), then" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["smal"], "there is no assignment 'smal'; did you mean small?"),
        (["small", "-q", "doubel"], "there is no question 'doubel'; did you mean double?"),
        (["small", "-q", ","], "--question is empty"),
        (["small", "--submission", ""], "--submission is empty"),
        (["small", "--submission", "nowhere"], "nowhere does not exist"),
        (["small", "--submission", "empty"], "empty is empty: give the folder with layers.py"),
        (["small", "--submission", "other"], "has none of layers.py"),
        (["small", "--submission", "kim.zip"], "kim.zip is an archive: unpack it"),
        (
            ["small", "--json", "nowhere/report.json"],
            "--json nowhere/report.json cannot be written: there is no folder",
        ),
        (
            ["small", "--junit", "nowhere/report.xml"],
            "--junit nowhere/report.xml cannot be written: there is no folder",
        ),
        (["small", "--json", "empty"], "--json empty is a folder"),
        (["small", "--json", "-", "--junit", "-"], "both go to -"),
        (["small", "--json", "a", "--junit", "./a"], "both go to a"),
        (["small", "--junit", "-", "--html", "-"], "--junit and --html both go to -"),
        (["small", "--html", "nowhere/report.html"], "--html nowhere/report.html cannot be written"),
        (["small", "--seed", "many"], "'many' is not a valid integer"),
        (["small", "--sed", "1"], "No such option"),
        ([], "Missing argument"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(course: Course, arguments: list[str], says: str) -> None:
    course.student(RIGHT)
    (course.home / "empty").mkdir()
    (course.home / "other").mkdir()
    (course.home / "other" / "notes.txt").write_text("x")
    with zipfile.ZipFile(course.home / "kim.zip", "w") as archive:
        archive.writestr("layers.py", RIGHT)
    code, out, err = course.grader("run", *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("grader: ")
    assert says in err
    assert err.count("\n") == 1


def test_where_no_student_has_a_folder_it_says_what_to_do(course: Course) -> None:
    shutil.rmtree(course.home / "assignments")
    code, _, err = course.grader("run", "small")
    assert code == 2
    assert "grader publish small" in err
    assert "--submission" in err


def test_a_folder_one_level_too_high_is_graded_and_said(course: Course) -> None:
    course.student(RIGHT, course.home / "inbox" / "kim")
    code, out, _ = course.grader("run", "small", "--submission", "inbox")
    assert code == 0
    assert "Note: graded the files in kim" in out


def test_a_missing_file_costs_its_points_only(course: Course) -> None:
    config = (course.source / "assignment.toml").read_text()
    (course.source / "assignment.toml").write_text(config + '"optim.py" = []\n')
    checks = course.source / "checks" / "double.py"
    checks.write_text(checks.read_text().replace("layers.py", "optim.py"))
    course.student(RIGHT)
    code, out, _ = course.grader("run", "small")
    assert code == 1
    assert "optim.py is not in the submission" in out
    assert "Total 3 of 5 points" in out


def test_json_on_standard_output_is_alone_there(course: Course) -> None:
    course.student(HALF + "print('noise')\n")
    done = course.process("run", "small", "--json", "-")
    assert done.returncode == 1
    assert json.loads(done.stdout)["schema"] == "grader.report/1"
    assert "Total" in done.stderr


def test_files_are_written_whole_and_nothing_is_left_beside_them(course: Course) -> None:
    course.student(HALF)
    (course.home / "out").mkdir()
    (course.home / "out" / "real.json").write_text("old")
    (course.home / "out" / "report.json").symlink_to("real.json")
    code, _, _ = course.grader(
        "run", "small", "--json", "out/report.json", "--junit", "out/report.xml", "--html", "out/report.html"
    )
    assert code == 1
    assert sorted(os.listdir("out")) == ["real.json", "report.html", "report.json", "report.xml"]
    assert (course.home / "out" / "report.json").is_symlink()
    assert json.loads((course.home / "out" / "real.json").read_text())["score"] == 2
    assert ElementTree.parse("out/report.xml").getroot().tag == "testsuites"
    assert "gives 3 times x" in (course.home / "out" / "report.html").read_text()


def test_a_device_is_written_to_and_never_replaced(course: Course) -> None:
    course.student(RIGHT)
    assert course.grader("run", "small", "--json", os.devnull).code == 0
    assert Path(os.devnull).is_char_device()


def test_a_report_keeps_the_permissions_of_the_file_it_replaces(course: Course) -> None:
    course.student(RIGHT)
    path = course.home / "report.json"
    path.write_text("")
    path.chmod(0o640)
    assert course.grader("run", "small", "--json", path).code == 0
    assert path.stat().st_mode & 0o777 == 0o640


def test_an_unwritable_report_is_found_before_grading(course: Course, tmp_path: Path) -> None:
    sign = tmp_path / "ran"
    course.student(f"open({str(sign)!r}, 'w').close()\n" + RIGHT)
    assert course.grader("run", "small", "--json", "nowhere/r.json").code == 2
    assert not sign.exists()
    assert course.grader("run", "small", "--isolation", "process").code == 0
    assert sign.exists()


def test_a_fault_of_a_check_is_exit_code_3_and_costs_nothing(course: Course) -> None:
    checks = course.source / "checks" / "double.py"
    checks.write_text(checks.read_text().replace("student.double(np.ones(3))", "1 / 0"))
    course.student(RIGHT)
    code, out, _ = course.grader("run", "small")
    assert code == 3
    assert "ZeroDivisionError" in out
    assert "please report it" in out


def test_hostile_text_stays_text(course: Course) -> None:
    evil = r"[red]no[/red] \x1b[2J\x1b]0;title\x07 \x00 end"
    course.student(
        f"def double(x):\n    print({evil!r}.encode().decode('unicode_escape'))\n    raise ValueError('{evil}')\n"
    )
    done = course.process("run", "small", "--junit", "r.xml", "--json", "r.json", "--html", "r.html")
    assert done.returncode == 1
    assert "\x1b" not in (course.home / "r.html").read_text()
    assert "\x1b" not in done.stdout
    assert "ValueError: [red]no[/red]" in done.stdout
    assert "│ [red]no[/red]" in done.stdout
    ElementTree.parse(course.home / "r.xml")
    json.loads((course.home / "r.json").read_text())


def test_a_hostile_folder_name_cannot_write_to_the_terminal(course: Course) -> None:
    course.student(HALF, course.home / "\x1b[31mkim[red]")
    code, out, err = course.grader("run", "small", "--submission", "\x1b[31mkim[red]")
    assert code == 1
    assert "\x1b" not in out + err
    _, _, err = course.grader("run", "small", "--submission", "\x1b[31mnobody")
    assert "\x1b" not in err


def test_hints_may_be_lowered_and_in_a_published_folder_not_raised(course: Course) -> None:
    course.student(HALF)

    def message(*options: str) -> str:
        out = course.grader("run", "small", "--submission", "assignments/small", "--json", "-", *options).out
        return str(json.loads(out)["questions"][1]["checks"][0]["message"])

    assert message().startswith("out[0] is ")
    assert message("--hints", "what") == "out is wrong"
    assert message("--hints", "none") == ""
    config = course.home / "solutions" / "small" / "assignment.toml"
    text = config.read_text().replace("points = 5", 'points = 5\nhints = "what"')
    config.write_text(text)
    assert message() == "out is wrong"
    assert message("--hints", "why").startswith("out[0] is ")  # the instructor's folder
    config.write_text(text + "\n[published]\nname = 'small'\n")
    assert message("--hints", "why") == "out is wrong"
    assert message("--hints", "none") == ""


def test_an_unknown_level_of_hints_is_refused(course: Course) -> None:
    course.student(HALF)
    code, _, err = course.grader("run", "small", "--hints", "wy")
    assert code == 2
    assert "there is no level of hints 'wy'; did you mean why?" in err


@pytest.mark.parametrize("tier", ["process", "lite", "full"])
def test_the_tier_that_is_asked_for_is_taken_and_said(course: Course, tier: str) -> None:
    if tier != "process":
        with Choice(tier) as choice:
            if why := choice.attempts()[tier].why:
                pytest.skip(f"{tier}: {why}")
    course.student(RIGHT)
    code, out, _ = course.grader("run", "small", "--isolation", tier, "--json", "r.json")
    assert code == 0
    assert f"isolation: {tier}" in out
    said = json.loads((course.home / "r.json").read_text())["isolation"]
    assert said["tier"] == tier
    assert set(said["layers"]) >= set(LAYERS[tier])


def test_a_tier_that_cannot_be_had_is_one_line_and_exit_code_2(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.choice.can_be_warm", lambda: False)
    course.student(RIGHT)
    code, _, err = course.grader("run", "small", "--isolation", "full")
    assert code == 2
    assert err.startswith("grader: --isolation full: this machine cannot give it (")
    assert len(err.splitlines()) == 1
    assert course.grader("run", "small").code == 0
