"""``grader list``: assignments, and one's questions."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import HALF, Course

HALFWAY = "def double(x):\n    return x\n\n\ndef triple(x):\n    raise NotImplementedError\n"


def rows(text: str) -> dict[str, list[str]]:
    return {
        line.split("  ")[0]: [part.strip() for part in line.split("  ") if part.strip()] for line in text.splitlines()
    }


def test_assignments_with_points_place_and_title(course: Course) -> None:
    shutil.copytree(course.source, course.home / "solutions" / "another")
    shutil.copytree(course.source, course.work, dirs_exist_ok=True)
    code, out, err = course.grader("list")
    assert (code, err) == (0, "")
    assert rows(out)["small"] == ["small", "5", "solutions, assignments", "Two small functions"]
    assert rows(out)["another"] == ["another", "5", "solutions", "Two small functions"]


def test_a_broken_assignment_does_not_hide_the_others(course: Course) -> None:
    shutil.copytree(course.source, course.home / "solutions" / "broken")
    (course.home / "solutions" / "broken" / "assignment.toml").write_text("title = 3\n")
    code, out, _ = course.grader("list")
    assert code == 0
    assert "'title' should be of type str" in rows(out)["broken"][-1]
    assert "small" in rows(out)


def test_where_there_are_none_it_says_where_it_looked(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = course.grader("list")
    assert (code, out) == (2, "")
    assert "neither solutions/ nor assignments/" in err


def test_questions_and_how_far_one_is(course: Course) -> None:
    course.student(HALFWAY)
    code, out, err = course.grader("list", "small")
    assert (code, err) == (0, "")
    assert rows(out)["double"] == ["double", "2", "started", "layers.py", "2 times a vector"]
    assert rows(out)["triple"] == ["triple", "3", "not started", "layers.py", "3 times a vector"]
    assert "2 questions, 5 points. Your code: assignments/small." in out


def test_student_code_is_never_run(course: Course, tmp_path: Path) -> None:
    sign = tmp_path / "ran"
    course.student(f"open({str(sign)!r}, 'w').close()\n" + HALF)
    assert course.grader("list", "small").code == 0
    assert not sign.exists()


def test_a_layout_with_aliases_is_found(course: Course) -> None:
    course.student(HALFWAY, course.work / "course")
    _, out, _ = course.grader("list", "small")
    assert rows(out)["double"][2] == "started"


def test_no_file_and_no_folder(course: Course) -> None:
    _, out, _ = course.grader("list", "small")
    assert rows(out)["double"][2] == "missing file"
    shutil.rmtree(course.home / "assignments")
    code, out, _ = course.grader("list", "small")
    assert code == 0
    assert "There is no folder for your code yet" in out


def test_an_unknown_name(course: Course) -> None:
    code, out, err = course.grader("list", "smal")
    assert (code, out) == (2, "")
    assert "did you mean small?" in err


def test_hostile_titles_stay_text(course: Course) -> None:
    config = course.source / "assignment.toml"
    config.write_text(config.read_text().replace("Two small", r"[red]\u001b[31mTwo"))
    _, out, _ = course.grader("list")
    assert "[red]Two functions" in out
    assert "\x1b" not in out
