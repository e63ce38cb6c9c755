"""Wrong answers that nothing explains are gathered from reports as grader run --json writes them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grader.authoring.unexplained import group_unexplained, read_results, render
from grader.checking.evidence import wrong_of
from grader.errors import InputError, WrongAnswerError

X = np.random.default_rng(1).normal(size=(3, 4))


def check(id, value, *, status="failed", misconception=None, case=None, message="out is wrong"):
    wrong = wrong_of(WrongAnswerError(message, {}, {"out": value}, ["out"]))
    details = {"fingerprint": wrong.to_plain(), "case": case or {"n": 1}}
    return {"id": id, "status": status, "misconception": misconception, "message": message, "details": details}


def report(name, *checks, seed=7, question="f"):
    questions = [{"id": question, "checks": list(checks)}]
    return {"schema": "grader.report/1", "submission": name, "seed": seed, "questions": questions}


def summary(reports):
    return [(group.question, group.checks, group.submissions) for group in group_unexplained(reports)]


def test_equal_answers_are_one_group_and_the_most_frequent_comes_first():
    reports = [
        report("kim", check("a", X)),
        report("lee", check("a", 2 * X)),
        report("max", check("a", X.astype(np.float32))),
        report("noa", check("a", X * (1 + 1e-6))),
    ]
    assert summary(reports) == [("f", ("a",), ("kim", "max", "noa")), ("f", ("a",), ("lee",))]


def test_checks_that_the_same_submissions_fail_are_one_group():
    reports = [report(name, check("a", X), check("b", 3 * X)) for name in ("kim", "lee")]
    reports.append(report("max", check("a", X)))
    assert summary(reports) == [("f", ("a",), ("kim", "lee", "max")), ("f", ("b",), ("kim", "lee"))]
    assert summary(reports[:2]) == [("f", ("a", "b"), ("kim", "lee"))]


def test_other_seeds_cases_and_questions_are_other_answers():
    reports = [
        report("kim", check("a", X)),
        report("lee", check("a", X), seed=8),
        report("max", check("a", X, case={"n": 2})),
        report("noa", check("a", X), question="g"),
    ]
    assert len(summary(reports)) == 4


def test_a_question_whose_mistake_is_named_is_explained():
    checks = [check("public", X, misconception="known"), check("hidden", X)]
    assert summary([report("kim", *checks), report("lee", check("hidden", 2 * X))]) == [("f", ("hidden",), ("lee",))]


def test_what_is_explained_right_or_not_decided_is_left_out():
    checks = [check("a", X, misconception="known"), check("b", X, status="passed"), check("c", X, status="skipped")]
    assert summary([report("kim", *checks)]) == []
    assert render([]) == "A misconception explains every wrong answer.\n"


@pytest.mark.parametrize("odd", [None, [], "text", {"fingerprint": 3}, {"fingerprint": {"what": 1}}])
def test_reports_that_say_less_are_no_matter(odd):
    broken = {**check("a", X), "details": odd}
    assert summary([report("kim", broken), {"schema": "grader.report/1", "questions": 3}]) == []


def test_files_and_folders_are_read(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "kim.json").write_text(json.dumps(report("kim", check("a", X))))
    (tmp_path / "in" / "other.json").write_text("{}")
    (tmp_path / "in" / "broken.json").write_text("{")
    assert [one["submission"] for one in read_results([tmp_path / "in"])] == ["kim"]
    assert [one["submission"] for one in read_results([tmp_path / "in" / "kim.json"])] == ["kim"]
    with pytest.raises(InputError, match="is no report"):
        read_results([tmp_path / "in" / "other.json"])
    with pytest.raises(InputError, match="cannot be read"):
        read_results([tmp_path / "none.json"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no report"):
        read_results([tmp_path / "empty"])


def test_the_list_has_an_example_and_some_submissions():
    reports = [report(f"s{n}", check("a", X, message="out\x1b[31m[0] is\n1")) for n in range(5)]
    text = render(group_unexplained(reports))
    assert text == "5 submissions: f (a)\n    out[0] is 1\n    s0, s1, s2, and 2 more\n"
