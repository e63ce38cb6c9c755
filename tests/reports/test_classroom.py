from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from classroom.made import POINTS, alike, attempt, check, classroom, question, report
from rich.cells import cell_len

from grader.classroom.record.attempt import Attempt
from grader.classroom.summary.figures import Insights
from grader.classroom.summary.insights import insights
from grader.reports.classroom import SCHEMA, ClassScene, data, render
from grader.reports.console import console_for
from grader.reports.json import dump

from .conftest import HOSTILE

SCENE = ClassScene("assignment2", "Deep networks", seed=7, gradebook="out/gradebook.csv", seconds=3.21)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(found: Insights, width: int = 80, stream: io.StringIO | None = None, **environment: str) -> str:
    stream = io.StringIO() if stream is None else stream
    console = console_for(stream, environment)
    console.width = width
    console.print(render(found, SCENE, width), crop=False)
    return stream.getvalue()


def small() -> list[Attempt]:
    """Three who were graded, and two who need a person."""
    named = {"misconception": "counts-twice", "hint": "dout was counted twice."}
    half = question("adam", check("a", points=1.5), check("b", "failed", 1.5, visibility="hidden", **named))
    right = question("adam", check("a", points=1.5), check("b", points=1.5, visibility="hidden"))
    return [
        attempt("ana", report(half), seconds=2.0, late=True),
        attempt("bo", report(right), seconds=0.5),
        attempt("cy", report(question("adam", check("a", "failed", 1.5), check("b", "failed", 1.5)))),
        attempt("di", None, state="refused", problem="there is nothing in it", seconds=0.0, student_seconds=0.0),
        attempt("ed", None, state="fault", problem="KeyError: 'm'", seconds=0.1, student_seconds=0.0),
    ]


def test_a_small_class() -> None:
    assert shown(insights(small(), {"adam": 3.0}, waiting=1)) == (
        "assignment2  Deep networks\n"
        "\n"
        "6 submissions: 3 graded, 1 could not be graded, 1 with a fault of the grader's\n"
        "own and 1 not graded yet: the same command goes on. 1 late.\n"
        "Of 3 points: median 1.5, mean 1.5, the middle half from 0.75 to 2.25; 1 with\n"
        "all, 1 with none.\n"
        "\n"
        "   ███                 ███             ███\n"
        "     1   ·   ·   ·   ·   1   ·   ·   ·   1\n"
        "   0 %                               100 %\n"
        "\n"
        "Look at these  3 submissions\n"
        "    1  the grader failed\n"
        "       ed (Ed)\n"
        "         KeyError: 'm'\n"
        "    1  could not be graded\n"
        "       di (Di)\n"
        "         there is nothing in it\n"
        "    1  no points, though code was written\n"
        "       cy (Cy)\n"
        "         begun: adam\n"
        "\n"
        "What most got wrong  share of those graded\n"
        "   33 %  adam (1)  dout was counted twice.\n"
        "  Wrong in a way that has no name yet: adam (1).\n"
        "\n"
        "  Questions  right  mean  points  blank  no name  hidden only\n"
        "  adam        33 %  50 %       3    0 %        1            1\n"
        "  right: every check passed; mean: share of the points earned; blank: the stub\n"
        "  as it was; no name: wrong in a way that no known mistake explains; hidden\n"
        "  only: right on what students see, wrong on all that is hidden.\n"
        "\n"
        "Slowest  on the clock, and of that in the student's code\n"
        "  ana (Ana)     2.0 s     0.5 s\n"
        "  cy (Cy)       1.5 s     0.5 s\n"
        "  bo (Bo)       0.5 s     0.5 s\n"
        "  ed (Ed)       0.1 s     0.0 s\n"
        "  di (Di)       0.0 s     0.0 s\n"
        "\n"
        "3.2 s, seed 7, every grade: out/gradebook.csv\n"
    )


def test_a_class_of_nobody() -> None:
    assert shown(insights([], POINTS, waiting=2)) == (
        "assignment2  Deep networks\n\n"
        "2 submissions: 0 graded and 2 not graded yet: the same command goes on.\n\n"
        "3.2 s, seed 7, every grade: out/gradebook.csv\n"
    )


@pytest.fixture(scope="module")
def whole() -> Insights:
    return insights(classroom(200), POINTS, waiting=4)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(whole: Insights, width: int) -> None:
    text = shown(whole, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(title in text for title in ("Look at these", "What most got wrong", "Questions", "Slowest"))
    assert all(f"  {name}  " in text for name in POINTS)


def test_where_there_is_room_there_are_more_columns(whole: Insights) -> None:
    titles = {
        width: next(line for line in shown(whole, width).splitlines() if line.startswith("  Questions")).split()
        for width in (60, 80, 120)
    }
    assert titles[60] == ["Questions", "right", "mean", "points", "blank"]
    assert titles[80] == [*titles[60], "separates", "no", "name"]
    assert titles[120] == [*titles[80], "hidden", "only", "item", "r"]


def test_what_needs_a_person_stands_before_the_rest_and_alike_ones_together() -> None:
    given = [attempt(f"t{place}", None, state="refused", problem=f"no zip {place}") for place in range(9)]
    given += [attempt(f"s{place}", None, state="refused", problem="no zip") for place in range(9)]
    text = shown(insights([*given, attempt("e", alike("error", "no module"))], POINTS))
    assert "   18  could not be graded\n       s0 (S0), s1 (S1), s2 (S2) and 6 more\n         no zip\n" in text
    assert "       t2 (T2)\n         no zip 2\n       and 6 more\n" in text
    assert "  All of them are in out/gradebook.csv, column 'look at'.\n" in text
    assert text.index("could not be graded") < text.index("nothing but errors") < text.index("Questions")


def test_people_are_named_beside_their_key() -> None:
    people = tuple({"key": key, "name": name, "email": "", "number": ""} for key, name in (("a", "Ann"), ("b", "Bob")))
    text = shown(insights([attempt("team", None, people=people, state="refused", problem="no")], POINTS))
    assert "       team (Ann, Bob)\n" in text


def test_long_names_are_cut() -> None:
    people = ({"key": "a", "name": "n" * 5000, "email": "", "number": ""},)
    text = shown(insights([attempt("k" * 5000, None, people=people, state="refused", origin="o" * 5000)], POINTS))
    assert len(text) < 1500


def test_checks_that_all_or_none_pass_are_named() -> None:
    made = report(question("adam", check("all"), check("none", "failed", visibility="hidden")))
    text = shown(insights((attempt(f"s{place}", made) for place in range(10)), {"adam": 2.0}))
    assert "Nobody passes  1 check: too hard, not asked for, or wrong\n  adam  none  (10 tried, hidden)\n" in text
    assert "Everybody passes  1 check: nobody is told apart by them\n  adam.all\n" in text


@pytest.mark.parametrize(
    ("passed", "of", "want"),
    [(0, 3, " 0 %"), (3, 3, " 100 %"), (1, 300, " <1 %"), (299, 300, " >99 %"), (1, 3, " 33 %")],
)
def test_only_all_is_all_and_only_nobody_is_nobody(passed: int, of: int, want: str) -> None:
    right, wrong = (report(question("adam", check("a", status))) for status in ("passed", "failed"))
    attempts = (attempt(f"s{place}", right if place < passed else wrong) for place in range(of))
    row = next(line for line in shown(insights(attempts, {"adam": 1.0})).splitlines() if line.startswith("  adam "))
    assert row.startswith("  adam     ")
    assert want in row


def test_bars_show_one_of_many() -> None:
    right, wrong = (report(question("adam", check("a", status))) for status in ("passed", "failed"))
    text = shown(insights((attempt(f"s{place}", right if place else wrong) for place in range(200)), {"adam": 1.0}))
    assert "   ▁▁▁                                 ███\n     1   ·   ·   ·   ·   ·   ·   ·   · 199\n" in text


def test_numbers_too_long_for_the_width_are_left_out() -> None:
    found = insights([attempt()], POINTS)
    assert found.totals is not None
    totals = replace(found.totals, histogram=(12345,) * 10)
    lines = shown(replace(found, totals=totals), 40).splitlines()
    assert "   █ █ █ █ █ █ █ █ █ █" in lines
    assert "   12345 12345" not in "\n".join(lines)


def hostile() -> Insights:
    named = {"misconception": HOSTILE, "hint": HOSTILE, "message": HOSTILE}
    people = ({"key": HOSTILE, "name": HOSTILE, "email": HOSTILE, "number": HOSTILE},)
    wrong = report(question(HOSTILE, check(HOSTILE, "error", **named), check("b", "failed", **named)))
    refused = attempt(HOSTILE, None, people=people, state="refused", problem="", origin=HOSTILE)
    given = [attempt(f"{HOSTILE}{place}", wrong, people=people, origin=HOSTILE) for place in range(12)]
    return insights([*given, refused], {HOSTILE: 2.0})


@pytest.mark.parametrize("width", [60, 120])
def test_hostile_text_is_text(width: int) -> None:
    text = shown(hostile(), width)
    assert not any(character in text for character in "\x1b\x00\x07\x0b\ud800")
    assert "[red]no[/red] red" in text
    assert max(map(cell_len, text.splitlines())) <= width


def test_colours_on_a_terminal_only(whole: Insights) -> None:
    plain = shown(whole)
    assert "\x1b" not in plain
    assert "\x1b[" in shown(whole, stream=Screen(), TERM="xterm-256color")
    assert shown(whole, stream=Screen(), TERM="xterm-256color", NO_COLOR="1") == plain


def test_the_data_face() -> None:
    def refuse(word: str) -> Any:
        raise AssertionError(f"{word} is not JSON")

    plain = json.loads(dump(data(insights(small(), {"adam": 3.0}, waiting=1), SCENE)), parse_constant=refuse)
    assert list(plain) == [
        "schema", "assignment", "title", "seed", "gradebook", "submissions", "graded", "refused", "faults", "waiting",
        "late", "max_score", "totals", "questions", "mistakes", "nobody_passes", "everybody_passes", "look", "slowest",
    ]  # fmt: skip
    assert (plain["schema"], plain["seed"], plain["waiting"]) == (SCHEMA, 7, 1)
    assert plain["mistakes"] == [
        {"question": "adam", "id": "counts-twice", "sentence": "dout was counted twice.", "count": 1, "share": 1 / 3}
    ]
    assert plain["look"][2] == {
        "key": "ed", "names": ["Ed"], "score": None, "max_score": None, "origin": "inbox/ed.zip",
        "reasons": [{"kind": "fault", "text": "KeyError: 'm'"}],
    }  # fmt: skip
    assert json.loads(dump(data(hostile(), SCENE)))["questions"][0]["id"].startswith("[red]no[/red]")
