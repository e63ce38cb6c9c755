"""A worker's folder is gone at its end, whatever is in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox.scratch import remove


def _deep(folder: Path) -> None:
    """Make folders in folders, far beyond what a path can name, with something in each."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("deeper", dir_fd=here)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        above, here = here, os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(here)


def _long(folder: Path) -> None:
    for letter in "abcdefg":
        folder = folder / (letter * 200)
        folder.mkdir()


def _locked(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    for path in (folder / "a" / "b", folder / "a", folder):
        path.chmod(0)


def _odd(folder: Path) -> None:
    for name in (b"\xff", b"\x1b[31m", b"a\nb", b"-rf", b"x" * 255):
        os.close(os.open(os.path.join(os.fsencode(folder), name), os.O_CREAT | os.O_WRONLY))
    os.mkfifo(folder / "pipe")


def _gone(folder: Path) -> None:
    folder.rmdir()


@pytest.mark.skipif(os.name != "posix", reason="only there can student code make all of these")
@pytest.mark.parametrize("make", [_deep, _long, _locked, _odd, _gone])
def test_a_folder_is_removed_with_all_that_is_in_it(tmp_path: Path, make: Callable[[Path], None]) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    make(folder)
    remove(str(folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="links are usual there alone")
@pytest.mark.parametrize("inside", [True, False])
def test_what_a_link_leads_to_stays(tmp_path: Path, inside: bool) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "scratch"
    (kept / "folder").mkdir(parents=True)
    (kept / "folder").chmod(0o500)
    (kept / "file").write_text("x")
    if inside:
        folder.mkdir()
    (folder / "link" if inside else folder).symlink_to(kept)
    remove(str(folder))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "kept"]
    assert (kept / "folder").stat().st_mode & 0o777 == 0o500
