from __future__ import annotations

import os
import zipfile

import pytest

from grader.authoring.publish import pack
from grader.errors import InputError

from .conftest import contents


def test_the_archive_holds_what_was_published(author, tmp_path):
    target = author.publish().target
    (target / "notes.txt").write_text("mine")
    (target / "checks" / "__pycache__").mkdir()
    (target / "checks" / "__pycache__" / "a.pyc").write_bytes(b"\0")
    count = pack(target, tmp_path / "out" / "tiny.zip")
    with zipfile.ZipFile(tmp_path / "out" / "tiny.zip") as zipped:
        names = zipped.namelist()
        found = {name.removeprefix("tiny/"): zipped.read(name) for name in names}
    assert names == sorted(names)
    assert len(names) == count
    there = contents(target)
    del there["notes.txt"]
    assert found == there
    assert "recorded/swish.npz" in found


def test_the_archive_is_the_same_each_time(author, tmp_path):
    target = author.publish().target
    pack(target, tmp_path / "one.zip")
    for name in contents(target):
        os.utime(target / name, (1e9, 1e9))
        (target / name).chmod(0o600)
    pack(target, tmp_path / "one.zip")
    first = (tmp_path / "one.zip").read_bytes()
    pack(target, tmp_path / "two.zip")
    assert (tmp_path / "two.zip").read_bytes() == first


def test_edited_files_are_not_handed_out(author, tmp_path):
    target = author.publish().target
    (target / "layers.py").write_text("my solution")
    with pytest.raises(InputError, match=r"layers\.py is missing or was edited by hand"):
        pack(target, tmp_path / "tiny.zip")
    (target / "layers.py").unlink()
    with pytest.raises(InputError, match=r"layers\.py is missing or was edited by hand"):
        pack(target, tmp_path / "tiny.zip")
    author.publish()
    (target / "README.md").unlink()
    (target / "README.md").symlink_to(author.folder / "README.md")
    with pytest.raises(InputError, match=r"README\.md is missing or was edited by hand"):
        pack(target, tmp_path / "tiny.zip")
    assert not (tmp_path / "tiny.zip").exists()


def test_only_published_folders_are_packed(author, tmp_path):
    with pytest.raises(InputError, match="was not published"):
        pack(author.folder, tmp_path / "tiny.zip")


def test_an_archive_that_cannot_be_written_is_refused(author, tmp_path):
    target = author.publish().target
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        pack(target, tmp_path / "file" / "tiny.zip")
