"""Signing in on the page: the owner by the address Everkin printed, everybody by login and password."""

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


def at_home(page: Page) -> None:
    expect(page.get_by_role("heading", name="Who would you like to talk with?")).to_be_visible()


def asked_to_sign_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(page.get_by_text("At the machine Everkin runs on you need no password")).to_be_visible()
    expect(page.locator("code")).to_have_text("everkin link")


def test_the_printed_address_signs_in_once(tmp_path: Path) -> None:
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server, owner=False) as mine,
        open_window(browser, server, owner=False) as strange,
    ):
        mine.page.goto(server.address)
        at_home(mine.page)
        assert mine.page.url == f"{server.url}/", "the key has left the address bar"
        kept = mine.page.evaluate("JSON.stringify({...localStorage})")
        assert server.address.partition("#key=")[2] not in kept
        mine.page.reload()
        at_home(mine.page)

        strange.page.goto(server.address)
        expect(strange.page.get_by_role("alert")).to_contain_text("This sign-in key was used before")
        asked_to_sign_in(strange.page)
        assert strange.page.url == f"{server.url}/"
        strange.complaints.clear()  # the console tells of the refusal


def test_a_key_that_comes_while_the_page_is_open(tmp_path: Path) -> None:
    with open_server(tmp_path) as server, open_browser() as browser:
        printed = everkin("link", "--data", str(server.data), cwd=tmp_path)
        assert printed.returncode == 0, printed.stderr
        address = printed.stdout.strip()
        assert address.startswith(f"{server.url}/#key=")
        with open_window(browser, server, owner=False) as window:
            page = window.go("/characters/mira").page
            asked_to_sign_in(page)
            page.evaluate("key => { location.hash = key }", f"key={server.key()}")
            expect(page.get_by_role("button", name="Start a conversation")).to_be_visible()
            assert page.url == f"{server.url}/characters/mira"
            page.goto(address)  # signed in already: the key is dropped, and is still good
            at_home(page)
            assert page.url == f"{server.url}/"
            page.get_by_role("button", name="Sign out").click()
            asked_to_sign_in(page)
            page.goto(address)
            at_home(page)


def test_tokens_of_another_everkin_at_this_address_do_not_keep_the_owner_out(tmp_path: Path) -> None:
    """A second data folder on the same port: what the browser keeps is genuine in form and good for nothing."""
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server, owner=False) as window,
    ):
        strange = {**server.sign_in(), "access": "of another house", "refresh": "of.another-house"}
        window.go("/").page.evaluate(f"localStorage.setItem('everkin.session', {json.dumps(json.dumps(strange))})")
        window.page.goto("about:blank")
        window.page.goto(server.address)
        at_home(window.page)
        window.complaints.clear()  # the console tells of the refused token


def test_sign_in_stay_and_sign_out(tmp_path: Path) -> None:
    added = everkin("users", "add", "robin", "--password", "three quiet herons", "--data", "data", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server, owner=False, extra_http_headers=THROUGH_A_PROXY) as window,
    ):
        page = window.go("/characters/mira").page
        asked_to_sign_in(page)
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
        page.goto(server.address)
        expect(page.get_by_role("alert")).to_contain_text("came through a proxy")
        window.complaints.clear()  # the console tells of each refusal


def test_without_local_sign_in_the_page_asks_for_login_and_password(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOCAL_SIGN_IN=false\n")
    password = everkin("users", "password", "owner", "--password", "three quiet herons", "--data", "data", cwd=tmp_path)
    assert password.returncode == 0, password.stderr
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server, owner=False) as window,
    ):
        assert server.address == server.url, "no key is printed"
        link = everkin("link", "--data", str(server.data), cwd=tmp_path)
        assert (link.returncode, "everkin users password owner" in link.stderr) == (1, True)
        page = window.go("/").page
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        expect(page.get_by_text("you need no password")).to_have_count(0)
        page.get_by_label("Name you sign in with").fill("owner")
        page.get_by_label("Password").fill("three quiet herons")
        page.get_by_role("button", name="Sign in").click()
        at_home(page)


def test_a_browser_signed_in_before_gets_in_while_others_guess(tmp_path: Path) -> None:
    added = everkin("users", "add", "robin", "--password", "three quiet herons", "--data", "data", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    with (
        open_server(tmp_path) as server,
        open_browser() as browser,
        open_window(browser, server, owner=False, extra_http_headers=THROUGH_A_PROXY) as window,
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
