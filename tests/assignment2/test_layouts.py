"""Folders written for the public course are graded as they are: package layout, old imports, no compiled extension."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.submission import open_submission
from grader.sandbox.launch import Launcher

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
OLD = "from __future__ import print_function\nfrom builtins import range, object\nfrom past.builtins import xrange\n\n"
ONE_OF_EACH_FILE = list({question.file: question.name for question in ASSIGNMENT.questions()}.values())
EXTENSION = """
try:
    from {package}im2col_cython import col2im_cython, im2col_cython
except ImportError:
    print("run setup.py first")
"""


def course_folder(root: Path, package: str, up: str) -> Path:
    """Write the solution in the course's layout, its modules imported with the given prefixes."""
    for entry in ASSIGNMENT.files:
        place = entry.aliases[0]
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = up if "classifiers" in place else package
        source = (ASSIGNMENT.folder / entry.name).read_text()
        text = re.sub(r"^from (layers|layer_utils|fast_layers) import", rf"from {prefix}\1 import", source, flags=re.M)
        if entry.name == "fast_layers.py":
            text += EXTENSION.format(package=package)
        target.write_text(OLD + text)
    (root / "cs231n" / "__init__.py").write_text("")
    (root / "cs231n" / "classifiers" / "__init__.py").write_text(
        "from cs231n.classifiers.k_nearest_neighbor import *\n"
    )
    return root


@pytest.mark.parametrize(("package", "up"), [("cs231n.", "cs231n."), (".", "..")], ids=["absolute", "relative"])
@pytest.mark.parametrize("inside", ["", "cs231n", "above"])
def test_course_layout(package: str, up: str, inside: str, tmp_path: Path, cache: Path, launcher: Launcher) -> None:
    root = course_folder(tmp_path / "homework" / "assignment2", package, up)
    given = {"": root, "cs231n": root / "cs231n", "above": tmp_path}[inside]
    submission = open_submission(given, ASSIGNMENT)
    everything = (
        not inside and up != ".."
    )  # elsewhere it is enough to see that each file is found, and finds the others
    report = run(
        ASSIGNMENT, submission, Options([] if everything else ONE_OF_EACH_FILE, cache=cache, launcher=launcher)
    )
    lost = [f"{check.id}: {check.message}" for q in report.questions for check in q.checks if check.status != "passed"]
    assert report.complete, lost
    assert (report.score == 100) == everything
    assert not submission.problems


@pytest.mark.parametrize("relative", [False, True])
def test_flat_layout(relative: bool, tmp_path: Path, cache: Path, launcher: Launcher) -> None:
    for entry in ASSIGNMENT.files:
        shutil.copyfile(ASSIGNMENT.folder / entry.name, tmp_path / entry.name)
        if relative:
            text = (tmp_path / entry.name).read_text()
            (tmp_path / entry.name).write_text(
                re.sub(r"^from (layers|layer_utils) import", r"from .\1 import", text, flags=re.M)
            )
    report = run(
        ASSIGNMENT, open_submission(tmp_path, ASSIGNMENT), Options(ONE_OF_EACH_FILE, cache=cache, launcher=launcher)
    )
    assert report.complete
    assert report.exit_code == 0
