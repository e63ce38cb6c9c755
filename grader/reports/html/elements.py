"""The one door to HTML: pages are built as trees and written by the standard library, so text cannot become markup.

Everything that came from students passes :func:`h` as text or as an attribute's value; both are cleaned of control
characters there, and escaped by ``xml.etree`` when the tree is written. Nothing here or above joins strings to tags.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from xml.etree import ElementTree

from grader.sandbox.text import clean

__all__ = ["Child", "Element", "h", "html", "style"]

Element: TypeAlias = ElementTree.Element
Child: TypeAlias = "Element | str | None"

_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(n)}{chr(n + 1)}" for n in range(0xFFFE, 0x110000, 0x10000))
_NOT_HTML = re.compile(f"[{_NO_CHARACTERS}]")
_RAW = ("script", "style")  # what these hold is written as it is


def h(tag: str, *children: Child, **attributes: str | float | None) -> Element:
    """Return a new element; its children are text and other elements, its attributes what HTML calls them.

    A final underscore of an attribute's name is dropped, others become hyphens; what is None is left out.

    Raises:
        ValueError: the tag is one whose content is no text.
    """
    if tag in _RAW:
        raise ValueError(f"<{tag}> is not for text")
    element = ElementTree.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name.rstrip("_").replace("_", "-"), _cleaned(str(value)))
    last: Element | None = None
    for child in children:
        if isinstance(child, str):
            text = _cleaned(child)
            if last is None:
                element.text = (element.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        elif child is not None:
            element.append(child)
            last = child
    return element


def _cleaned(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _NOT_HTML.sub("", clean(text))


def style(sheet: str) -> Element:
    """Return a style sheet of our own.

    Raises:
        ValueError: it would end its element early.
    """
    if "<" in sheet:
        raise ValueError("a style sheet holds no <")
    element = ElementTree.Element("style")
    element.text = sheet
    return element


def html(element: Element) -> str:
    """Return a tree as HTML."""
    return ElementTree.tostring(element, encoding="unicode", method="html")
