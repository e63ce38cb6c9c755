from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.checking.checksfolder import ChecksFolder

CHECK = """
from grader.checking.question import Question
from ._helper import VALUE
question = Question("one", file="layers.py", points=1, title=f"1 {VALUE}")
"""


@pytest.fixture(autouse=True)
def _byte_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text(CHECK)
    (tmp_path / "_helper.py").write_text("VALUE = 1\n")
    return tmp_path


def title(folder: Path) -> str:
    return ChecksFolder(folder).question("one").title


def same_time(path: Path, content: str) -> None:
    before = path.stat()
    path.write_text(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_edit_of_one_size_at_one_time_is_seen(folder: Path) -> None:
    assert title(folder) == "1 1"
    same_time(folder / "one.py", CHECK.replace('f"1', 'f"2'))
    assert title(folder) == "2 1"
    same_time(folder / "_helper.py", "VALUE = 3\n")
    assert title(folder) == "2 3"


def test_what_has_been_there_for_a_while_has_byte_code(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
    assert title(folder) == "1 1"
    kept = {path.name.partition(".")[0] for path in (folder / "__pycache__").iterdir()}
    assert kept == {"one", "_helper"}


def test_what_was_saved_a_moment_ago_has_none(folder: Path) -> None:
    assert title(folder) == "1 1"
    assert not (folder / "__pycache__").exists()
