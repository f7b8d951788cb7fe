"""The page away from the owner's machine: one signs in, stays signed in, and signs out."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.page_house import needs_browser, open_browser, open_server, open_window
from tests.journeys.processes import everkin

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
