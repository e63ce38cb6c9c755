from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.summary.gradebook import LAST, PERSON, cell, header, rows, write
from grader.errors import InputError

from ..made import POINTS, alike, attempt, check, classroom, question, report

TWO = {"affine_forward": 2.0, "adam": 3.0}


def only(*given: Any, **more: Any) -> list[dict[str, str]]:
    return list(rows(given, TWO, **more))


def test_a_row_says_all_there_is() -> None:
    wrong = {"misconception": "no-correction", "hint": "Correct."}
    made = report(
        question("affine_forward", check("agrees", points=2.0)),
        question(
            "adam", check("agrees", points=1 / 3), check("b", "failed", 2.0, **wrong), check("c", "failed", **wrong)
        ),
    )
    places = {"place": lambda one: f"reports/{one.key}.json", "feedback": lambda one: f"feedback/{one.key}.html"}
    (row,) = only(attempt("kim", made, number=3, late=True), **places)
    assert row == {
        "key": "kim", "name": "Kim", "email": "kim@example.edu", "number": "0012", "submission": "kim",
        "affine_forward": "2", "adam": "0.3333", "total": "2.3333", "max": "5.3333", "status": "graded", "look at": "",
        "late": "yes", "submitted": "2026-11-02T18:00:00+01:00", "attempt": "3", "graded": "2026-11-03T08:00:00+00:00",
        "misconceptions": "adam: no-correction", "report": "reports/kim.json",
        "feedback": "feedback/kim.html",
    }  # fmt: skip


def test_where_a_person_has_to_decide_there_is_no_total() -> None:
    (refused,) = only(attempt("kim", None, state="refused", problem="no zip", late=None, submitted=None))
    assert (refused["total"], refused["max"], refused["status"]) == ("", "5", "refused")
    assert (refused["look at"], refused["late"], refused["submitted"]) == ("could not be graded: no zip", "", "")
    assert only(attempt("kim", None, state="refused", score=0.0, max_score=5.0))[0]["total"] == ""
    (fault,) = only(attempt("kim", None, state="fault", problem=""))
    assert (fault["total"], fault["status"], fault["look at"]) == ("", "needs a look", "the grader failed")
    assert "adam" not in fault


def test_what_needs_a_look_keeps_its_total() -> None:
    (row,) = rows([attempt("kim", alike("error", "no module"))], POINTS)
    assert (row["total"], row["status"], row["look at"]) == ("0", "needs a look", "nothing but errors: no module")


def test_members_of_a_group_each_have_its_row() -> None:
    people = tuple({"key": key, "name": key.upper(), "email": "", "number": ""} for key in ("a", "b"))
    first, second = only(attempt("team", people=people))
    assert (first["key"], first["submission"], second["key"], second["submission"]) == ("a", "team", "b", "team")
    assert first["total"] == second["total"] == "2"


def test_a_submission_of_nobody_known_has_a_row() -> None:
    (row,) = only(attempt("folder 7", people=()))
    assert (row["key"], row["name"], row["submission"]) == ("folder 7", "", "folder 7")


def test_somebody_in_two_submissions_is_pointed_out() -> None:
    people = ({"key": "kim", "name": "Kim", "email": "", "number": ""},)
    first, second = only(attempt("one", people=people), attempt("two", people=people))
    assert (first["look at"], second["look at"]) == ("", "is in submission one, too")


def test_who_is_not_graded_yet_has_a_row_that_says_so() -> None:
    people = [{"key": key, "name": key, "email": f"{key}@x", "number": ""} for key in ("kim", "lee")]
    _, kim, lee, nobody = only(attempt("kim"), waiting={"lee": people, "max": ()})
    assert lee == {
        "key": "lee", "name": "lee", "email": "lee@x", "number": "", "submission": "lee", "max": "5",
        "status": "not graded yet", "look at": "",
    }  # fmt: skip
    assert (kim["submission"], kim["look at"]) == ("lee", "is in submission kim, too")
    assert (nobody["key"], nobody["status"]) == ("max", "not graded yet")


def test_questions_that_are_named_like_columns_or_are_not_asked() -> None:
    made = report(question("total", check("a", points=2.0)), question("other", check("a")))
    (row,) = rows([attempt("kim", made)], {"total": 2.0})
    assert header(["total"]) == [*PERSON, "total (question)", *LAST]
    assert (row["total (question)"], row["total"], set(row) - set(header(["total"]))) == ("2", "3", set())


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r\n =1", "'=1"),
        ("\x1b[31m=1", "'=1"),
        ("\u200b=1", "'=1"),
        ("＝1", "'＝1"),
        ('a;=HYPERLINK("x")', 'a;\'=HYPERLINK("x")'),
        ("a; -b", "a; '-b"),
        ("Kim-Lee <k@x> 1+1=2", "Kim-Lee <k@x> 1+1=2"),
        ("line\none", "line one"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_or_two_lines(text: str, want: str) -> None:
    assert cell(text) == want


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_whatever_somebody_is_called_is_harmless_and_read_back(name: str) -> None:
    person = {"key": "kim", "name": name, "email": name, "number": name}
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, header(TWO), lineterminator="\r\n")
    table.writeheader()
    table.writerows(only(attempt("kim", people=(person,))))
    out.getvalue().encode()
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["total"] == "2"
    assert not row["name"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", " "))
    assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in row["name"])


def test_the_file_is_what_spreadsheets_expect(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.csv"
    people = ({"key": "kim", "name": 'Đorđe "D", Petrović', "email": "", "number": ""},)
    write(path, only(attempt("kim", people=people), attempt("lee")), TWO)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfkey,name,")
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    with open(path, encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["name"], first["adam"], second["key"]) == ('Đorđe "D", Petrović', "", "lee")
    assert list(first) == [*PERSON, *TWO, *LAST]


def test_a_whole_class_is_one_table(tmp_path: Path) -> None:
    write(tmp_path / "g.csv", rows(classroom(60), POINTS), POINTS)
    with open(tmp_path / "g.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file, strict=True))
    assert [row["key"] for row in table] == [f"s{place:04d}" for place in range(60)]
    assert {row["status"] for row in table} == {"graded", "refused", "needs a look"}
    for row in table:
        if row["status"] == "graded":
            assert sum(float(row[name]) for name in POINTS) == pytest.approx(float(row["total"]), abs=0.01)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.csv"
    path.write_text("before")

    def broken() -> Any:
        yield from only(attempt("kim"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, broken(), TWO)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "gradebook.csv").mkdir()
    with pytest.raises(InputError, match=r"gradebook.csv could not be written \(.*\): see whether") as caught:
        write(tmp_path / "gradebook.csv", [], TWO)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.csv"]
