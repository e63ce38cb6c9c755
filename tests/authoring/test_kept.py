"""Outcomes that are kept from one audit for the next: what is run again, and what becomes of damage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring import kept as module
from grader.authoring.audit import audit
from grader.authoring.findings import Audit
from grader.authoring.hinting import record_hints
from grader.authoring.inputs import Inputs, look
from grader.authoring.jobs import Job, Judged, Outcome
from grader.authoring.kept import SUFFIX, Kept
from grader.authoring.naming import named_by
from grader.authoring.plainoutcomes import from_plain, to_plain
from grader.checking.assignment import load_assignment
from grader.checking.evidence import Wrong
from grader.checking.fingerprint import Fingerprint
from grader.checking.hintfile import known_misconceptions
from grader.checking.hints import Known
from grader.checking.report import STATUSES, WAITS, CheckResult, QuestionResult

from .test_audit import MORE, Small

VARIANT = Job("variant", ("f",), id="thrice", what="3 * x")
MUTANTS = Job("mutants", ("f",), name="f", parts=2)


def checked(status: str = "failed", id: str = "doubles", robust: bool = False) -> CheckResult:
    return CheckResult(id, "", "", 0.0, 0.0, status, "it is wrong", details={"robust": True} if robust else {})


def answered(job: Job, *checks: CheckResult, **more: Any) -> Outcome:
    return Outcome(job, (QuestionResult("f", "", 0.0, 0.0, "failed", 0.0, checks),), **more)


def judged(*names: str) -> tuple[Judged, ...]:
    return tuple(Judged(name, 3, "+ becomes -", "f", checked()) for name in names)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path, "f")


def read_by(small: Small) -> Inputs:
    assignment = load_assignment(small.folder)
    states = look(assignment)
    return Inputs(assignment, assignment.questions(), states)


def opened(small: Small, *, fresh: bool = False) -> Kept:
    return Kept(small.folder.parent / "cache" / "small", read_by(small), fresh=fresh)


def file_of(small: Small) -> Path:
    return small.folder.parent / "cache" / "small" / f"f{SUFFIX}"


def keep(small: Small, *outcomes: Outcome) -> None:
    kept = opened(small)
    for outcome in outcomes:
        kept.take(outcome)
    kept.save()


def test_an_outcome_is_found_again_and_is_what_it_was_when_it_was_kept(small: Small) -> None:
    kept = opened(small)
    outcome = answered(VARIANT, checked(), checked("passed", "other", robust=True), seen={("doubles", ""): Wrong("ab")})
    assert kept.split(VARIANT) == (None, [VARIANT])
    taken = kept.take(outcome)
    kept.save()
    assert opened(small).split(VARIANT) == (taken, [])
    assert opened(small).split(replace(VARIANT, what="4 * x"))[0] is None
    assert opened(small).split(replace(VARIANT, questions=("f", "g")))[0] is None
    assert opened(small, fresh=True).split(VARIANT) == (None, [VARIANT])


def test_what_might_have_ended_otherwise_is_not_kept(small: Small) -> None:
    solution, late = Job("solution", ("f",)), frozenset({"f"})
    keep(
        small,
        answered(VARIANT, checked(), fleeting=frozenset({"thrice"})),
        answered(solution, checked("timeout"), fleeting=late),
        Outcome(MUTANTS, mutants=judged("a", "b", "c"), total=3, fleeting=frozenset({"b"})),
        Outcome(replace(VARIANT, what="gone"), problem="it does not fit"),
    )
    kept = opened(small)
    assert kept.split(VARIANT) == (None, [VARIANT])
    assert kept.split(solution) == (None, [solution])
    assert kept.split(replace(VARIANT, what="gone"))[0] is None
    known, left = kept.split(MUTANTS)
    assert known is not None
    assert [one.id for one in known.mutants] == ["a", "c"]
    assert left == [replace(MUTANTS, part=0, parts=1, skip=frozenset("ac"))]


def test_what_was_run_anew_replaces_what_was_kept_even_by_nothing(small: Small) -> None:
    keep(small, answered(VARIANT, checked()))
    kept = opened(small, fresh=True)
    kept.take(answered(VARIANT, checked("timeout"), fleeting=frozenset({"thrice"})))
    kept.save()
    assert opened(small).split(VARIANT) == (None, [VARIANT])


def test_mutants_of_several_parts_and_audits_come_together(small: Small) -> None:
    _, left = opened(small).split(MUTANTS)
    assert [(job.part, job.parts) for job in left] == [(0, 2), (1, 2)]
    keep(small, *(Outcome(job, mutants=judged(name), total=3) for job, name in zip(left, "ab", strict=True)))
    keep(small, Outcome(opened(small).split(MUTANTS)[1][0], mutants=judged("c"), total=3))
    known, left = opened(small).split(MUTANTS)
    assert known is not None
    assert ([one.id for one in known.mutants], left) == (["a", "b", "c"], [])


def test_questions_of_one_job_are_kept_each_by_itself(tmp_path: Path) -> None:
    small = Small(tmp_path, "f", "g", "h")
    job = Job("solution", ("f", "g", "h"), parts=2)
    results = [QuestionResult(name, "", 1.0, 0.0, "passed", 0.0, (checked("passed"),)) for name in "fgh"]
    keep(small, Outcome(job, tuple(results), calls={("f", "doubles"): 2, ("g", "doubles"): 3}))
    small.append("checks/g.py", "\n# edited\n")
    known, left = opened(small).split(job)
    assert known is not None
    assert [result.id for result in known.results] == ["f", "h"]
    assert (known.calls, left) == ({("f", "doubles"): 2}, [replace(job, questions=("g",))])


def test_what_is_to_be_recorded_runs_once_more_only_where_it_failed(small: Small) -> None:
    seen = {("doubles", ""): Wrong("ab"), ("leaves_x", ""): None}
    keep(small, answered(VARIANT, checked(), seen=seen))
    twice = replace(VARIANT, twice=True)
    costly = replace(twice, dear=frozenset({("f", "trains")}))
    kept = opened(small)
    assert kept.split(costly) == (None, [costly])
    _, (again,) = kept.split(twice)
    assert again.repeats == {"doubles"}
    kept.take(Outcome(again, again={("doubles", ""): Wrong("cd")}))
    kept.save()
    known, left = opened(small).split(twice)
    assert known is not None
    assert (known.seen, known.again, left) == (seen, {("doubles", ""): Wrong("cd")}, [])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_ignored(file: tuple[Path, Inputs], data: st.DataObject) -> None:
    path, inputs = file
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from(
            [whole[:place], whole[place + 1 :], whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]]
        )
    )
    assert Kept(path.parent, inputs).split(VARIANT)[0] is not None
    path.write_bytes(damaged)
    try:
        assert Kept(path.parent, inputs).split(VARIANT) == (None, [VARIANT])
    finally:
        path.write_bytes(whole)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inputs]:
    small = Small(tmp_path_factory.mktemp("damaged"), "f")
    keep(small, answered(VARIANT, checked(), seen={("doubles", ""): Wrong("ab")}))
    return file_of(small), read_by(small)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(to_plain(Outcome(VARIANT)), json_values)) | json_values)
def test_an_entry_that_is_none_is_no_outcome(plain: Any) -> None:
    try:
        outcome = from_plain(plain, VARIANT)
    except ValueError:
        return
    assert from_plain(to_plain(outcome), VARIANT) == outcome


words = st.text(max_size=8)
checks = st.builds(checked, st.sampled_from(STATUSES), words, st.booleans())
wrongs = st.none() | st.builds(
    Wrong,
    words,
    st.dictionaries(words, st.just(Fingerprint((2, 3), 1.5, (1, -2, 3, 4), (5, 6, 7, 8))), max_size=2),
    st.just(("1", "-2.5e-3", "nan", "40%")),
)
evidence = st.dictionaries(st.tuples(words, words), wrongs, max_size=4)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        answered,
        st.just(VARIANT),
        checks,
        checks,
        seen=evidence,
        again=st.none() | evidence,
        mutants=st.lists(st.builds(Judged, words, st.integers(), words, words, st.none() | checks)).map(tuple),
        total=st.integers(0),
        calls=st.dictionaries(st.tuples(words, words), st.integers(0)),
    )
)
def test_plain_data_says_all_that_an_audit_asks(outcome: Outcome) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(outcome))), VARIANT) == outcome


def test_an_entry_of_another_form_is_run_again(small: Small) -> None:
    keep(small, answered(VARIANT, checked()))
    body = file_of(small).read_bytes().partition(b"\n")[2]
    (key,) = json.loads(body)
    file_of(small).write_bytes(module._written({key: {"results": "none"}}))
    assert opened(small).split(VARIANT) == (None, [VARIANT])


def test_a_file_is_bounded_and_what_was_used_last_stays(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [replace(VARIANT, what=str(number)) for number in range(5)]
    for job in jobs:
        keep(small, answered(job, checked()))
    room = 2 * len(json.dumps(to_plain(answered(jobs[0], checked()))))
    monkeypatch.setattr(module, "MOST", room)
    kept = opened(small)
    assert kept.split(jobs[0])[0] is not None
    kept.take(answered(VARIANT, checked()))
    kept.save()
    found = [opened(small).split(job)[0] is not None for job in (*jobs, VARIANT)]
    assert found == [True, False, False, True, True, True]


def test_files_that_nobody_used_for_long_go(small: Small) -> None:
    keep(small, answered(VARIANT, checked()))
    other = file_of(small).parents[1] / "gone" / f"g{SUFFIX}"
    other.parent.mkdir()
    month = 30 * 86400
    for path, age in ((other, 3 * month), (file_of(small), 3 * month)):
        path.write_bytes(file_of(small).read_bytes())
        os.utime(path, (time.time() - age,) * 2)
    kept = opened(small)
    kept.split(VARIANT)
    kept.save()
    assert (other.exists(), file_of(small).exists()) == (False, True)


# --- whole audits -----------------------------------------------------------------------------------------------------


def audited(small: Small, *names: str, **more: Any) -> Audit:
    return audit(load_assignment(small.folder), names, cache=small.folder.parent / "cache", **more)


def plain(result: Audit) -> dict[str, Any]:
    return result.to_dict() | {"seconds": 0, "kept": 0}


def test_only_what_an_edit_touches_is_run_again_and_all_audits_say_the_same(tmp_path: Path) -> None:
    small = Small(tmp_path, "f", "g")
    first = audited(small, hands=2)
    assert (first.kept, first.proven, first.answers) == (0, True, 2 * (2 + 3 + 5))
    again = audited(small)
    assert (again.kept, plain(again)) == (again.answers, plain(first))

    small.replace("misconceptions/f.py", "x is taken three times.", "It is three times x.")  # nothing to run
    sentence = audited(small)
    assert (sentence.kept, plain(sentence)) == (sentence.answers, plain(first))

    small.replace("misconceptions/f.py", "3 * x", "x * 2")
    edited = audited(small, "f")
    assert edited.answers - edited.kept == 1
    assert [(finding.kind, finding.subject) for finding in edited.findings] == [("wrong", "thrice")]

    small.replace("misconceptions/f.py", "x * 2", "3 * x")
    small.append("checks/f.py", "\n# edited\n")
    checks = audited(small)
    assert (checks.kept, plain(checks)) == (checks.answers // 2, plain(first))

    fresh = audited(small, fresh=True, hands=2)
    assert (fresh.kept, plain(fresh)) == (0, plain(first))


def test_endless_loops_are_run_again(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    small.replace("assignment.toml", "[files]", "[limits]\ncall_seconds = 0.2\n\n[files]")
    loop = '\n\n@catalogue.wrong("endless", "It never ends.")\ndef f(x):\n    while True:\n        pass\n'
    small.append("misconceptions/f.py", loop)
    first = audited(small)
    for _ in range(2):  # by a good record, and without
        again = audited(small)
        assert again.answers - again.kept == 1
        assert plain(first) == plain(again)


def test_a_check_that_looks_at_a_clock_is_asked_again_where_it_alone_may_refuse(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    small.append("checks/f.py", MORE.format(id="is_fast"))
    body = (
        '    x = rng.normal(size=4)\n    expect.close(student.f(x), 2 * x, "out")\n    assert student.last.wall >= 0\n'
    )
    small.append("checks/f.py", body)
    small.solve("f", "return np.maximum(2 * x, 2 * x)")
    small.replace("misconceptions/f.py", '("2 * x", "3 * x")', '("(2 * x", "(3 * x")')
    small.append("misconceptions/f.py", '\ncatalogue.wrong("slow", "It is slow.", edit=("(2 * x", "(x * 2"))\n')
    first, again = audited(small), audited(small)
    assert [finding.kind for finding in first.findings] == ["wrong", "mutant", "check"]
    assert again.answers - again.kept == 2  # what other checks refuse stays refused, and what is right stays fast
    assert plain(first) == plain(again)


def test_nothing_is_kept_of_an_audit_during_which_somebody_writes(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")

    def write(_: str) -> None:
        small.append("checks/f.py", "\n# edited\n")

    assert audited(small, on_progress=write).proven
    assert not list((tmp_path / "solutions" / "cache" / "audit").rglob("*"))
    assert not list((tmp_path / "solutions" / "cache" / "hints").rglob("*"))


def test_what_an_interrupted_audit_has_done_is_not_done_again(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")

    def interrupt(text: str) -> None:
        if text.startswith("3 of"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audited(small, on_progress=interrupt)
    later = audited(small)
    assert 0 < later.kept < later.answers
    assert later.proven


def test_the_record_that_an_audit_makes_is_that_of_publishing(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    long = "    for _ in range(51):\n        expect.close(student.f(1.0), 2.0, 'out')\n"
    small.append("checks/f.py", MORE.format(id="asks_often").replace("check()", "check(costly=True)") + long)
    random = (
        '\n\n@catalogue.wrong("random", "It is random.")\ndef f(x):\n    return x * np.random.default_rng().random()\n'
    )
    small.append("misconceptions/f.py", random)
    audited(small)
    assignment = load_assignment(small.folder)
    cache = small.folder.parent / "cache"
    made = known_misconceptions(assignment, "f", assignment.seed, cache)
    assert made == record_hints(assignment)["f"].known
    assert [one.id for one in made] == ["thrice", "in-place"]  # the third is never the same


def test_recording_an_answer_makes_no_difference_to_what_is_said_of_it(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    long = "    for _ in range(51):\n        expect.close(student.f(0.0), 0.0, 'out')\n"  # which wrong ones pass, too
    small.append("checks/f.py", MORE.format(id="asks_often").replace("check()", "check(costly=True)") + long)
    small.append(
        "misconceptions/f.py", '\n\n@catalogue.wrong("both", "x is tripled.")\ndef f(x):\n    x *= 3\n    return x\n'
    )
    recorded, fresh = audited(small), audited(small, fresh=True)
    assert plain(recorded) == plain(fresh)
    assert [(check.id, check.refused) for check in fresh.questions[0].checks] == [
        ("doubles", 7),
        ("leaves_x", 1),
        ("asks_often", 0),
    ]


def test_an_answer_is_named_by_what_its_student_would_be_told_of() -> None:
    places = ("doubles", ""), ("leaves_x", "")
    wrong = Wrong("ab")
    known = Known("thrice", "x is taken three times.", {places[0]: wrong}, frozenset(places))
    waiting = replace(checked("skipped", "leaves_x", robust=True), message=WAITS.format("f"))
    seen = {places[0]: wrong, places[1]: wrong}
    assert named_by(answered(VARIANT, checked(), waiting, seen=seen), [known]) == {"thrice"}
    assert named_by(answered(VARIANT, checked(), checked(id="leaves_x"), seen=seen), [known]) == set()


def test_two_audits_at_once_agree_and_the_next_finds_all(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    code = (
        "import json, sys; from pathlib import Path; from grader.authoring.audit import audit;"
        "from grader.checking.assignment import load_assignment\n"
        "if __name__ == '__main__':\n"
        "    result = audit(load_assignment(Path(sys.argv[1])), cache=Path(sys.argv[2]))\n"
        "    print(json.dumps(result.to_dict()))\n"
    )
    program = tmp_path / "program.py"
    program.write_text(code)
    command = [sys.executable, str(program), str(small.folder), str(tmp_path / "solutions" / "cache")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    one, other = (json.loads(process.communicate(timeout=120)[0]) for process in both)
    later = audited(small)
    assert later.kept == later.answers
    assert one | {"seconds": 0, "kept": 0} == other | {"seconds": 0, "kept": 0} == json.loads(json.dumps(plain(later)))


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    (tmp_path / "solutions" / "cache").write_text("no folder")
    result = audited(small)
    assert (result.proven, result.kept) == (True, 0)
