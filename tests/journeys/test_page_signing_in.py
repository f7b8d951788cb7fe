"""The page away from the owner's machine: one signs in, stays signed in, and signs out."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.page_house import needs_browser, open_browser, open_server, open_window
from tests.journeys.processes import PATIENCE, everkin

pytestmark = needs_browser

THROUGH_A_PROXY = {"X-Forwarded-For": "203.0.113.9"}


def test_sign_in_stay_and_sign_out(tmp_path: Path) -> None:
    added = everkin("users", "add", "robin", "--password", "three quiet herons", "--data", "data", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server.url, extra_http_headers=THROUGH_A_PROXY) as window,
    ):
        page = window.go("/characters/mira").page
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        page.get_by_label("Name you sign in with").fill("robin")
        page.get_by_label("Password").fill("three loud herons")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Password").fill("three quiet herons")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Start a conversation").click()
        window.say("Good evening.")
        page.reload()
        expect(window.messages).to_have_count(3)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        window.complaints.clear()  # the console tells of each refusal


def test_a_browser_signed_in_before_gets_in_while_others_guess(tmp_path: Path) -> None:
    added = everkin("users", "add", "robin", "--password", "three quiet herons", "--data", "data", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server.url, extra_http_headers=THROUGH_A_PROXY) as window,
    ):
        page = window.go().page
        sign_in(page)
        page.get_by_role("button", name="Sign out").click()
        while _guess(server.url) != 429:
            pass
        sign_in(page)
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        window.complaints.clear()


def sign_in(page: Page) -> None:
    page.get_by_label("Name you sign in with").fill("Robin")
    page.get_by_label("Password").fill("three quiet herons")
    page.get_by_role("button", name="Sign in").click()


def _guess(url: str) -> int:
    body = json.dumps({"login": "robin", "password": "a wrong guess"}).encode()
    request = Request(f"{url}/api/v1/auth/login", body, {"content-type": "application/json"}, method="POST")
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=PATIENCE)
    refused.value.close()
    return refused.value.code
