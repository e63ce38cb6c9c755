"""Pages opened in a real browser, which may ask the network for nothing and has nothing to complain about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium


@pytest.fixture(scope="module")  # while it is there, the thread has an event loop that runs, which other tests must not
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        reason = f"there is no Chromium here ({', '.join(chromium.NAMES)}): install Debian's package chromium"
        if chromium.required(os.environ):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        yield launched
        launched.close()


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Opens the text of a page; at the end, none of them may have complained, or asked for anything."""
    contexts, troubles = [], []

    def open_page(text: str, width: int = 1000, watched: bool = True, **look: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=True, **look)
        contexts.append(context)
        page = context.new_page()
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(text, encoding="utf-8")
        own_address = file.as_uri()

        def own(address: str) -> bool:
            return address == own_address or address.startswith("data:")

        if watched:
            page.on("console", lambda said: troubles.append(f"console: {said.text}"))
            page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
            page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            page.on("request", lambda request: troubles.append(request.url) if not own(request.url) else None)
        page.goto(own_address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
