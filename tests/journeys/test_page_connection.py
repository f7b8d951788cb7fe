"""The page and a server that goes away: nothing written is lost, nothing comes twice, and the person is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.page_house import needs_browser, open_browser, open_server, open_window, port_of

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def test_words_said_while_the_server_is_gone_arrive_once_when_it_is_back(browser: Browser, tmp_path: Path) -> None:
    with open_server(tmp_path) as server, open_window(browser, server, may_complain=True) as window:
        window.talk_with("mira")
        window.say("Before the storm.")
        port = port_of(server)
        server.kill()
        expect(window.page.get_by_text("Reconnecting… your words are kept.")).to_be_visible()
        window.send("Is anybody there?")
        expect(window.messages.last).to_contain_text("waits for the connection")
        with open_server(tmp_path, port=port):
            expect(window.page.get_by_text("Back.")).to_be_visible()
            expect(window.messages).to_have_count(5)
            expect(window.messages.last).to_contain_text("Is anybody there?")
            window.page.reload()
            expect(window.messages).to_have_count(5)


def test_words_on_their_way_outlive_the_page(browser: Browser, tmp_path: Path) -> None:
    with open_server(tmp_path) as server, open_window(browser, server, may_complain=True) as window:
        window.talk_with("mira")
        place, port = window.page.url.removeprefix(server.url), port_of(server)
        server.kill()
        window.send("Keep this.")
        expect(window.messages.last).to_contain_text("Keep this.")
        window.page.goto("about:blank")
        with open_server(tmp_path, port=port):
            window.go(place)
            expect(window.messages).to_have_count(3)
            expect(window.messages.nth(1)).to_contain_text("Keep this.")


def test_a_reply_cut_by_a_crash_is_spoken_again_from_its_first_word(browser: Browser, tmp_path: Path) -> None:
    with open_server(tmp_path) as server, open_window(browser, server, may_complain=True) as window:
        window.talk_with("mira")
        window.send("/slow Tell me.")
        expect(window.page.locator("article[aria-busy=true]")).to_be_visible()
        port = port_of(server)
        server.kill()
        expect(window.page.get_by_text("Reconnecting… your words are kept.")).to_be_visible()
        with open_server(tmp_path, port=port):
            expect(window.page.get_by_text("Back.")).to_be_visible()
            expect(window.page.get_by_label("Stop the reply")).to_have_count(0)
            expect(window.messages).to_have_count(3)
            shown = window.messages.last.inner_text()
            window.page.reload()
            expect(window.messages).to_have_count(3)
            assert window.messages.last.inner_text().split("\n")[-1] == shown.split("\n")[-1]


def test_two_windows_show_the_same(browser: Browser, tmp_path: Path) -> None:
    with (
        open_server(tmp_path) as server,
        open_window(browser, server) as here,
        open_window(browser, server) as there,
    ):
        here.talk_with("mira")
        there.go(here.page.url.removeprefix(here.url))
        expect(there.messages).to_have_count(1)
        here.say("Do you see this?")
        expect(there.messages).to_have_count(3)
        there.choose("Do you see this?", "Delete")
        there.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        expect(here.messages.nth(1)).to_contain_text("This message was deleted.")
