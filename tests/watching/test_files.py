"""Files that are saved in all the ways in which editors save."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.watching.files import Changes, Files, python_files

LOOKS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layers.py").write_text("x = 1\n")
    return tmp_path


@pytest.fixture
def files(folder: Path) -> Files:
    watched = Files(lambda: python_files(folder))
    assert watched.contents() == {folder / "layers.py": b"x = 1\n"}
    return watched


def changes(files: Files, looks: int = LOOKS) -> Changes:
    """All that is told in some looks."""
    found = Changes()
    for _ in range(looks):
        seen = files.look()
        found.edited |= seen.edited
        found.touched |= seen.touched
    return found


def test_nothing_is_told_of_nothing(files: Files) -> None:
    assert not changes(files)


def test_an_edit_is_told_once(files: Files, folder: Path) -> None:
    (folder / "layers.py").write_text("x = 2\n")
    assert changes(files, 2).edited == {folder / "layers.py": b"x = 2\n"}
    assert not changes(files)


def test_an_edit_that_goes_on_is_told_when_it_is_over(files: Files, folder: Path) -> None:
    for text in ("x", "x =", "x = 22"):
        (folder / "layers.py").write_text(text)
        assert not files.look()
        assert files.unsettled
    assert changes(files).edited == {folder / "layers.py": b"x = 22"}
    assert not files.unsettled


def test_a_save_by_rename_is_one_edit(files: Files, folder: Path) -> None:
    (folder / ".layers.py.swp").write_text("x = 3\n")
    (folder / "layers.py").rename(folder / "layers.py~")
    assert not files.look()
    os.replace(folder / ".layers.py.swp", folder / "layers.py")
    found = changes(files)
    assert found.edited == {folder / "layers.py": b"x = 3\n"}


def test_a_file_that_is_empty_for_a_moment_is_not_believed(files: Files, folder: Path) -> None:
    (folder / "layers.py").write_text("")
    assert not changes(files, 3)
    (folder / "layers.py").write_text("x = 1\n")
    found = changes(files)
    assert found.edited == {}
    assert found.touched == {folder / "layers.py"}


def test_a_file_that_is_deleted_and_restored(files: Files, folder: Path) -> None:
    path = folder / "layers.py"
    path.unlink()
    assert changes(files).edited == {path: None}
    path.write_text("x = 1\n")
    assert changes(files).edited == {path: b"x = 1\n"}


def test_a_touched_file_is_not_edited(files: Files, folder: Path) -> None:
    os.utime(folder / "layers.py", (1, 1))
    found = changes(files)
    assert found.edited == {}
    assert found.touched == {folder / "layers.py"}


def test_an_edit_that_the_file_system_does_not_date_is_found(files: Files, folder: Path) -> None:
    path = folder / "layers.py"
    known = path.stat()
    with path.open("r+b") as file:
        file.write(b"x = 9\n")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert changes(files).edited == {path: b"x = 9\n"}


def test_added_files_count_and_those_of_tools_and_the_course_do_not(files: Files, folder: Path) -> None:
    for place in (
        "new.py",
        "deep/er/new.py",
        "checks/x.py",
        ".git/x.py",
        "__pycache__/x.py",
        "notes.txt",
        "a/b/c/d/x.py",
    ):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("y = 1\n")
    assert set(changes(files).edited) == {folder / "new.py", folder / "deep/er/new.py"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_is_no_file_is_not_waited_for(files: Files, folder: Path) -> None:
    path = folder / "layers.py"
    path.unlink()
    os.mkfifo(path)
    os.mkfifo(folder / "other.py")
    assert changes(files).edited == {path: None}


def test_a_folder_that_goes_away_is_no_error(files: Files, folder: Path) -> None:
    away = folder.rename(folder.with_name("away"))
    assert changes(files).edited == {folder / "layers.py": None}
    away.rename(folder)
    assert changes(files).edited == {folder / "layers.py": b"x = 1\n"}
