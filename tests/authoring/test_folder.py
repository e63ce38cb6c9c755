from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from grader.authoring import folder as folder_module
from grader.authoring.folder import MANIFEST, PublishedFolder
from grader.errors import AssignmentError

from .conftest import contents

OLD = {"layers.py": b"old\n", "data/one.bin": b"\0\1", "gone/deep/old.py": b"x\n"}
NEW = {"layers.py": b"new\n", "data/one.bin": b"\0\2", "more.py": b"y\n"}


def bring(path: Path, files: dict[str, bytes]) -> folder_module.Plan:
    published = PublishedFolder(path)
    plan = published.compare(files)
    published.update(plan, files)
    return plan


def differences(path: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    return PublishedFolder(path).compare(files).differences


def manifest(path: Path) -> dict[str, str | list[str]]:
    read: dict[str, str | list[str]] = json.loads((path / MANIFEST).read_text())
    return read


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "assignments" / "tiny"
    bring(path, OLD)
    return path


def test_untouched_files_follow(target):
    plan = bring(target, NEW)
    assert (plan.write, plan.remove, plan.keep) == (("data/one.bin", "layers.py", "more.py"), ("gone/deep/old.py",), ())
    found = contents(target)
    assert sorted(json.loads(found.pop(MANIFEST))) == sorted(NEW)
    assert found == NEW
    assert not (target / "gone").exists()
    assert differences(target, NEW) == ()


def test_edited_files_stay(target):
    (target / "layers.py").write_bytes(b"mine\n")
    (target / "gone/deep/old.py").write_bytes(b"mine, too\n")
    (target / "more.py").write_bytes(b"of my own\n")
    (target / "notes.txt").write_bytes(b"nobody's business\n")
    assert differences(target, NEW) == (
        "data/one.bin differs",
        "gone/deep/old.py was edited by hand, and is not published any more",
        "layers.py was edited by hand",
        "more.py differs, and was not published",
    )
    plan = bring(target, NEW)
    assert plan.keep == ("gone/deep/old.py", "layers.py", "more.py")
    found = contents(target)
    assert found["layers.py"] == b"mine\n"
    assert found["gone/deep/old.py"] == b"mine, too\n"
    assert found["more.py"] == b"of my own\n"
    assert found["notes.txt"] == b"nobody's business\n"
    assert bring(target, NEW).keep == ("layers.py", "more.py")


def test_an_edit_that_is_taken_back_follows_again(target):
    (target / "layers.py").write_bytes(b"mine\n")
    bring(target, NEW)
    (target / "layers.py").write_bytes(OLD["layers.py"])
    assert bring(target, NEW).write == ("layers.py",)
    assert (target / "layers.py").read_bytes() == NEW["layers.py"]


def test_who_has_the_new_content_already_has_edited_nothing(target):
    (target / "layers.py").write_bytes(b"new\r\n")
    (target / "more.py").write_bytes(b"y\n")
    plan = bring(target, NEW)
    assert plan.keep == ()
    assert (target / "layers.py").read_bytes() == b"new\r\n"
    assert bring(target, OLD).keep == ()


def test_deleted_files_are_written_again(target):
    (target / "layers.py").unlink()
    (target / "data/one.bin").unlink()
    (target / "data").rmdir()
    assert bring(target, OLD).write == ("data/one.bin", "layers.py")
    assert bring(target, OLD).unchanged == 3


def test_line_endings_are_no_edits(target):
    (target / "layers.py").write_bytes(b"old\r\n")
    assert differences(target, OLD) == ()
    assert bring(target, NEW).keep == ()
    assert (target / "layers.py").read_bytes() == b"new\n"


def test_line_endings_of_binary_files_are_edits(tmp_path):
    bring(tmp_path / "t", {"a.bin": b"\0\n"})
    (tmp_path / "t" / "a.bin").write_bytes(b"\0\r\n")
    assert differences(tmp_path / "t", {"a.bin": b"\0\n"}) == ("a.bin was edited by hand",)


@pytest.mark.parametrize("moment", range(8))
def test_an_error_in_the_middle_makes_nothing_look_edited(target, monkeypatch, moment):
    """Writing fails at some moment; then a third version follows, which knows nothing of the second."""
    writes = 0
    write = folder_module.write_atomically

    def fail_at_some_moment(path: Path, data: bytes) -> None:
        nonlocal writes
        if writes == moment:
            raise OSError("the disk is full")
        writes += 1
        write(path, data)

    monkeypatch.setattr(folder_module, "write_atomically", fail_at_some_moment)
    try:
        bring(target, NEW)
    except OSError:
        failed = True
    else:
        failed = False
    assert failed == (moment < 5)  # the manifest, three files, the manifest
    monkeypatch.setattr(folder_module, "write_atomically", write)
    for name, data in contents(target).items():
        assert name == MANIFEST or data in (OLD.get(name), NEW.get(name))
    third = {"layers.py": b"third\n", "data/one.bin": b"\0\3", "more.py": b"third\n"}
    assert bring(target, third).keep == ()
    found = contents(target)
    assert all(isinstance(digest, str) for digest in json.loads(found.pop(MANIFEST)).values())
    assert found == third


def test_a_file_is_there_as_it_was_or_complete(target, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        bring(target, NEW)
    assert contents(target).keys() == OLD.keys() | {MANIFEST}
    assert (target / "layers.py").read_bytes() == b"old\n"


def test_links_are_left_alone(target, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "one.bin").write_bytes(OLD["data/one.bin"])
    (outside / "secret.py").write_bytes(OLD["layers.py"])
    before = contents(outside)
    (target / "data/one.bin").unlink()
    (target / "data").rmdir()
    (target / "data").symlink_to(outside)
    (target / "layers.py").unlink()
    (target / "layers.py").symlink_to(outside / "secret.py")
    (target / "more.py").symlink_to(outside / "nothing")
    plan = bring(target, NEW | {"data/two/three.bin": b"\0"})
    assert plan.keep == ("data/one.bin", "data/two/three.bin", "layers.py", "more.py")
    assert "data/one.bin is no plain file" in plan.differences
    assert bring(target, {}).remove == ()
    assert contents(outside) == before
    assert (target / "data").is_symlink()
    assert (target / "layers.py").is_symlink()


def test_other_things_in_a_files_place_are_left_alone(target):
    (target / "layers.py").unlink()
    (target / "layers.py").mkdir()
    (target / "more").write_bytes(b"a file")
    plan = bring(target, NEW | {"more/inside.py": b""})
    assert plan.keep == ("layers.py", "more/inside.py")


def test_a_target_that_is_a_link_is_refused(target, tmp_path):
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(AssignmentError, match="is a link"):
        PublishedFolder(tmp_path / "link")


@pytest.mark.parametrize("damaged", [b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_manifest_is_refused(target, damaged):
    (target / MANIFEST).write_bytes(damaged)
    with pytest.raises(AssignmentError, match="cannot be read: remove it"):
        PublishedFolder(target)


def test_a_manifest_that_is_a_link_is_refused(target, tmp_path):
    (target / MANIFEST).rename(tmp_path / "manifest")
    (target / MANIFEST).symlink_to(tmp_path / "manifest")
    with pytest.raises(AssignmentError, match="cannot be read"):
        PublishedFolder(target)


def test_a_lost_manifest_loses_no_work(target):
    (target / MANIFEST).unlink()
    plan = bring(target, NEW)
    assert plan.keep == ("data/one.bin", "layers.py")
    assert (target / "layers.py").read_bytes() == b"old\n"


@pytest.mark.parametrize(
    "name", ["../outside.py", "/outside.py", "a//b.py", "./a.py", "a\\b.py", "C:a.py", "a/../../outside.py"]
)
def test_a_manifest_reaches_nothing_outside(target, tmp_path, name):
    (tmp_path / "assignments" / "outside.py").write_bytes(b"mine\n")
    digest = manifest(target)["layers.py"]
    (target / MANIFEST).write_text(json.dumps({name: digest}))
    (tmp_path / "assignments" / "outside.py").write_bytes(OLD["layers.py"])
    bring(target, {})
    assert (tmp_path / "assignments" / "outside.py").exists()


def record(path: Path, **arrays: object) -> bytes:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path.read_bytes()


def test_records_are_compared_by_value(tmp_path):
    target, name = tmp_path / "t", "recorded/swish.npz"
    first = record(tmp_path / "a.npz", a=np.array([1.0, 0.0]), b=np.array([np.nan, np.inf]))
    close = record(tmp_path / "b.npz", a=np.array([1.0 + 1e-12, 1e-17]), b=np.array([np.nan, np.inf]))
    bring(target, {name: first})
    assert bring(target, {name: close}).unchanged == 1
    assert (target / name).read_bytes() == first
    others = [
        record(tmp_path / "c.npz", a=np.array([1.0 + 1e-6, 0.0]), b=np.array([np.nan, np.inf])),
        record(tmp_path / "d.npz", a=np.array([1.0, 0.0])),
        record(tmp_path / "e.npz", a=np.array([[1.0, 0.0]]), b=np.array([np.nan, np.inf])),
        record(tmp_path / "f.npz", a=np.array([1.0, 0.0]), b=np.array([np.inf, np.nan])),
        record(tmp_path / "g.npz", a=np.array([1.0, 0.0]), c=np.array([np.nan, np.inf])),
        b"damaged",
        b"",
        first[:-40],
    ]
    for other in others:
        assert bring(target, {name: other}).write == (name,)
        assert bring(target, {name: first}).write == (name,)


def test_damaged_records_are_mended(tmp_path):
    target, name = tmp_path / "t", "recorded/swish.npz"
    first = record(tmp_path / "a.npz", a=np.ones(3))
    bring(target, {name: first})
    (target / name).write_bytes(first.replace(b"\n", b"\r\n"))
    assert bring(target, {name: first}).write == (name,)
    assert (target / name).read_bytes() == first
