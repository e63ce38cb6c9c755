from __future__ import annotations

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.html.elements import h, html, style
from grader.sandbox import text

anything = st.text() | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>", "<!--", "-->", "&lt;", "\u202egnp.exe", "'"]
)


def clean(said: str) -> str:
    """What there is to see of a text: characters that are none in HTML are dropped, too."""
    return "".join(c for c in text.clean(said) if ord(c) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(c) <= 0xFDEF)


@given(anything, anything, anything)
def test_text_stays_text(one: str, two: str, three: str) -> None:
    tree = html5lib.parseFragment(html(h("p", one, h("b", two, title=three), three)), namespaceHTMLElements=False)
    (paragraph,) = tree
    assert [element.tag for element in tree.iter()] == ["DOCUMENT_FRAGMENT", "p", "b"]
    assert "".join(paragraph.itertext()) == clean(one) + clean(two) + clean(three)
    assert paragraph[0].attrib == {"title": clean(three)}


def test_attributes_are_named_as_html_does() -> None:
    element = h("label", for_="one", aria_label="two", class_="three", hidden=None, tabindex=0)
    assert element.attrib == {"for": "one", "aria-label": "two", "class": "three", "tabindex": "0"}


def test_children_keep_their_order() -> None:
    assert html(h("p", "a", None, "b", h("i", "c"), "d", "e", h("br"), "f")) == "<p>ab<i>c</i>de<br>f</p>"


@pytest.mark.parametrize("tag", ["script", "style"])
def test_what_is_no_text_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="not for text"):
        h(tag, "alert(1)")


def test_a_style_sheet_cannot_end_its_element() -> None:
    assert html(style("p>b{color:red}")) == "<style>p>b{color:red}</style>"
    with pytest.raises(ValueError, match="no <"):
        style("</style><script>")
