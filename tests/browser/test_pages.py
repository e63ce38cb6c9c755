from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opened
from tests.browser.made import HOSTILE, class_report, hostile_page, students_fragment, students_page

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
PAGES = {"student": students_page, "hostile": hostile_page, "class": class_report}


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


@pytest.fixture(scope="module", params=PAGES)
def text(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]()


def test_nothing_scrolls_sideways_on_a_phone(opened: Opened, text: str) -> None:
    page = opened(text, width=360)
    for _ in ("folded", "unfolded"):
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        unfold(page)
    beyond = page.evaluate(
        "[...document.querySelectorAll('.gr-page *')].filter((one) => !one.closest('pre, .gr-wide')"
        " && one.getBoundingClientRect().right > 360.5).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert beyond == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(opened: Opened, text: str, scheme: str) -> None:
    page = opened(text, color_scheme=scheme)
    unfold(page)
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(shade) < 128) == (scheme == "dark")
    result = page.evaluate(CONTRAST)
    assert result["seen"] > 20
    assert result["found"] == []


def test_what_is_folded_is_printed(opened: Opened, text: str) -> None:
    page = opened(text)
    shown = "[...document.querySelectorAll('details:not([open])')].map((one) => one.lastElementChild.checkVisibility())"
    assert set(page.evaluate(shown)) == {False}
    page.emulate_media(media="print", color_scheme="dark")
    assert set(page.evaluate(shown)) == {True}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    result = page.evaluate(CONTRAST)
    assert result["found"] == []


def test_everything_has_a_name(opened: Opened, text: str) -> None:
    page = opened(text)
    unfold(page)
    assert page.title()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").count() == page.locator("main").count() == 1
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((one) => Number(one.tagName[1]))")
    assert all(after <= before + 1 for before, after in itertools.pairwise([0, *levels]))
    nameless = page.evaluate(
        "[...document.querySelectorAll('svg')].filter((one) => one.getAttribute('aria-hidden') !== 'true'"
        " && !(one.getAttribute('role') === 'img' && one.getAttribute('aria-label'))"
        " && !one.closest('[aria-hidden=true]')).length"
        " + [...document.querySelectorAll('img')].filter((one) => !one.alt).length"
        " + [...document.querySelectorAll('[tabindex]')].filter((one) => !one.getAttribute('aria-label')).length"
    )
    assert nameless == 0
    assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_unfolds_and_folds(opened: Opened, key: str) -> None:
    page = opened(students_page())
    steps = page.locator("summary, [tabindex]").count()
    right = page.locator("details", has=page.locator("summary", has_text="1 question passed")).last
    body = right.get_by_text("training accuracy 100%")
    assert not body.is_visible()
    for _ in range(steps):
        page.keyboard.press("Tab")
        if "1 question passed" in page.evaluate("document.activeElement.textContent"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press(key)
    assert body.is_visible()
    page.keyboard.press(key)
    assert not body.is_visible()


@pytest.mark.parametrize("make", [hostile_page, lambda: class_report(hostile=True)], ids=["student", "class"])
def test_hostile_text_stays_text(opened: Opened, make: object) -> None:
    page = opened(make())  # type: ignore[operator]
    unfold(page)
    assert page.evaluate("window.ran") is None
    assert page.locator("script, iframe, object, embed, form, a, base, [onerror], [onload], [onfocus], b").count() == 0
    assert page.evaluate("[...document.querySelectorAll('svg')].every((one) => one.closest('.gr-page'))")
    shown = " ".join(page.locator("main").inner_text().split())
    for text in HOSTILE:
        assert " ".join(text.replace("\u202e", "").replace("\x1b[31m", "").split()) in shown


def test_the_policy_stops_what_would_run(opened: Opened) -> None:
    """Were there a hole after all, the browser would not let anything through."""
    page = opened(students_page(), watched=False)
    blocked = page.evaluate(
        """async () => {
            const found = [];
            const told = new Promise((all) => document.addEventListener("securitypolicyviolation", (event) => {
                if (found.push(event.effectiveDirective) === 3) all();
            }));
            const add = (tag, more) => document.body.append(Object.assign(document.createElement(tag), more));
            add("img", {src: "https://example.invalid/x.png"});
            add("style", {textContent: "body { color: red }"});
            add("script", {textContent: "window.ran = 1"});
            await told;
            return [window.ran === undefined, found.sort()];
        }"""
    )
    assert blocked == [True, ["img-src", "script-src-elem", "style-src-elem"]]


def test_nothing_moves_for_those_who_ask(opened: Opened) -> None:
    turning = "getComputedStyle(document.querySelector('.gr-entry > summary'), '::after').transitionDuration"
    assert opened(students_page(), reduced_motion="no-preference").evaluate(turning) != "0s"
    assert opened(students_page(), reduced_motion="reduce").evaluate(turning) == "0s"


@pytest.mark.parametrize(
    ("host", "system", "shade"),
    [
        ('<body data-jp-theme-light="false">', "light", "dark"),
        ('<body data-jp-theme-light="true">', "dark", "light"),
        ('<body class="vscode-dark">', "light", "dark"),
        ("<body>", "dark", "dark"),
    ],
    ids=["jupyterlab dark", "jupyterlab light", "vscode dark", "unknown"],
)
def test_a_fragment_follows_its_notebook_and_leaves_it_alone(
    opened: Opened, host: str, system: str, shade: str
) -> None:
    around = "<h3>theirs</h3><details open><summary>theirs</summary><p>theirs</p></details>"
    style = "[...document.querySelectorAll('h3, summary, p')].slice(0, 3).map((one) => getComputedStyle(one).cssText)"
    alone = opened(f"<!doctype html><title>a</title>{host}{around}", color_scheme=system)
    page = opened(f"<!doctype html><title>a</title>{host}{around}{students_fragment()}", color_scheme=system)
    assert page.evaluate(style) == alone.evaluate(style)
    assert page.evaluate("getComputedStyle(document.querySelector('.gr')).colorScheme") == shade
    unfold(page)
    assert page.evaluate(CONTRAST)["found"] == []


def test_a_fragment_looks_the_same_in_a_notebook_with_a_style_of_its_own(opened: Opened) -> None:
    theirs = """<style>
        .rendered svg, .rendered img { max-width: 100%; height: auto }
        .rendered :not(pre) > code { background-color: red; padding: 9px }
        .rendered ul:not(.list-inline), .rendered ol:not(.list-inline) { padding-left: 4em }
        .rendered h3, .rendered p { margin: 3em; font-size: 40px }
        .rendered tr:nth-child(even) { background: red }
        .rendered td, .rendered th { padding: 2em; text-align: right; vertical-align: top }
    </style>"""
    looks = """[...document.querySelectorAll('.gr *')].map((one) => {
        const box = one.getBoundingClientRect();
        return [one.tagName, box.width, box.height, getComputedStyle(one).backgroundColor].join(' ');
    })"""
    start = "<!doctype html><title>a</title><body>"
    alone = opened(f'{start}<div class="rendered">{students_fragment()}</div>')
    inside = opened(f'{start}{theirs}<div class="rendered">{students_fragment()}</div>')
    assert inside.evaluate(looks) == alone.evaluate(looks)
