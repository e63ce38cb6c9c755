"""``grader publish`` and ``grader new``: what they say and return. What they make is tested with grader.authoring."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import AssignmentError

from .conftest import Course

publishing = pytest.importorskip("grader.authoring.publish")


@pytest.fixture
def published(course: Course, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let publishing have this result."""

    def have(**result: Any) -> None:
        def publish(
            assignment: Any,
            *,
            check: bool = False,
            cache: Path,
            on_progress: Callable[[str], None] | None = None,
        ) -> Any:
            assert on_progress is not None
            on_progress("working")
            return publishing.PublishResult(course.work, **result)

        monkeypatch.setattr(publishing, "publish", publish)

    return have


def test_what_was_done_is_said(course: Course, published: Callable[..., None]) -> None:
    published(written=("layers.py",), removed=("old.py",), kept=("README.md",), unchanged=3)
    assert course.grader("publish", "small") == (
        0,
        "  wrote   layers.py\n"
        "  removed old.py\n"
        "  kept    README.md (edited there by hand)\n"
        "assignments/small: 1 written, 3 unchanged, 1 removed, 1 kept.\n",
        "",
    )


def test_check_fails_on_any_difference(course: Course, published: Callable[..., None]) -> None:
    published(differences=("layers.py differs", "old.py should not be there"))
    code, out, err = course.grader("publish", "small", "--check")
    assert code == 1
    assert out == "layers.py differs\nold.py should not be there\n"
    assert "run: grader publish small" in err


def test_check_is_content_without_differences(course: Course, published: Callable[..., None]) -> None:
    published()
    assert course.grader("publish", "small", "--check") == (0, "assignments/small is up to date.\n", "")


def test_errors_of_the_assignment_are_exit_code_2(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(*_: Any, **__: Any) -> None:
        raise AssignmentError("layers.py line 3: BEGIN SOLUTION without its END: add it")

    monkeypatch.setattr(publishing, "publish", publish)
    expected = (2, "", "grader: layers.py line 3: BEGIN SOLUTION without its END: add it\n")
    assert course.grader("publish", "small") == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["smal"], "did you mean small?"),
        (["small", "--check", "--zip", "a.zip"], "give one of them"),
        (["small", "--zip", "nowhere/a.zip"], "there is no folder"),
        (["small", "--zip", "solutions"], "is a folder"),
        (["assignments/out"], "is already what students get"),
    ],
)
def test_wrong_input_is_found_before_the_work(
    course: Course, published: Callable[..., None], arguments: list[str], says: str
) -> None:
    published()
    out = course.home / "assignments" / "out"
    shutil.copytree(course.source, out)
    with (out / "assignment.toml").open("a") as config:
        config.write("\n[published]\n")
    code, _, err = course.grader("publish", *arguments)
    assert code == 2
    assert says in err
    assert err.count("\n") == 1


def test_a_new_assignment_can_be_run_published_and_packed(course: Course, tmp_path: Path) -> None:
    code, out, _ = course.grader("new", "third")
    assert code == 0
    assert "Made solutions/third" in out
    command = out.splitlines()[-1].removeprefix("Then: grader ").split()
    assert course.grader(*command).code == 0
    assert course.grader("publish", "third", "--check").code == 1
    code, out, _ = course.grader("publish", "third", "--zip", tmp_path / "third.zip")
    assert code == 0
    with zipfile.ZipFile(tmp_path / "third.zip") as archive:
        assert f"Packed {len(archive.namelist())} files" in out
    assert course.grader("publish", "third", "--check").code == 0
    code, out, _ = course.grader("run", "third")
    assert code == 1
    assert "Total 0 of" in out


def test_a_name_is_taken_once(course: Course) -> None:
    code, out, err = course.grader("new", "small")
    assert (code, out) == (2, "")
    assert "choose another name" in err


def test_new_is_made_beside_the_others(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.source)
    assert course.grader("new", "third").code == 0
    assert (course.home / "solutions" / "third" / "assignment.toml").is_file()
