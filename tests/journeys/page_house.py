"""The page in a real browser, against `everkin serve --model scripted` in a process of its own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from everkin.interfaces.pages import PAGE
from tests.journeys.processes import ServerProcess

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 15_000

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; `make browser` installs one"),
    pytest.mark.skipif(not (PAGE / "index.html").exists(), reason="the page is not built; `make page` builds it"),
]

expect.set_options(timeout=PATIENCE_MS)


class Window:
    """One browser window, and what a person does in it. `complaints`: errors of the console and of scripts, refusals of
    the Content-Security-Policy among them."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def writing(self) -> Locator:
        return self.page.get_by_label("Write to")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("log").get_by_role("article")

    @property
    def conversations(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations").get_by_role("listitem")

    def go(self, path: str = "/") -> "Window":
        self.page.goto(self.url + path)
        return self

    def talk_with(self, slug: str) -> "Window":
        """A new conversation, opened and joined."""
        self.go(f"/characters/{slug}")
        self.page.get_by_role("button", name="Start a conversation").click()
        expect(self.writing).to_be_focused()
        return self

    def send(self, text: str) -> None:
        self.writing.fill(text)
        self.writing.press("Enter")

    def say(self, text: str) -> None:
        """And hears the answer to its end."""
        expect(self.messages.first).to_be_visible()
        before = self.messages.count()
        self.send(text)
        expect(self.messages).to_have_count(before + 2)
        expect(self.page.get_by_label("Stop the reply")).to_have_count(0)

    def choose(self, message: str, deed: str) -> None:
        """From the menu of the message that holds these words."""
        found = self.messages.filter(has_text=message).first
        found.hover()
        found.get_by_role("button", name="More about this message").click()
        self.page.get_by_role("menuitem", name=deed).click()

    def fits(self) -> bool:
        """Nothing reaches out of the window sideways."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth <= innerWidth && "
            "[...document.querySelectorAll('main, nav, form, ul, header, dialog[open] > div')]"
            ".every((each) => each.scrollWidth <= each.clientWidth + 1 || getComputedStyle(each).overflowX === 'hidden')"
        )
        return wide


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_window(
    browser: Browser, server: ServerProcess, *, owner: bool = True, may_complain: bool = False, **options: Any
) -> Iterator[Window]:
    """A window that shares nothing with others, with the owner signed in or nobody. At its end it must have had nothing
    to complain of."""
    known = {"locale": "en-GB", "viewport": {"width": 1200, "height": 800}, "storage_state": _kept(server, owner)}
    context = browser.new_context(**{**known, **options})
    try:
        window = Window(context.new_page(), server.url)
        yield window
        assert may_complain or not window.complaints, window.complaints
    finally:
        context.close()


def _kept(server: ServerProcess, owner: bool) -> Any:
    """What the browser keeps from an earlier visit."""
    session = [{"name": "everkin.session", "value": json.dumps(server.sign_in())}] if owner else []
    return {"cookies": [], "origins": [{"origin": server.url, "localStorage": session}]}


@contextmanager
def open_server(folder: Path, *arguments: str, port: int = 0) -> Iterator[ServerProcess]:
    at = ("--port", str(port)) if port else ()
    with ServerProcess(
        folder / "data", "--model", "scripted", *at, *arguments, cwd=folder, MESSAGE_RATE_LIMIT="0", LOG_LEVEL="warning"
    ) as server:
        yield server


def port_of(server: ServerProcess) -> int:
    port = urlsplit(server.url).port
    assert port
    return port
