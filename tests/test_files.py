"""Files that are never seen half written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.files import replacing, write_atomically


def test_a_file_is_replaced_by_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.bin"
    for data in (b"one", b"and another\0"):
        write_atomically(path, data)
        assert path.read_bytes() == data
        assert [*path.parent.iterdir()] == [path]


def test_until_it_is_complete_the_old_one_is_there(tmp_path: Path) -> None:
    path = tmp_path / "report.bin"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"half")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"half"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_ends_in_the_middle_leaves_the_old_one_and_nothing_else(tmp_path: Path, error: type[Exception]) -> None:
    path = tmp_path / "report.bin"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_long_name_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / ("\N{SNOWMAN}" * 85)
    write_atomically(path, b"1")
    assert path.read_bytes() == b"1"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are other things there")
def test_everybody_may_read_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.bin", b"1")
    assert (tmp_path / "report.bin").stat().st_mode & 0o777 == 0o644
