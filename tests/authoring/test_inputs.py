"""The digest of all that an outcome depends on: every edit that may matter makes another one."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from grader.authoring import inputs
from grader.authoring.inputs import Inputs, look
from grader.checking.assignment import load_assignment

from .test_audit import Small


@pytest.fixture
def small(tmp_path: Path) -> Small:
    small = Small(tmp_path, "f", "g", "h")
    small.write("checks/_shared.py", "ONE = 1\n")
    small.write("data/digits.txt", "0 1 2\n")
    small.write("README.md", "# Small\n")
    return small


def made(small: Small) -> Inputs:
    assignment = load_assignment(small.folder)
    states = look(assignment)
    return Inputs(assignment, assignment.questions(), states)


def key(small: Small, *questions: str) -> str:
    return made(small).key(questions or ("f",), "variant", "this")


@pytest.mark.parametrize(
    "name", ["layers.py", "assignment.toml", "README.md", "checks/f.py", "checks/_shared.py", "data/digits.txt"]
)
def test_an_edit_of_what_is_read_is_seen(small: Small, name: str) -> None:
    before = key(small)
    small.append(name, "\n# edited\n")
    assert key(small) != before


def test_new_files_and_missing_ones_are_seen(small: Small) -> None:
    keys = [key(small)]
    small.write("data/more/new.txt", "")
    keys.append(key(small))
    (small.folder / "data" / "digits.txt").unlink()
    keys.append(key(small))
    small.write("checks/_other.py", "")
    keys.append(key(small))
    assert len(set(keys)) == 4


def test_what_is_behind_a_link_is_seen_and_a_circle_ends(small: Small, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.mkdir()
    (large / "a.txt").write_text("a")
    (small.folder / "linked").symlink_to(large)
    (small.folder / "data" / "up").symlink_to(small.folder)
    before = key(small)
    (large / "a.txt").write_text("b")
    assert key(small) != before


@pytest.mark.parametrize("name", ["misconceptions/f.py", "misconceptions/audit.toml", "checks/g.py"])
def test_what_another_question_or_answer_is_about_is_no_matter(small: Small, name: str) -> None:
    small.write("misconceptions/audit.toml", "")
    before = key(small)
    small.append(name, "\n# edited\n")
    assert key(small) == before
    assert key(small, "f", "g") != before


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("checks/f.py", "from . import g"),
        ("checks/f.py", "from .g import question as other"),
        ("checks/_shared.py", "from .g import question"),
        ("checks/f.py", "import importlib"),  # so who knows what else
        ("checks/h.py", "from . import g"),  # f depends on h
    ],
)
def test_checks_that_others_import_count_for_these_too(small: Small, name: str, line: str) -> None:
    small.replace("checks/f.py", 'returns="out"', 'returns="out", depends=["h"]')
    small.append(name, f"\ndef later():\n    {line}\n")
    before = key(small)
    small.append("checks/g.py", "\n# edited\n")
    assert key(small) != before


def test_the_answer_and_its_questions_count(small: Small) -> None:
    found = made(small)
    keys = [found.key(*what) for what in [(("f",), "a"), (("f",), "b"), (("g",), "a"), (("f", "g"), "a"), (("f",),)]]
    assert len(set(keys)) == len(keys)
    assert found.key(("f",), "a") == made(small).key(("f",), "a")


def test_the_grader_itself_counts(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "grader"
    (own / "checking").mkdir(parents=True)
    (own / "checking" / "engine.py").write_text("a = 1\n")
    monkeypatch.setattr(inputs, "_OWN", own)
    before = key(small)
    (own / "checking" / "__pycache__").mkdir()
    (own / "checking" / "__pycache__" / "engine.pyc").write_bytes(b"")
    assert key(small) == before
    (own / "checking" / "engine.py").write_text("a = 2\n")
    assert key(small) != before


def test_what_is_around_counts(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key(small)]
    monkeypatch.setenv("OMP_NUM_THREADS", "17")
    keys.append(key(small))
    (tmp_path / "site" / "torch-99.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site"), str(tmp_path / "nowhere")])
    keys.append(key(small))
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    keys.append(key(small))
    monkeypatch.setattr(sys, "version", "3.99")
    keys.append(key(small))
    assert len(set(keys)) == len(keys)


def test_files_that_are_touched_meanwhile_are_noticed(small: Small) -> None:
    found = made(small)
    assert found.unchanged()
    path = small.folder / "misconceptions" / "f.py"
    text, before = path.read_bytes(), path.stat()
    path.write_bytes(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not found.unchanged()
    assert made(small).unchanged()
    (small.folder / "misconceptions" / "g.py").unlink()
    assert not found.unchanged()
