"""``%check`` and ``grader.check`` in a real shell of IPython's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import HALF, RIGHT, STUBS, Shell


def timeless(value: Any) -> Any:
    """A report without what differs from run to run."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if not key.endswith("seconds")}
    return [timeless(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("code", [RIGHT, HALF, STUBS, "def double(:\n", "double = 3\n\n\ndef triple(x):\n    1 / 0\n"])
def test_verdicts_are_those_of_the_command_line(shell: Shell, course: Path, tmp_path: Path, code: str) -> None:
    (course / "layers.py").write_text(code)
    report = shell.value("__import__('grader').check('all').report.to_dict()")
    command = [sys.executable, "-m", "grader", "run", str(course), "--submission", str(course), "--json", "-"]
    environment = {**os.environ, "GRADER_CACHE": str(tmp_path / "cache")}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=course, check=False)
    assert timeless(report) == timeless(json.loads(run.stdout))


def test_a_stub_is_not_started(shell: Shell) -> None:
    ok, shown = shell.cell("%check double")
    assert ok
    assert "not started" in shown
    assert "Next: write double (layers.py), then\n      %check double" in shown


def test_an_edit_between_two_calls_counts(shell: Shell, course: Path) -> None:
    for code, status in ((STUBS, "todo"), (HALF, "failed"), (RIGHT, "passed"), (HALF, "failed")):
        (course / "layers.py").write_text(code)
        assert shell.value("__import__('grader').check('triple').statuses") == {"triple": status}


@pytest.mark.parametrize("names", ["double triple", "triple,double", "double, triple", "all"])
def test_several_names(shell: Shell, course: Path, names: str) -> None:
    (course / "layers.py").write_text(HALF)
    ok, shown = shell.cell(f"%check {names}")
    assert ok
    assert "Total 2 of 5 points" in shown


def test_without_a_name_it_lists_what_can_be_checked(shell: Shell, course: Path) -> None:
    (course / "layers.py").write_text(HALF)
    before = shell.cell("%check").shown
    shell.cell("%check all")
    after = shell.cell("%check").shown
    assert before.count("started") == 2
    assert [line.split()[:3] for line in after.splitlines() if line.startswith(("double", "triple"))] == [
        ["double", "2", "passed"],
        ["triple", "3", "wrong"],
    ]


@pytest.mark.parametrize("call", ["%check {}", "import grader; grader.check('{}')"])
def test_a_wrong_name_is_one_line_with_near_ones(shell: Shell, call: str) -> None:
    ok, shown = shell.cell(call.format("tripel"))
    assert not ok  # whoever runs all cells is told
    assert shown.strip() == "grader: there is no question 'tripel'; did you mean triple?"


@pytest.mark.parametrize("call", ["%check double", "%check", "import grader; grader.check('double')"])
def test_no_assignment_here_is_one_line(shell: Shell, tmp_path: Path, call: str) -> None:
    shell.cell(f"%cd -q {tmp_path}")
    ok, shown = shell.cell(call)
    assert not ok
    assert shown.strip() == (
        f"grader: no assignment here ({tmp_path}), nor above it: %cd to the folder that holds its assignment.toml"
    )


def test_it_is_found_from_a_folder_below(shell: Shell, course: Path) -> None:
    (course / "notebooks" / "deep").mkdir(parents=True)
    (course / "layers.py").write_text(RIGHT)
    shell.cell(f"%cd -q {course / 'notebooks' / 'deep'}")
    assert shell.value("__import__('grader').check('double').passed") is True


def test_the_advice_names_an_assignment_that_is_near(shell: Shell, tmp_path: Path, course: Path) -> None:
    (tmp_path / "home" / "assignments").mkdir(parents=True)
    course.rename(tmp_path / "home" / "assignments" / "small")
    shell.cell(f"%cd -q {tmp_path / 'home'}")
    assert shell.cell("%check double").shown.strip().endswith("%cd assignments/small")


def test_a_folder_that_is_gone_is_one_line(shell: Shell, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell.cell(f"%cd -q {gone}")
    gone.rmdir()
    ok, shown = shell.cell("%check double")
    shell.cell(f"%cd -q {tmp_path}")
    assert not ok
    assert shown.strip().startswith("grader: ")
    assert len(shown.strip().splitlines()) == 1


def test_a_function_of_the_notebook_is_not_what_is_checked(shell: Shell, course: Path) -> None:
    (course / "layers.py").write_text(HALF)
    shell.cell("def triple(x):\n    return 3 * x")
    shown = " ".join(shell.cell("%check triple").shown.split())
    assert "wrong" in shown
    assert "Note: triple is defined in this notebook, too; what was checked is the one saved in layers.py" in shown
    shell.cell("import sys; sys.path.insert(0, '.'); from layers import triple")
    assert "Note" not in shell.cell("%check triple").shown


def test_an_edited_check_counts(shell: Shell, course: Path) -> None:
    (course / "layers.py").write_text(RIGHT)
    assert shell.value("__import__('grader').check('triple').passed") is True
    path = course / "checks" / "triple.py"
    path.write_text(path.read_text().replace("3 * x", "4 * x"))
    assert shell.value("__import__('grader').check('triple').passed") is False


def test_a_broken_assignment_is_one_line(shell: Shell, course: Path) -> None:
    (course / "assignment.toml").write_text("title = ")
    ok, shown = shell.cell("%check triple")
    assert not ok
    assert len(shown.strip().splitlines()) == 1
    assert shown.strip().startswith("grader: ")


def test_names_are_completed(shell: Shell) -> None:
    assert shell.value("get_ipython().complete('tr', '%check tr')[1]") == ["triple"]
    assert shell.value("get_ipython().complete('', '%check double ')[1]") == ["triple", "all"]


def test_import_grader_is_light() -> None:
    heavy = "{'numpy', 'rich', 'click', 'IPython', 'grader.checking', 'grader.notebook'}"
    code = f"import sys, grader; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_it_works_without_ipython(course: Path, tmp_path: Path) -> None:
    (course / "layers.py").write_text(HALF)
    code = "import grader; r = grader.check('triple'); print(r); print(r.passed, r.score, r.max_score)"
    environment = {**os.environ, "GRADER_CACHE": str(tmp_path / "cache")}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=course, env=environment, capture_output=True, text=True, check=True
    )
    assert "Next: mend triple (layers.py), then" in run.stdout
    assert run.stdout.endswith("False 0.0 3.0\n")
    assert run.stderr == ""


def test_the_extension_can_be_taken_away_and_loaded_again(shell: Shell) -> None:
    shell.cell("%unload_ext grader")
    assert "%check` not found" in shell.cell("%check double").shown
    shell.cell("%load_ext grader")
    assert shell.cell("%check double").ok
