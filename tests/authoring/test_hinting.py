"""Misconceptions are recorded, published as fingerprints, and named in students' reports."""

from __future__ import annotations

import json
import re

import pytest

from grader.authoring import hinting
from grader.authoring.catalogue import load_catalogue, make_submission
from grader.authoring.hinting import record_hints
from grader.checking.assignment import load_assignment
from grader.checking.engine import run
from grader.checking.hintfile import known_misconceptions
from grader.checking.options import Options
from grader.checking.submission import open_submission
from grader.errors import AssignmentError

from .conftest import Author, contents

RECORD = "recorded/swish.hints.json"
DOUBLED = "It is twice what it should be."
MORE = """
catalogue.wrong("forgets-x", "The sigmoid is not multiplied by x.", edit=("return x * share", "return share"))
catalogue.wrong("twice", "It is twice what it should be.", edit=("return x * share", "return 2 * x * share"))
catalogue.wrong("doubled", "It is twice what it should be.", edit=("return x * share", "return (x + x) * share"))
catalogue.wrong("one-sided", "What is negative counts, too.", edit=("x * share", "np.maximum(x, 0) * share"))
catalogue.wrong("clipped", "Nothing is clipped here.", edit=("x * share", "np.clip(x, 0, None) * share"))
catalogue.wrong("at-random", "It is not random.", edit=("x * share", "x * share + np.random.rand()"))
catalogue.wrong("of-its-own", "It is not random.", edit=("x * share", "x * share + np.random.default_rng().random()"))
catalogue.right("as-a-quotient", edit=("x * share", "x / (1 / share)"))
"""


def graded(assignment, source, folder, **options):
    """Return the checks of swish, written as given."""
    folder.mkdir(exist_ok=True)
    for name in ("layers.py", "helpers.py"):
        (folder / name).write_text((assignment.folder / name).read_text())
    with (folder / "layers.py").open("a") as file:
        file.write(f"\n\ndef swish(x):\n    {source}\n")
    report = run(assignment, open_submission(folder, assignment), Options(["swish"], **options))
    return report.questions[0].checks


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Others would import torch first."""
    monkeypatch.setattr(hinting, "FEW", 1000)


@pytest.fixture
def author(author):
    author.append("misconceptions/swish.py", MORE)
    return author


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    author = Author(tmp_path_factory.mktemp("published"))
    author.append("misconceptions/swish.py", MORE)
    return load_assignment(author.publish().target)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("return 2 * x / (1 + np.exp(-x))", "twice"),
        ("return (2 * x / (1 + np.exp(-x))).astype(np.float32)", "twice"),
        ("x = x.astype(np.float32); return x * (2 / (1 + np.exp(-x)))", "twice"),
        ("return 1 / (1 + np.exp(-x))", "forgets-x"),
        ("return 3 * x / (1 + np.exp(-x))", None),  # nobody's
        ("return np.where(x > 0, x, 0) / (1 + np.exp(-x))", None),  # of two that say different things
        ("return x / (1 + np.exp(-x)) + np.random.rand()", "at-random"),
        ("return x / (1 + np.exp(-x)) + np.random.default_rng().random()", None),
        ("return x[:, :2]", None),
        ("raise ValueError(x.shape)", None),
        ("return x / (1 + np.exp(-x))", None),
    ],
)
def test_the_mistake_is_named_whatever_the_code(published, source, name, tmp_path):
    checks = graded(published, source, tmp_path / "work")
    named = {(check.misconception, check.hint) for check in checks if check.status != "passed" and check.cases}
    sentences = {"twice": DOUBLED, "forgets-x": "The sigmoid is not multiplied by x.", "at-random": "It is not random."}
    right = source == "return x / (1 + np.exp(-x))"
    assert named == (set() if right else {(name, sentences.get(name))})
    assert all(check.hint is None for check in checks if check.status == "passed")


def test_right_variants_have_no_hint(author, published, tmp_path):
    assignment = author.assignment()
    (question,) = assignment.questions(["swish"])
    (variant,) = (one for one in load_catalogue(assignment, "swish").variants if one.right)
    folder = make_submission(assignment, question, variant, tmp_path / "variant")
    (folder / "helpers.py").write_text((author.folder / "helpers.py").read_text())
    report = run(published, open_submission(folder, published), Options(["swish"]))
    assert report.complete
    assert all(check.hint is None for check in report.questions[0].checks)


def test_neither_sources_nor_hidden_checks_are_published(author):
    author.append(
        "checks/swish.py",
        """

        @question.check(hidden=True)
        def on_a_secret_number(student, rng):
            \"\"\"is right at a number\"\"\"
            expect.close(student.swish(np.array([2.0])), np.array([1.7615941559557649]), "out")
        """,
    )
    author.replace(
        "checks/swish.py", "from grader import Question", "import numpy as np\nfrom grader import Question, expect"
    )
    author.append(
        "misconceptions/swish.py",
        """
        catalogue.wrong("wrong-at-two", "Two is nothing special.", edit=("x * share", "x * share + (x == 2.0)"))
        """,
    )
    target = author.publish().target
    text = (target / RECORD).read_text()
    for secret in ("share", "maximum", "on_a_secret_number", "wrong-at-two", "Two is nothing special"):
        assert secret not in text
    record = json.loads(text)
    assert {place[0] for place in record["places"]} == {"agrees_with_torch", "leaves_arguments"}
    assert DOUBLED in {one["sentence"] for one in record["misconceptions"]}
    assert set(re.findall(r'"(\w+)":', text)) - {str(n) for n in range(9)} == {
        *("schema", "digest", "seed", "places", "misconceptions", "id", "sentence", "wrong", "what", "arrays"),
        *("untried", "out"),
    }  # fmt: skip


def test_publishing_again_records_nothing_and_gives_the_same(author, monkeypatch):
    author.publish()
    before = contents(author.target)

    def refuse(*_, **__):
        raise AssertionError("recorded again")

    monkeypatch.setattr(hinting, "_observe", refuse)
    assert not author.publish().written
    assert not author.publish(check=True).differences
    assert contents(author.target) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("misconceptions/swish.py", "Nothing is clipped here.", "Nothing should be clipped here."),
        ("layers.py", "return x * share", "return share * x"),
        ("helpers.py", "1 / (1 + np.exp(-x))", "0.5 * (1 + np.tanh(0.5 * x))"),
    ],
)
def test_a_change_of_what_a_record_depends_on_is_seen(author, name, old, new):
    author.publish()
    author.replace(name, old, new)
    if name == "layers.py":
        path = author.folder / "misconceptions" / "swish.py"
        path.write_text(
            path.read_text()
            .replace('edit=("return x * share"', 'edit=("return share * x"')
            .replace('edit=("x * share"', 'edit=("share * x"')
        )
    before = (author.target / RECORD).read_bytes()
    assert f"{RECORD} differs" in author.publish(check=True).differences
    assert (author.target / RECORD).read_bytes() == before
    assert RECORD in author.publish().written
    assert not author.publish(check=True).differences


def test_a_record_that_was_tampered_with_is_made_again(author):
    author.publish()
    path = author.target / RECORD
    good = path.read_bytes()
    path.write_bytes(good.replace(b"It is twice", b"It is thrice"))
    assert f"{RECORD} differs" in author.publish(check=True).differences
    author.publish()
    assert path.read_bytes() == good


def test_two_runs_of_recording_are_the_same_but_for_what_is_random(author):
    one, other = (record_hints(author.assignment())["swish"] for _ in range(2))
    assert one == other
    loose = {known.id: known.loose for known in one.known if known.loose}
    assert set(loose) <= {"of-its-own"}
    assert "of-its-own" not in {known.id for known in one.known}  # nothing of it can be told again
    assert "at-random" in {known.id for known in one.known}


def test_another_seed_has_its_own_record(author, tmp_path):
    assignment = author.assignment()
    wrong = "return 2 * x / (1 + np.exp(-x))"
    assert {check.misconception for check in graded(assignment, wrong, tmp_path / "work", seed=8)} == {None}
    record_hints(assignment, seed=8, cache=tmp_path / "cache")
    checks = graded(assignment, wrong, tmp_path / "work", seed=8, cache=tmp_path / "cache")
    assert checks[0].misconception == "twice"
    assert known_misconceptions(assignment, "swish", 9, tmp_path / "cache") == ()


def test_the_author_has_hints_from_the_cache_or_from_what_was_published_unless_they_are_old(author, tmp_path):
    author.publish()
    assignment = author.assignment()
    cache = tmp_path / "cache"
    assert known_misconceptions(assignment, "swish", 3, cache)
    author.append("misconceptions/swish.py", "# a word\n")
    assert not known_misconceptions(assignment, "swish", 3, cache)
    record_hints(assignment, cache=cache)
    assert known_misconceptions(assignment, "swish", 3, cache)
    author.append("checks/_inputs.py", "# a word\n")
    assert not known_misconceptions(assignment, "swish", 3, cache)


def test_processes_make_no_difference(author, monkeypatch):
    monkeypatch.setattr(hinting, "FEW", 0)
    monkeypatch.setattr(hinting, "PORTION", 3)
    said = []
    alone = record_hints(author.assignment(), processes=1)
    assert record_hints(author.assignment(), processes=2, on_progress=said.append) == alone
    assert said[-1] == "recording wrong answers: 8 of 8 (swish)"


def test_a_misconception_that_no_longer_fits_stops_publishing(author):
    author.replace("misconceptions/swish.py", '"return share"', '"return ("')
    with pytest.raises(AssignmentError, match="'forgets-x' is no Python"):
        author.publish()
    assert not author.target.exists()
