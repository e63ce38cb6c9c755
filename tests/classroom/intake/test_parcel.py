"""A parcel: what it says of itself, and that it unpacks where it should and nowhere else."""

from __future__ import annotations

import os
import pickle
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.intake.parcel import Parcel
from grader.errors import InputError, SubmissionError

FILES = {"layers.py": b"x = 1\n", "cs231n/classifiers/fc_net.py": b"", "李小龙.py": b"\xff\x00"}


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_unpacks_for_everybody_to_read(tmp_path: Path, strict_umask: None) -> None:
    folder = tmp_path / "new"
    Parcel(FILES).unpack(folder)
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == FILES
    modes = {stat.S_IMODE(path.stat().st_mode) for path in found.values()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()}
    assert (modes, folders) == ({0o644}, {0o755})


def test_takes_an_empty_folder_and_no_other(tmp_path: Path) -> None:
    Parcel({"a.py": b""}).unpack(tmp_path)
    with pytest.raises(InputError, match="is not empty: give a new folder"):
        Parcel({"b.py": b""}).unpack(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


@pytest.mark.parametrize(
    "name",
    ["../a.py", "/a.py", "a/../../b.py", "C:/a.py", "C:a.py", "a\\b.py", "a\0b.py", "a\nb", "", ".", "..", "a/.."],
)
def test_never_writes_what_could_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        Parcel({"layers.py": b"", name: b"x"}).unpack(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_cannot_be_a_folder_too(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"^a/b\.py has the same name here as another file"):
        Parcel({"a": b"", "a/b.py": b""}).unpack(tmp_path / "new")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"^\./a\.py has the same name here as another file: rename one of them$"):
        Parcel({"a.py": b"1", "./a.py": b"2"}).unpack(tmp_path / "new")
    assert (tmp_path / "new/a.py").read_bytes() == b"1"


def test_an_unwritable_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        Parcel(FILES).unpack(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        Parcel(FILES).unpack(tmp_path / "no" / "folder")


def test_goes_to_another_process_and_comes_back() -> None:
    parcel = Parcel(FILES, ("one note",))
    assert pickle.loads(pickle.dumps(parcel)) == parcel


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
CONTENTS = st.dictionaries(NAMES, st.binary(max_size=6), max_size=4)


@settings(deadline=None, derandomize=True)
@given(CONTENTS, CONTENTS)
def test_digests_are_equal_if_and_only_if_files_are(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (Parcel(one).digest == Parcel(other).digest) == (one == other)
    assert Parcel(one).digest == Parcel(dict(reversed(one.items())), ("a note",)).digest


def test_digest_tells_names_from_contents() -> None:
    digests = {Parcel(files).digest for files in ({"ab": b"c"}, {"a": b"bc"}, {"a": b"", "bc": b""}, {"abc": b""}, {})}
    assert len(digests) == 5
