"""A run that is stopped from another thread, and the workshop that goes on after it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checking.question import Question
from grader.checking.report import QuestionResult
from grader.checking.stopping import Stop
from grader.checking.submission import open_submission
from grader.checking.workshop import Workshop
from grader.sandbox.launch import ColdStart

CONFIG = 'title = "T"\npoints = 2\nquestions = ["f", "g"]\n\n[files]\n"layers.py" = []\n'
CHECK = '''"""{name}: one."""

from grader import Question, expect

question = Question("{name}", file="layers.py", points=1, returns="out:number", depends={depends})


@question.check()
def gives_one(student, rng):
    """gives one"""
    expect.close(student.{name}(), {value}, "out")
'''
ENDLESS = "def f():\n    while True:\n        pass\n\n\ndef g():\n    return 2\n"
RIGHT = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checks").mkdir()
    (tmp_path / "assignment.toml").write_text(CONFIG)
    (tmp_path / "checks" / "f.py").write_text(CHECK.format(name="f", value=1, depends=[]))
    (tmp_path / "checks" / "g.py").write_text(CHECK.format(name="g", value=1, depends=["f"]))
    return tmp_path


@pytest.fixture
def workshop(folder: Path) -> Iterator[Workshop]:
    with Workshop(folder, device="cpu") as made:
        yield made


class StopsAtOnce:
    """Stops a run from another thread as soon as a question has begun."""

    def __init__(self, stop: Stop) -> None:
        self.thread = threading.Thread(target=stop.stop)

    def question_started(self, question: Question) -> None:
        self.thread.start()

    def question_finished(self, result: QuestionResult) -> None:
        raise AssertionError("nothing can be decided")


def test_a_run_is_stopped_and_the_next_one_goes_on(folder: Path, workshop: Workshop) -> None:
    (folder / "layers.py").write_text(ENDLESS)
    submission = open_submission(folder, workshop.assignment)
    stop = Stop()
    observer = StopsAtOnce(stop)
    report = workshop.run(submission, ["f"], observer, through=stop.through)
    observer.thread.join()
    assert report.interrupted
    assert [question.status for question in report.questions] == ["skipped"]
    (folder / "layers.py").write_text(RIGHT)
    assert workshop.run(submission, ["f"]).complete


def test_who_is_stopped_before_it_begins_does_not_begin(folder: Path, workshop: Workshop) -> None:
    (folder / "layers.py").write_text(RIGHT)
    stop = Stop()
    stop.stop()
    with pytest.raises(KeyboardInterrupt):
        workshop.run(open_submission(folder, workshop.assignment), ["f"], through=stop.through)


def test_a_worker_that_is_not_stopped_is_as_without(tmp_path: Path) -> None:
    stop = Stop()
    launcher = stop.through(ColdStart())
    assert launcher.tier == "process"
    running = launcher.launch(str(tmp_path))
    assert not running.ended
    running.kill()
    assert running.wait(60) == -9
    running.end()
    assert running.ended
    for pipe in (running.requests, running.replies, running.printed):
        pipe.close()


def test_what_is_known_of_other_questions_counts(folder: Path, workshop: Workshop) -> None:
    (folder / "layers.py").write_text("def f():\n    return 3\n\n\ndef g():\n    return 2\n")
    submission = open_submission(folder, workshop.assignment)
    (wrong,) = workshop.run(submission, ["f"]).questions
    (alone,) = workshop.run(submission, ["g"]).questions
    (waiting,) = workshop.run(submission, ["g"], known={"f": wrong}).questions
    assert (wrong.status, alone.status, waiting.status) == ("failed", "failed", "skipped")


def test_only_edited_course_files_are_loaded_again(folder: Path, workshop: Workshop) -> None:
    assert workshop.refresh() == []
    (before,) = workshop.questions(["f"])
    assert workshop.questions(["f"]) == [before]
    path = folder / "checks" / "f.py"
    path.write_text(path.read_text().replace("gives one", "gives exactly one"))
    assert workshop.refresh() == ["f.py"]
    (after,) = workshop.questions(["f"])
    assert after.checks[0].title == "gives exactly one"
    path.unlink()
    assert workshop.refresh() == ["f.py"]
