"""Folders of processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.processes.folder import ClaimedFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has desks")

CLAIM = """
import sys
from grader.processes.folder import ClaimedFolder
folder = ClaimedFolder("desk-")
(folder.path / "checks").mkdir()
(folder.path / "checks" / "hidden.py").touch()
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_process_leaves_is_removed_by_the_next(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:
        assert process.stdout is not None
        other = Path(process.stdout.readline().strip())
        assert other.parent == temporary
        mine = ClaimedFolder("desk-")
        assert (other / "checks" / "hidden.py").exists(), "it is claimed"
        process.kill()
    again = ClaimedFolder("desk-")
    assert sorted(temporary.iterdir()) == sorted([mine.path, again.path])
    assert mine.path.stat().st_mode & 0o777 == 0o700
    mine.remove()
    again.remove()
    assert list(temporary.iterdir()) == []


def test_nothing_else_is_removed(temporary: Path) -> None:
    (temporary / "desk-file").write_text("a file")
    (temporary / "desk-empty").mkdir()  # somebody may be about to claim it
    (temporary / "other").mkdir()
    (temporary / "other" / "kept").touch()
    (temporary / "desk-link").symlink_to("other")
    ClaimedFolder("desk-").remove()
    assert {path.name for path in temporary.iterdir()} == {"desk-file", "desk-empty", "desk-link", "other"}
    assert (temporary / "other" / "kept").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_what_belongs_to_another_user_stays(temporary: Path) -> None:
    (temporary / "desk-theirs").mkdir()
    (temporary / "desk-theirs" / "kept").touch()
    os.chown(temporary / "desk-theirs", 65534, 65534)
    ClaimedFolder("desk-").remove()
    assert (temporary / "desk-theirs" / "kept").exists()
