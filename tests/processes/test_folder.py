"""Folders of processes that are killed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.processes.folder import ClaimedFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has desks")

DESK = f"desk-{platform.node()}-"
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
    (temporary / f"{DESK}file").write_text("a file")
    (temporary / f"{DESK}empty").mkdir()  # somebody may be about to claim it
    (temporary / "other").mkdir()
    (temporary / "desk-another.machine-x").mkdir()
    (temporary / "desk-another.machine-x" / "kept").touch()
    (temporary / "other" / "kept").touch()
    (temporary / f"{DESK}link").symlink_to("other")
    ClaimedFolder("desk-").remove()
    stay = {f"{DESK}file", f"{DESK}empty", f"{DESK}link", "other", "desk-another.machine-x"}
    assert {path.name for path in temporary.iterdir()} == stay
    assert (temporary / "other" / "kept").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_what_belongs_to_another_user_stays(temporary: Path) -> None:
    (temporary / f"{DESK}theirs").mkdir()
    (temporary / f"{DESK}theirs" / "kept").touch()
    os.chown(temporary / f"{DESK}theirs", 65534, 65534)
    ClaimedFolder("desk-").remove()
    assert (temporary / f"{DESK}theirs" / "kept").exists()
