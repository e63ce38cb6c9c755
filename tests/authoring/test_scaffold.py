from __future__ import annotations

import importlib.util

import pytest

from grader.authoring import scaffold
from grader.authoring.catalogue import load_catalogue, make_submission
from grader.authoring.publish import publish
from grader.authoring.scaffold import create
from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.submission import open_submission
from grader.errors import InputError

from .conftest import contents


def test_a_new_assignment_runs_and_publishes_at_once(tmp_path):
    folder = create("my-course_7", tmp_path)
    assert folder == tmp_path / "solutions" / "my-course_7"
    assignment = load_assignment(folder)
    assignment.validate()
    report = run(assignment, open_submission(folder, assignment))
    assert report.complete
    assert report.score == report.max_score == assignment.points
    assert any(check.hidden for question in assignment.questions() for check in question.checks)

    published = load_assignment(publish(assignment).target)
    report = run(published, open_submission(published.folder, published))
    assert report.score == 0
    assert {question.status for question in report.questions} == {"todo"}
    assert report.hidden_points > 0
    assert "END SOLUTION" not in "".join(path.read_text() for path in published.folder.glob("*.py"))


def test_a_new_assignment_comes_with_answers_to_grade_the_grader_by(tmp_path):
    assignment = load_assignment(create("mine", tmp_path))
    for question in assignment.questions():
        variants = load_catalogue(assignment, question.name).variants
        assert {variant.right for variant in variants} == {True, False}
        for variant in variants:
            folder = make_submission(assignment, question, variant, tmp_path / question.name / variant.id)
            report = run(assignment, open_submission(folder, assignment), Options([question.name]))
            assert report.complete == variant.right, variant.id


def test_a_new_assignment_carries_its_name(tmp_path):
    folder = create("mine", tmp_path)
    texts = contents(folder)
    assert b'title = "mine"' in texts["assignment.toml"]
    assert b"grader run mine" in texts["README.md"]
    assert not any(b"@NAME@" in text or b"\r" in text for text in texts.values())
    assert not any(name.endswith(".txt") for name in texts)


def test_templates_are_no_modules_of_ours():
    assert importlib.util.find_spec("grader.authoring.template.layers") is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "a b", "-a", "_a", "é", "a.b", "a" * 61, "a\n"])
def test_names_that_are_none_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot name an assignment"):
        create(name, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["solutions", "assignments"])
def test_nothing_is_overwritten(tmp_path, place):
    (tmp_path / place / "mine").mkdir(parents=True)
    with pytest.raises(InputError, match="is there already"):
        create("mine", tmp_path)
    assert contents(tmp_path) == {}


def test_a_dangling_link_is_there_already(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "mine").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is there already"):
        create("mine", tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "solutions").write_text("a file")
    with pytest.raises(InputError, match="cannot be made"):
        create("mine", tmp_path)


def test_a_half_made_assignment_is_taken_away(tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("stop")

    monkeypatch.setattr(scaffold.Path, "write_text", fail)
    with pytest.raises(RuntimeError):
        create("mine", tmp_path)
    assert list((tmp_path / "solutions").iterdir()) == []
