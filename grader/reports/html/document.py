"""A whole document around a body: complete in itself, and allowed to load and run nothing."""

from __future__ import annotations

import base64
import hashlib

from grader.reports.html.elements import Element, h, html, style
from grader.reports.html.theme import sheet

__all__ = ["document"]


def document(title: str, body: Element) -> str:
    """Return the text of a page. Its policy for browsers allows its own style sheet and pictures within it, no more."""
    look = sheet()
    digest = base64.b64encode(hashlib.sha256(look.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", http_equiv="Content-Security-Policy", content=policy),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="color-scheme", content="light dark"),
        h("meta", name="referrer", content="no-referrer"),
        h("title", title),
        h("link", rel="icon", href="data:,"),  # or else a browser asks for one
        style(look),
    )
    return "<!doctype html>\n" + html(h("html", head, h("body", body, class_="gr"), lang="en")) + "\n"
