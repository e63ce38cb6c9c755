from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.authoring import folder
from grader.authoring.publish import PublishResult, publish
from grader.checking.answers import read_answers
from grader.checking.assignment import load_assignment
from grader.errors import AssignmentError, InputError

from .conftest import AFFINE, SWISH, Author, contents

FILES = (
    "README.md",
    "assignment.toml",
    "checks/_inputs.py",
    "checks/affine_forward.py",
    "checks/swish.py",
    "helpers.py",
    "layers.py",
    "recorded/affine_forward.npz",
    "recorded/swish.hints.json",
    "recorded/swish.npz",
)


def refused(author: Author) -> str:
    with pytest.raises(AssignmentError) as caught:
        author.publish()
    assert not author.target.exists()
    return str(caught.value)


def test_publishing_writes_a_folder_that_can_be_loaded(author):
    told: list[str] = []
    result = author.publish(on_progress=told.append)
    assert result == PublishResult(author.target, written=FILES)
    assert sorted(contents(author.target)) == [".published.json", *FILES]
    published = load_assignment(author.target)
    assert published.published
    assert published.hidden == {"affine_forward": (2.0, 0.0)}
    published.validate()
    assert told[0] == "reading the assignment"
    assert "checking the solution of swish" in told


def test_publishing_again_changes_nothing(author):
    author.publish()
    before = contents(author.target)
    times = {name: (author.target / name).stat().st_mtime_ns for name in before}
    result = author.publish()
    assert result == PublishResult(author.target, unchanged=len(FILES))
    assert contents(author.target) == before
    assert {name: (author.target / name).stat().st_mtime_ns for name in before} == times


def test_publishing_twice_gives_the_same_bytes(tmp_path):
    one, other = Author(tmp_path / "one"), Author(tmp_path / "other")
    one.publish()
    other.publish()
    assert contents(one.target) == contents(other.target)


def test_checking_writes_nothing_and_says_what_differs(author):
    result = author.publish(check=True)
    assert result.differences == tuple(f"{name} is missing" for name in FILES)
    assert not author.target.exists()
    author.publish()
    before = contents(author.target)
    assert author.publish(check=True).differences == ()

    author.write("extra.py", "a = 1\n")
    author.publish()
    (author.folder / "extra.py").unlink()
    author.replace("layers.py", '"""Layers."""', '"""More layers."""')
    (author.target / "README.md").write_text("mine")
    (author.target / "helpers.py").unlink()
    (author.target / "recorded/swish.npz").write_bytes(b"")
    before = contents(author.target)
    result = author.publish(check=True)
    assert result.differences == (
        "README.md was edited by hand",
        "extra.py is not published any more",
        "helpers.py is missing",
        "layers.py differs",
        "recorded/swish.hints.json differs",  # layers.py has changed, which it is made of
        "recorded/swish.npz differs",
    )
    assert (result.written, result.removed, result.kept) == ((), (), ("README.md",))
    assert contents(author.target) == before


def test_a_students_edits_are_kept(author):
    author.publish()
    mine = author.published("layers.py").replace('raise NotImplementedError("write swish")', "return x")
    (author.target / "layers.py").write_text(mine)
    author.replace("layers.py", "Return x times its sigmoid", "Return x times sigmoid(x)")
    author.replace("helpers.py", "Given code", "Code that is given")
    result = author.publish()
    assert result.kept == ("layers.py",)
    assert result.written == ("helpers.py", "recorded/swish.hints.json")  # its digest
    assert author.published("layers.py") == mine
    assert "Code that is given" in author.published("helpers.py")
    assert author.publish() == PublishResult(author.target, kept=("layers.py",), unchanged=len(FILES) - 1)
    assert author.publish(check=True).differences == ("layers.py was edited by hand",)


def test_records_hold_just_what_the_public_checks_ask(author):
    author.publish()
    records = read_answers(author.target / "recorded/affine_forward.npz")
    assert sorted(np.asarray(records[digest]).shape for digest in records) == [(1, 2), (4, 2)]


def test_records_that_differ_in_the_last_bits_are_the_same(author):
    author.publish()
    path = author.target / "recorded/affine_forward.npz"
    with np.load(path) as file:
        arrays = {name: file[name] * (1 + 1e-13) for name in file.files}
    np.savez(path, **arrays)
    data = path.read_bytes()
    assert author.publish(check=True).differences == (".published.json differs",)
    assert author.publish() == PublishResult(author.target, unchanged=len(FILES))
    assert path.read_bytes() == data
    assert author.publish(check=True).differences == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("layers.py", "rows @ w + b", "rows @ w - b", "affine_forward, agrees with torch: out[0, 0] is"),
        ("layers.py", "x * share\n", "x * share * nothing\n", "swish, agrees with torch: NameError"),
        ("layers.py", "return out, (x, w)", "return None", "affine_forward returned None"),
        ("checks/swish.py", "torch.sigmoid(x)", "torch.sigmo1d(x)", "the grader itself failed here"),
        ("checks/swish.py", "import reference, torch", "import reference, torc", "checks/swish.py line 4: ImportError"),
        ("assignment.toml", "points = 5", "points = 6", "promises 6 points"),
    ],
)
def test_a_wrong_solution_is_never_published(author, name, old, new, words):
    author.replace(name, old, new)
    message = refused(author)
    assert words in message


def test_a_wrong_solution_names_every_failing_check(author):
    author.replace("layers.py", "rows @ w + b", "rows @ w - b")
    author.replace("layers.py", "x * share\n", "x\n")
    message = refused(author)
    assert message.startswith("nothing was published, since the solution does not pass the public checks:")
    assert "\n  affine_forward, agrees with torch: " in message
    assert "\n  swish, agrees with torch: " in message


def test_without_torch_answers_cannot_be_recorded(author, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    assert "pip install 'grader[torch]'" in refused(author)


def test_a_check_that_breaks_on_wrong_answers_is_refused(author):
    author.append(
        "checks/swish.py",
        '''

        @question.check()
        def is_looked_up(student, rng):
            """gives zero for zero"""
            {0.0: "right"}[float(student.swish(rng.normal(size=(1,)) * 0)[0])]
        ''',
    )
    assert "a check breaks when an answer is wrong: swish, gives zero for zero:" in refused(author)


def test_a_check_of_something_missing_here_does_not_hinder(author):
    author.append(
        "checks/swish.py",
        '''

        @question.check(needs=["cuda"])
        def is_fast(student, rng):
            """is fast on a graphics card"""
        ''',
    )
    told: list[str] = []
    author.publish(on_progress=told.append)
    assert any(
        re.match("not tried: swish, is fast on a graphics card: --device cpu was asked for", line) for line in told
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows=[2, 5])", "rows=[2, 5], **{'hidden': True})\nquestion.forward(swish, inputs, id='b', rows=[1])"),
        (
            "rows=[2, 5])",
            "rows=[2, 5])\nquestion.checks[0] = __import__('dataclasses').replace(question.checks[0], hidden=True)",
        ),
    ],
)
def test_what_is_hidden_in_another_way_is_refused(author, old, new):
    author.replace("checks/swish.py", old, new)
    message = refused(author)
    assert "hidden=True" in message


def test_a_question_needs_a_public_check(author):
    check = '@question.check(hidden=True)\ndef a(student, rng):\n    """is right"""\n'
    author.replace("checks/swish.py", "question.forward(swish, inputs, rows=[2, 5])\n", check)
    assert "swish has hidden checks only" in refused(author)


def test_a_hidden_statement_makes_no_public_check_beside(author):
    author.append(
        "checks/swish.py",
        """

        def two_checks(hidden):
            question.forward(swish, inputs, id="one", rows=[1])
            question.again(question.checks[0], id="two", hidden=bool(hidden), rows=[3])


        two_checks(hidden=True)
        """,
    )
    message = refused(author)
    assert "write hidden=True or hidden=False" in message
    author.replace("checks/swish.py", ", hidden=bool(hidden), rows=[3]", ", rows=[3], **{'hidden': hidden}")
    message = refused(author)
    assert "question swish: what the file says and what it makes differ in what is hidden (see one)" in message


def test_checks_that_lack_something_without_their_hidden_ones_are_refused(author):
    source = AFFINE.replace("    x, w = np.ones", "    global SIZE\n    SIZE = 4\n    x, w = np.ones")
    author.write(
        "checks/affine_forward.py", source.replace("rows=[1, 4]", "rows=[1, globals().get('question', 4) and 4]")
    )
    author.publish()
    author.write("checks/affine_forward.py", AFFINE.replace("rows=[1, 4]", "rows=[1, len(vars()['np'].ones(4))]"))
    with pytest.raises(AssignmentError, match=r"without their hidden checks, .*line 10: KeyError: 'np'"):
        author.publish()


def test_functions_among_cases_are_no_difference(author):
    source = (
        SWISH.replace("question.forward(swish, inputs, rows=[2, 5])", "")
        + '''
@question.check(function=[swish, lambda x: x])
def is_asked(student, rng, function):
    """is asked"""
    student.swish(*inputs(rng, 2))
'''
    )
    author.write("checks/swish.py", source)
    assert "checks/swish.py" in author.publish().written


def test_a_published_folder_is_not_published_again(author):
    author.publish()
    with pytest.raises(AssignmentError, match="is published already"):
        publish(load_assignment(author.target))


def test_an_assignment_lies_in_solutions(author):
    with pytest.raises(AssignmentError, match="is not in a folder 'solutions'"):
        publish(replace(author.assignment(), folder=author.folder.parent.parent))


def test_an_interrupted_rehearsal_writes_nothing(author):
    def interrupt(message: str) -> None:
        if "swish" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        author.publish(on_progress=interrupt)
    assert not author.target.exists()


def test_a_folder_that_cannot_be_written_is_refused(author, monkeypatch):
    def fail(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(folder, "write_atomically", fail)
    with pytest.raises(InputError, match=r"could be written in part only .No space left on device"):
        author.publish()


@pytest.mark.parametrize("name", ["assignments", "assignments/tiny"])
def test_a_file_in_the_way_is_refused(author, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("a file")
    with pytest.raises(AssignmentError, match="is in the way"):
        author.publish()
