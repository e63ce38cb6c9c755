from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("demand", "ends"), [("required", "1 error"), ("", "1 skipped")])
def test_without_a_browser_it_is_said_and_where_it_is_required_it_fails(tmp_path: Path, demand: str, ends: str) -> None:
    one = "tests/browser/test_pages.py::test_the_policy_stops_what_would_run"
    environment = {**os.environ, "PATH": str(tmp_path), "GRADER_BROWSER": demand}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-rs", one],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "there is no Chromium here" in done.stdout
    assert done.returncode == (1 if demand else 0)
    assert ends in done.stdout
