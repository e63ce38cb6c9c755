from __future__ import annotations

import json
import math
import sqlite3
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.classroom.record.attempt import Attempt
from grader.classroom.record.reading import report_of
from grader.classroom.record.results import FILE, Results
from grader.errors import InputError
from grader.sandbox.isolation import TIERS

from ..made import BASIS, attempt, check, classroom, question, report

CHILD = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from classroom.made import BASIS, attempt, classroom
from grader.classroom.record.results import Results
from grader.errors import InputError

folder, task = Path(sys.argv[1]), sys.argv[2]
try:
    with Results.open(folder, BASIS) as results:
        print("open", flush=True)
        if task == "hold":
            sys.stdin.read()
        if task == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        while task != "hold":
            for one in classroom(50):
                number = results.add(one)
                print(one.key, number, flush=True)
except InputError as error:
    print("error", error, flush=True)
"""


def start(folder: Path, task: str) -> subprocess.Popen[str]:
    code = CHILD.format(tests=str(Path(__file__).parents[2]))
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), task], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kept(folder: Path) -> list[Attempt]:
    with Results.open(folder, BASIS) as results:
        return list(results.latest())


def told(action: Callable[[], Any]) -> str | None:
    """What the error says, if there is one; any other error is one of the test."""
    try:
        action()
    except InputError as error:
        return str(error)
    return None


def plain(one: Attempt) -> Attempt:
    """As it is after JSON."""
    return replace(one, report=None if one.report is None else json.loads(json.dumps(one.report)), number=1)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    given = [*classroom(40), attempt("zoe", late=None, submitted=None)]
    with Results.open(tmp_path / "new" / "out", BASIS) as results:
        assert [results.add(one) for one in given] == [1] * 41
        assert list(results.latest()) == [plain(one) for one in given]
    assert kept(tmp_path / "new" / "out") == [plain(one) for one in given]
    assert [path.name for path in (tmp_path / "new" / "out").iterdir()] == [FILE]


def test_earlier_attempts_are_kept(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        numbers = [results.add(attempt(key, digest=digest)) for key, digest in ("ka", "la", "kb", "kc", "lb")]
        assert numbers == [1, 1, 2, 3, 2]
        assert [(one.key, one.number, one.digest) for one in results.latest()] == [("k", 3, "c"), ("l", 2, "b")]
        assert [(one.number, one.digest) for one in results.attempts("k")] == [(1, "a"), (2, "b"), (3, "c")]
        assert list(results.attempts("nobody")) == []


def test_the_last_attempts_come_in_the_order_of_keys_while_others_are_added(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        for key in "dbca":
            results.add(attempt(key))
        seen = []
        for one in results.latest():
            seen.append(one.key)
            assert len(seen) < 10
            results.add(attempt(one.key, digest="again"))
        assert seen == ["a", "b", "c", "d"]
        assert {one.number for one in results.latest()} == {2}


@pytest.mark.parametrize(
    ("more", "asked", "want"),
    [
        ({}, {}, True),
        ({}, {"digest": "changed"}, False),
        ({}, {"grader": "0.2.0"}, False),
        ({}, {"seed": 5}, False),
        ({"digest": "other"}, {}, False),
        ({"state": "refused", "problem": "no zip"}, {}, True),
        ({"state": "fault", "problem": "KeyError"}, {}, False),
    ],
)
def test_what_is_current(tmp_path: Path, more: dict[str, Any], asked: dict[str, Any], want: bool) -> None:
    with Results.open(tmp_path, BASIS) as results:
        assert not results.is_current("kim", "this", TIERS)
        results.add(attempt("kim", **{"digest": "this", **more}))
    with Results.open(tmp_path, replace(BASIS, **asked), reseed=True) as results:
        assert results.is_current("kim", "this", TIERS) is want
        assert not results.is_current("lee", "this", TIERS)


@pytest.mark.parametrize(
    ("tiers", "want"), [(["full", "lite"], True), (["lite"], True), (["full"], False), ([], False)]
)
def test_a_grade_holds_in_its_tier(tmp_path: Path, tiers: list[str], want: bool) -> None:
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt("kim", digest="this"))
        results.add(attempt("lee", digest="this", state="refused", problem="no zip"))
        assert results.is_current("kim", "this", tiers) is want
        assert results.is_current("lee", "this", tiers), "nothing was run of it"


def test_only_the_last_attempt_is_current(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt(digest="old"))
        results.add(attempt(digest="new"))
        assert (results.is_current("kim", "old", TIERS), results.is_current("kim", "new", TIERS)) == (False, True)


def test_the_first_seed_stays_unless_another_is_asked_for(tmp_path: Path) -> None:
    def seed(given: int, **more: bool) -> int:
        with Results.open(tmp_path, replace(BASIS, seed=given), **more) as results:
            return results.basis.seed

    assert [seed(1), seed(2), seed(3, reseed=True), seed(4), seed(1, reseed=True)] == [1, 1, 3, 3, 1]
    assert seed(-(10**30), reseed=True) == seed(7) == -(10**30)


def test_a_change_of_the_assignment_keeps_the_seed(tmp_path: Path) -> None:
    Results.open(tmp_path, BASIS).close()
    with Results.open(tmp_path, replace(BASIS, digest="new", seed=9)) as results:
        assert results.basis == replace(BASIS, digest="new")


def test_people_are_told_anew_of_the_last_attempt_only(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt("kim"))
        results.add(attempt("kim"))
        people = ({"key": "kim", "name": "Kim Lee", "email": "", "number": ""},)
        results.describe(attempt("kim", people=people, late=True, origin="b.zip", submitted=None, digest="no"))
        first, last = results.attempts("kim")
    assert (first.people[0]["name"], first.late, first.origin) == ("Kim", False, "inbox/kim.zip")
    assert (last.people, last.late, last.origin, last.submitted) == (people, True, "b.zip", None)
    assert last.digest == "digest of kim"


TEXTS = st.text(st.characters(codec=None), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS, st.one_of(st.none(), st.floats()))
def test_any_text_and_number_comes_back(tmp_path: Path, key: str, name: str, problem: str, got: float | None) -> None:
    made = report(question("affine_forward", check("agrees", "failed", message=problem, details={"got": [got]})))
    person = {"key": key, "name": name, "email": name, "number": problem}
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt(key, made, people=(person,), problem=problem))
        *_, found = results.attempts(key)
    written = key.encode("utf-8", "backslashreplace").decode()
    assert (found.key, found.problem) == (written, problem.encode("utf-8", "backslashreplace").decode())
    assert found.people == (person,)
    assert found.result is not None
    (back,) = found.result.questions[0].checks[0].details["got"]
    assert back == got or (math.isnan(got or 0.0) and math.isnan(back))
    assert found.result.questions[0].checks[0].message == problem


def test_numbers_of_numpy_become_plain(tmp_path: Path) -> None:
    details = {"got": np.float64(0.5), "shape": np.array([2, 3])}
    made = report(question("affine_forward", check("agrees", "failed", details=details)))
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt("kim", made))
        (found,) = results.latest()
    assert found.result is not None
    assert found.result.questions[0].checks[0].details == {"got": 0.5, "shape": [2, 3]}


@pytest.mark.parametrize(
    "more",
    [
        {"state": "lost"},
        {"score": math.nan},
        {"seconds": math.inf},
        {"score": None},
        {"made": report(question("affine_forward", check("agrees")), interrupted=True)},
    ],
)
def test_what_is_no_attempt_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kim|lost"):
        attempt("kim", **more)


def test_one_at_a_time_is_in_memory(tmp_path: Path) -> None:
    long = report(*(question(f"q{place}", check("agrees", "failed", message="m" * 2000)) for place in range(20)))
    with Results.open(tmp_path, BASIS) as results:
        for place in range(60):
            results.add(attempt(f"s{place}", long))
        tracemalloc.start()
        count = sum(1 for _ in results.latest())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 60
    assert peak < 12 * len(json.dumps(long.to_dict()))


def test_what_cannot_be_stored_leaves_no_trace(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        with pytest.raises(sqlite3.ProgrammingError):
            results.add(attempt("kim", graded_at=object()))
        assert results.add(attempt("kim")) == 1
    assert len(kept(tmp_path)) == 1


# One run at a time


def test_a_second_run_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with start(tmp_path, "hold") as holder:
        assert line_of(holder) == "open"
        with pytest.raises(InputError, match=f"^{tmp_path} is in use by another grading run: .* --out$"):
            Results.open(tmp_path, replace(BASIS, assignment="other"))
        holder.kill()
    assert kept(tmp_path) == []  # the lock went with the process


def test_a_run_that_stored_nothing_keeps_others_out_too(tmp_path: Path) -> None:
    Results.open(tmp_path, BASIS).close()
    with start(tmp_path, "hold") as holder:
        assert line_of(holder) == "open"
        with pytest.raises(InputError, match="is in use"):
            Results.open(tmp_path, BASIS)
        holder.communicate("")


def test_the_same_process_cannot_open_it_twice(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        with pytest.raises(InputError, match="is in use"):
            Results.open(tmp_path, BASIS)
        results.add(attempt())
    assert len(kept(tmp_path)) == 1


def test_of_two_that_start_at_once_one_goes_on(tmp_path: Path) -> None:
    processes = [start(tmp_path, "hold") for _ in range(2)]
    said = sorted(line_of(process) for process in processes)
    for process in processes:
        process.communicate("")
    assert said[1] == "open"
    assert "is in use by another grading run" in said[0]


# What ends a process


@pytest.mark.parametrize("lines", [1, 30, 400])
def test_a_kill_loses_nothing_that_was_stored(tmp_path: Path, lines: int) -> None:
    with start(tmp_path, "fill") as process:
        assert line_of(process) == "open"
        said = [line_of(process) for _ in range(lines)]
        process.kill()
        said += process.stdout.read().split("\n")  # type: ignore[union-attr]
    stored = [(key, int(number)) for key, number in (text.split() for text in said if text.count(" ") == 1)]
    assert len(stored) >= lines
    with Results.open(tmp_path, BASIS) as results:
        found = [(one.key, one.number) for key in dict(stored) for one in results.attempts(key)]
        assert set(stored) <= set(found)
        assert len(found) <= len(stored) + 1  # one may have been stored and not told any more
        assert results.add(attempt("next")) == 1
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_where_the_file_cannot_grow_nothing_stored_is_lost(tmp_path: Path) -> None:
    with start(tmp_path, "full") as process:
        out, _ = process.communicate("")
    *stored, error = out.splitlines()[1:]
    assert error.startswith(f"error {tmp_path / FILE} could not be read or written (")
    assert error.endswith("nothing that was stored is lost, and the same command goes on from there")
    assert len(stored) > 5
    with Results.open(tmp_path, BASIS) as results:
        found = [
            f"{one.key} {one.number}" for key in {line.split()[0] for line in stored} for one in results.attempts(key)
        ]
        assert sorted(found) == sorted(stored)
        assert results.add(attempt("next")) == 1


def test_a_full_disk_in_one_line(tmp_path: Path) -> None:
    with Results.open(tmp_path, BASIS) as results:
        results._database.connection.execute("PRAGMA max_page_count = 24")
        error, stored = None, 0
        for one in classroom(500):
            error = told(lambda one=one: results.add(one))
            if error is not None:
                break
            stored += 1
        assert error is not None
        assert "the disk is full: make room; nothing that was stored is lost, and the same command goes on" in error
        assert stored > 5
        assert len(list(results.latest())) == stored
        results._database.connection.execute("PRAGMA max_page_count = 1000000")
        results.add(attempt("zoe"))
    assert len(kept(tmp_path)) == stored + 1


# Files that are something else


def refused(folder: Path) -> str:
    before = (folder / FILE).read_bytes() if (folder / FILE).is_file() else None
    with pytest.raises(InputError) as caught:
        kept(folder)
    assert "\n" not in str(caught.value)
    assert before is None or (folder / FILE).read_bytes() == before
    return str(caught.value)


def test_results_of_another_assignment(tmp_path: Path) -> None:
    Results.open(tmp_path, replace(BASIS, assignment="assignment1")).close()
    assert (
        refused(tmp_path)
        == f"{tmp_path} holds results of assignment1, not of assignment2: give another folder with --out"
    )


@pytest.mark.parametrize("content", [b"name,score\nkim,3\n", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert refused(tmp_path).startswith(f"{tmp_path / FILE} is ")


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert kept(tmp_path) == []


def test_a_database_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("CREATE TABLE attempts (recipe TEXT)")
    assert "another program's database" in refused(tmp_path)


def test_a_newer_schema(tmp_path: Path) -> None:
    Results.open(tmp_path, BASIS).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 2")
    assert "was written by a newer grader: update this one" in refused(tmp_path)


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "taken" / FILE).mkdir(parents=True)
    assert refused(tmp_path / "file").startswith(f"{tmp_path / 'file'} cannot be made: ")
    assert "cannot be written" in refused(tmp_path / "taken")


def test_a_name_of_a_table_that_is_no_text_any_more(tmp_path: Path) -> None:
    Results.open(tmp_path, BASIS).close()
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content.replace(b"CREATE TABLE bases", b"CREATE TABLE \x80ases"))
    assert refused(tmp_path).startswith(f"{tmp_path / FILE} is damaged (")


@pytest.mark.parametrize("content", [b"", b"no zlib", zlib.compress(b"no JSON"), zlib.compress(b"{}")])
def test_a_report_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    with Results.open(tmp_path, BASIS) as results:
        results.add(attempt("kim"))
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE attempts SET report = ?", (content,))
    assert f"{tmp_path / FILE} is damaged (attempt 1 of kim cannot be read: " in refused(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    with Results.open(folder, BASIS) as results:
        for one in classroom(12):
            results.add(one)
    return folder / FILE


SPOTS = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SPOTS, st.sampled_from([200, 4096, 2**20]), st.none() | st.integers(1, 2**20))
def test_damage_is_one_line(
    tmp_path: Path, whole: Path, spots: list[tuple[int, int]], near: int, cut: int | None
) -> None:
    content = bytearray(whole.read_bytes())
    for place, byte in spots:
        content[place % min(near, len(content))] = byte  # heads of files and pages matter most
    if cut is not None:
        del content[1 + cut % len(content) :]
    for suffix in ("", "-wal", "-journal", "-shm"):
        (tmp_path / (FILE + suffix)).unlink(missing_ok=True)
    (tmp_path / FILE).write_bytes(content)
    error = told(lambda: kept(tmp_path))
    assert error is None or "\n" not in error


# Reports read back


def test_a_report_is_read_back() -> None:
    made = report(question("affine_forward", check("agrees", "failed", hint="h", misconception="m", details={"a": 1})))
    assert report_of(made.to_dict()) == made
    assert report_of(json.loads(json.dumps(made.to_dict() | {"new key": 1}))) == made


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for key, item in items for leaf in leaves(item, (*path, key)))]


MADE = json.loads(json.dumps(report(question("affine_forward", check("agrees"))).to_dict()))
CHECKED = [path for path in leaves(MADE) if path and not {"environment", "isolation", "details"} & set(path[:-1])]


@pytest.mark.parametrize("path", [path for path in CHECKED if path[-1] not in ("score", "max_score") or len(path) > 1])
@pytest.mark.parametrize("value", [object(), float("nan"), 10**400])
def test_what_is_no_report_is_refused(path: tuple[Any, ...], value: Any) -> None:
    data = json.loads(json.dumps(MADE))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    if value == 10**400 and path[-1] in ("seed", "cases", "failed_cases"):
        value = "1"
    inner[path[-1]] = value
    with pytest.raises(ValueError, match=r"is n|a number that is none"):
        report_of(data)
    if isinstance(inner, dict):
        del inner[path[-1]]
        with pytest.raises(ValueError, match=r"a report has no|is not grader.report/1"):
            report_of(data)
