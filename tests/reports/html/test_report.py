from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking import pictures
from grader.checking.report import Report
from grader.reports.findings import Scene
from grader.reports.html import fragment, message, page
from grader.reports.html.theme import sheet
from tests.reports.conftest import make_check, make_question, make_report

SCENE = Scene("A small one", "grader run small", {"one": "work/layers.py"})
ALLOWED_LINKS = ("data:,", "data:image/png;base64,")


def parsed(text: str) -> Element:
    """The document, by a parser that refuses what is not well-formed."""
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return tree


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def found(text: str, kind: str) -> list[Element]:
    return [one for one in parsed(text).iter() if kind in (one.get("class") or "").split()]


def harmless(text: str) -> None:
    """A page holds no element and no attribute but ours, and no address outside it."""
    for element in parsed(text).iter():
        assert element.tag not in ("script", "iframe", "object", "embed", "form", "a", "base")
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            assert name != "style"
            if str(name).endswith(("href", "src")):
                assert value.startswith(ALLOWED_LINKS)


def test_what_matters_is_open(every_status: Report) -> None:
    text = page(every_status, SCENE)
    entries = {words(one.find("summary")): one.get("open") for one in found(text, "gr-entry")}  # type: ignore[arg-type]
    assert {name for name, opened in entries.items() if opened} == {
        "is_failed wrong 0 of 1",
        "is_error error 0 of 1",
        "is_timeout too slow 0 of 1",
        "is_crashed crashed 0 of 1",
        "is_fault grader fault 0 of 1",
        "is_partial partly right 1 of 2",
    }
    assert {name for name, opened in entries.items() if not opened} == {
        "is_skipped skipped 0 of 1",
        "1 question not started 0 of 1",
        "1 question passed 1 of 1",
    }


def test_questions_that_wait_are_one_line() -> None:
    waits = [make_question(name, make_check("skipped", f"needs {name[0]}, first")) for name in ("a2", "b2")]
    text = page(make_report(make_question("a", make_check("failed", "no")), *waits), SCENE)
    assert [(words(one), one.get("open")) for one in found(text, "gr-entry")][1:] == [
        ("2 questions not decided yet 0 of 2 a2 0 of 1 needs a, first b2 0 of 1 needs b, first", None)
    ]


def test_of_one_question_the_first_picture_is_open() -> None:
    drawn = pictures.error_map("dx", np.zeros((2, 3)), np.ones((2, 3)), 1e-4)
    wrong = [make_check("failed", text, id=text, details={"pictures": [drawn]}) for text in ("one", "two")]
    text = page(make_report(make_question("a", *wrong)), SCENE)
    folded = [figure for more in found(text, "gr-more") for figure in more.iter("figure")]
    assert (len(folded), len(found(text, "gr-figure"))) == (1, 2)


def test_statuses_are_counted_in_one_order(every_status: Report) -> None:
    backwards = make_report(*reversed(every_status.questions))
    for report in (every_status, backwards):
        (counts,) = found(page(report, SCENE), "gr-counts")
        assert words(counts).startswith("1 passed 1 partly right 1 wrong 1 error 1 too slow 1 crashed 1 not started")


def test_the_next_step_is_there() -> None:
    report = make_report(make_question("one", make_check("failed", "out is wrong")))
    assert [words(one) for one in found(page(report, SCENE), "gr-next")] == [
        "Next: mend one (work/layers.py), then grader run small -q one"
    ]


def test_it_says_what_the_terminal_says() -> None:
    details = {"case": {"N": 5}, "frame": {"file": "layers.py", "line": 12, "function": "one", "source": "x @ w"}}
    report = make_report(
        make_question("one", make_check("failed", "dw is wrong (N=5)", hint="The axes are swapped.", details=details)),
        make_question("two", make_check(details={"output": "3\n" * 9})),
        hidden_points=2,
        notes=("a note",),
    )
    text = words(parsed(page(report, SCENE)).find("body"))  # type: ignore[arg-type]
    for said in (
        "1 of 2 points",
        "2 more points are decided at grading.",
        "Hint: The axes are swapped.",
        "dw is wrong",
        "with N=5",
        "layers.py line 12, in one",
        "x @ w",
        "3 … 9 times",
        "Note: a note",
        "1.2 s, seed 7, isolation: process",
    ):
        assert said in text


def test_headings_go_down_one_by_one() -> None:
    report = make_report(make_question("one", make_check("failed", "no")), make_question("two", make_check()))
    for text, first in ((page(report, SCENE), 1), (f"<!doctype html>{fragment(report, SCENE)}", 3)):
        levels = [int(one.tag[1]) for one in parsed(text).iter() if re.fullmatch("h[1-6]", one.tag)]
        assert levels == [first, first + 1, first + 2]


def test_a_page_allows_nothing_but_its_own_style(every_status: Report) -> None:
    text = page(every_status, SCENE)
    (policy,) = (one.get("content", "") for one in parsed(text).iter("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "://" not in text


def test_a_fragment_styles_only_itself(every_status: Report) -> None:
    text = fragment(every_status, SCENE)
    sheet = "".join(one.text or "" for one in parsed(f"<!doctype html>{text}").iter("style"))
    selectors = [part for rule in re.sub(r"@media[^{]*{", "", sheet).split("}") for part in rule.split("{")[:-1]]
    assert len(selectors) > 50
    assert all(".gr" in selector for selector in selectors)
    assert text.startswith('<div class="gr gr-cell">')


def test_a_notebooks_rules_count_more_than_the_notebooks_own() -> None:
    for rule in (".gr code:not(#gr-never),.gr pre:not(#gr-never){", ".gr-entry>summary:not(#gr-never)::after{"):
        assert rule in sheet(notebook=True)
        assert rule.replace(":not(#gr-never)", "") in sheet()


def test_hostile_text_stays_text(hostile: Report) -> None:
    for text in (page(hostile, SCENE), f"<!doctype html>{fragment(hostile, SCENE)}", message("<script>", SCENE)):
        harmless(text)
    body = words(parsed(page(hostile, SCENE)).find("body"))  # type: ignore[arg-type]
    assert "<b>&amp; :smile:" in body
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e]", page(hostile, SCENE))


texts = st.text(max_size=60) | st.sampled_from(
    ["<script>alert(1)</script>", '" onload="alert(1)', "\u202e\u2066", "</style><img src=//x>", "\x1b]8;;http://x\x07"]
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
kinds = st.sampled_from(["map", "bars", "curve", "filters", "other"])
keys = st.sampled_from(
    [
        "got",
        "want",
        "error",
        "worst",
        "top",
        "left",
        "name",
        "index",
        "shape",
        "where",
        "limit",
        "bars",
        "left_out",
        "at",
        "values",
        "over",
        "filters",
    ]
)
damaged = st.builds(lambda kind, more: {**more, "kind": kind}, kinds, st.dictionaries(keys, plain, max_size=9))
checks = st.builds(
    lambda status, message, hint, pictures, output, title: make_check(
        status,
        message,
        title=title,
        hint=hint,
        details={"pictures": pictures, "output": output, "case": {title: output}},
    ),
    st.sampled_from(["passed", "failed", "error", "todo", "skipped", "fault"]),
    texts,
    st.none() | texts,
    st.lists(damaged, max_size=2) | plain,
    texts,
    texts,
)


@given(st.lists(st.builds(make_question, texts, checks), max_size=3), texts, texts)
def test_no_report_makes_markup(questions: list[Any], name: str, title: str) -> None:
    report = make_report(*questions, assignment=name, notes=(title,))
    harmless(page(report, Scene(title, name, {name: title})))


def good_pictures() -> list[dict[str, Any]]:
    want = np.random.default_rng(0).normal(size=(2, 3, 7, 12))
    got = want.copy()
    got[..., 0] = [[[np.nan]]]
    error = pictures.error_map("dx", got, want, 1e-4)
    weights = pictures.filters(np.ones((4, 1, 3, 3)), "W1")
    assert error is not None
    assert weights is not None
    compared = [("dx", got, want), ("db", None, want), ("dw", want, want)]
    return [error, pictures.bars(compared, 1e-4), pictures.curve([2.3, 1.0, float("nan"), 0.5]), weights]


def test_pictures_have_words() -> None:
    report = make_report(make_question("one", make_check("failed", "no", details={"pictures": good_pictures()})))
    text = page(report, SCENE)
    figures = found(text, "gr-figure")
    assert len(figures) == 4
    assert "Wrong only in dx[:, :, :, 0]" in words(figures[0])
    assert "NaN or infinite" in words(figures[0])
    labels = [one.get("aria-label") for one in parsed(text).iter() if one.get("role") == "img"]
    assert labels == [
        "dx[0, 0, :, :], what your code gives",
        "dx[0, 0, :, :], what it should be",
        "dx[0, 0, :, :], the relative error: 7 of 84 elements are wrong only in dx[:, :, :, 0]",
        "loss over 4 steps: from 2.3 to 0.5",
    ]
    assert all(one.get("alt") for one in parsed(text).iter("img"))


@given(st.data())
def test_a_damaged_picture_is_left_out(data: st.DataObject) -> None:
    picture = data.draw(st.sampled_from(good_pictures()))
    key = data.draw(st.sampled_from(sorted(picture)))
    picture[key] = data.draw(plain)
    harmless(page(make_report(make_question("one", make_check("failed", details={"pictures": [picture]}))), SCENE))


@pytest.mark.parametrize("count", [1, 200])
def test_a_long_list_is_folded(count: int) -> None:
    report = make_report(*(make_question(f"q{i}", make_check()) for i in range(count)))
    (entry,) = found(page(report, SCENE), "gr-entry")
    assert entry.get("open") == (None if count > 1 else "open")
    assert words(entry).count("of 1") == count + (count == 1)
