"""What a student does with a published folder: on a machine that has neither torch nor the solutions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SELF_CHECK = """
import json, sys
from pathlib import Path
sys.modules["torch"] = None  # importing it fails
from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.submission import open_submission
assignment = load_assignment(Path(sys.argv[1]))
report = run(assignment, open_submission(Path(sys.argv[2]), assignment))
print(json.dumps(report.to_dict()))
"""


def self_check(folder: Path, submission: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SELF_CHECK, str(folder), str(submission)], capture_output=True, text=True, check=True
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.fixture
def home(author, tmp_path):
    """A student's folder, with a published assignment and nothing else."""
    result = author.publish()
    home = tmp_path / "student"
    shutil.copytree(result.target, home / "tiny")
    solution = shutil.copytree(author.folder, tmp_path / "kept" / "tiny")
    shutil.rmtree(author.folder.parent)
    shutil.rmtree(author.target.parent)
    return home / "tiny", solution


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {question["id"]: question["status"] for question in report["questions"]}


def test_stubs_score_nothing_and_are_to_do(home):
    folder, _ = home
    report = self_check(folder, folder)
    assert statuses(report) == {"affine_forward": "todo", "swish": "todo"}
    assert sum(question["score"] for question in report["questions"]) == 0


def test_a_right_solution_gets_every_public_point(home):
    folder, solution = home
    (folder / "layers.py").write_text((solution / "layers.py").read_text())
    report = self_check(folder, folder)
    assert statuses(report) == {"affine_forward": "passed", "swish": "passed"}
    assert report["hidden_points"] == pytest.approx(3 * 0.9 * 2 / (3 + 2))  # all but the robustness share, by weights
    assert report["score"] + report["hidden_points"] == pytest.approx(5)


def test_a_copy_by_another_name_keeps_its_records(home):
    folder, solution = home
    (folder / "layers.py").write_text((solution / "layers.py").read_text())
    report = self_check(folder.rename(folder.parent / "tiny-jsmith"), folder.parent / "tiny-jsmith")
    assert report["assignment"] == "tiny"
    assert statuses(report) == {"affine_forward": "passed", "swish": "passed"}


def test_a_wrong_solution_is_told_apart_from_records(home):
    folder, solution = home
    (folder / "layers.py").write_text((solution / "layers.py").read_text().replace("rows @ w + b", "rows @ w"))
    report = self_check(folder, folder)
    assert statuses(report)["affine_forward"] == "failed"
    assert "out" in report["questions"][0]["checks"][0]["message"]


def test_without_records_answers_are_not_made_up(home):
    folder, solution = home
    shutil.rmtree(folder / "recorded")
    report = self_check(folder, solution)
    assert {check["status"] for question in report["questions"] for check in question["checks"]} == {"skipped"}


def test_other_accepted_forms_are_recorded_too(author, tmp_path):
    """A check asks for another form only when the first is not given, which the solution never makes it do."""
    author.append(
        "checks/swish.py",
        '''

        @reference
        def swish_of_half(x):
            return x * torch.sigmoid(x / 2)


        @question.check()
        def is_swish_of_some_kind(student, rng):
            """is swish, of x or of half of it"""
            x = rng.normal(size=(3, 4))
            out = student.swish(x)
            try:
                expect.close(out, swish(x))
            except WrongAnswerError:
                expect.close(out, swish_of_half(x))
        ''',
    )
    author.replace(
        "checks/swish.py", "import Question\n", "import Question, expect\nfrom grader.errors import WrongAnswerError\n"
    )
    folder = author.publish().target
    author.replace("layers.py", "sigmoid(x))", "sigmoid(x / 2))")
    swish = self_check(folder, author.folder)["questions"][1]
    assert [check["status"] for check in swish["checks"]] == ["failed", "passed", "passed", "skipped"]  # the GPU's
    (author.folder / "layers.py").write_text((author.folder / "layers.py").read_text().replace("x / 2", "x / 3"))
    swish = self_check(folder, author.folder)["questions"][1]
    assert [check["status"] for check in swish["checks"]] == ["failed", "skipped", "failed", "skipped"]
