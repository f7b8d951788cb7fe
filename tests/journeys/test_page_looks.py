"""The page for everybody: small windows, dark rooms, keyboards, listeners, long histories."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.journeys.page_house import Window, needs_browser, open_browser, open_server, open_window
from tests.journeys.processes import ServerProcess

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with open_server(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture
def window(browser: Browser, server: ServerProcess) -> Iterator[Window]:
    with open_window(browser, server) as opened:
        yield opened


def test_at_360_pixels_nothing_reaches_out_sideways(browser: Browser, server: ServerProcess) -> None:
    with open_window(browser, server, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True) as window:
        page = window.go().page
        expect(page.get_by_role("main").get_by_role("link", name="Mira")).to_be_visible()
        assert window.fits()
        page.get_by_role("main").get_by_role("link", name="Mira").click()
        expect(page.get_by_role("button", name="Start a conversation")).to_be_visible()
        assert window.fits()
        page.get_by_role("button", name="Start a conversation").click()
        expect(window.messages).to_have_count(1)
        window.writing.fill("A" + "very" * 60 + "long word, then some. https://example.org/" + "path/" * 30)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(window.messages).to_have_count(3)
        assert window.fits()
        page.get_by_label("Back", exact=True).click()
        page.get_by_role("link", name="Conversations", exact=True).click()
        expect(window.conversations.first).to_be_visible()
        assert window.fits()
        window.go("/characters/new")
        expect(page.get_by_label("Name", exact=True)).to_be_visible()
        assert window.fits()


def test_dark_follows_the_system_until_one_chooses(browser: Browser, server: ServerProcess) -> None:
    with open_window(browser, server, color_scheme="dark") as window:
        html = window.go().page.locator("html")
        expect(html).to_have_attribute("data-theme", "dark")
        window.page.get_by_role("button", name="Light colours").first.click()
        expect(html).to_have_attribute("data-theme", "light")
        window.page.reload()
        expect(html).to_have_attribute("data-theme", "light")
        window.page.get_by_role("button", name="Dark colours").first.click()
        window.page.emulate_media(color_scheme="light")
        expect(html).to_have_attribute("data-theme", "light")


def test_a_conversation_by_keyboard_alone(window: Window) -> None:
    page = window.go().page
    expect(page.get_by_role("main").get_by_role("link", name="Mira")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Find a character")).to_be_focused()
    page.keyboard.type("umbrella")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start a conversation")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        assert inside, "the focus left the dialog"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("link", name="Mira")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start a conversation")).to_be_focused()
    page.keyboard.press("Enter")
    expect(window.writing).to_be_focused()
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and another")
    page.keyboard.press("Enter")
    expect(window.messages).to_have_count(3)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Edit message")).to_be_focused()
    page.keyboard.type("!")
    page.keyboard.press("Enter")
    expect(window.messages.nth(1)).to_contain_text("and another!")


def test_those_who_listen_hear_a_reply_once_and_whole(window: Window) -> None:
    window.talk_with("mira")
    window.page.evaluate(
        "() => { window.heard = []; new MutationObserver(() => window.heard.push("
        "document.querySelector('[data-announcer]').textContent))"
        ".observe(document.querySelector('[data-announcer]'), { childList: true, characterData: true, subtree: true }) }"
    )
    window.say("/echo *nods* It is in the tower.")
    expect(window.page.locator("[data-announcer]")).to_have_text("Mira said: nods It is in the tower.")
    assert window.page.evaluate("window.heard.length") == 1
    expect(window.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    expect(window.page.get_by_role("main")).to_be_visible()


DRAWN = """async () => {
    for (let frame = 0; frame < 6; frame += 1) await new Promise((next) => requestAnimationFrame(next));
}"""
MIDDLE = """() => {
    const article = [...document.querySelectorAll("article")].find((each) => each.getBoundingClientRect().top > 300);
    return [article.textContent, article.getBoundingClientRect().top];
}"""
WHERE = """(text) => [...document.querySelectorAll("article")]
    .find((each) => each.textContent === text)?.getBoundingClientRect().top ?? NaN"""


def test_older_messages_come_in_above_and_nothing_jumps(window: Window) -> None:
    window.talk_with("wren")
    place = window.page.url.rpartition("/")[2]
    token = window.page.evaluate("() => JSON.parse(localStorage.getItem('everkin.session')).access")
    window.page.evaluate(
        "async ([place, token]) => { for (let at = 1; at <= 110; at += 1) await fetch("
        "`/api/v1/conversations/${place}/messages?wait=true`, { method: 'POST', headers: { authorization: "
        "`Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ content: `/echo Line ${at}.` }) }) }",
        [place, token],
    )
    window.page.reload()
    log = window.page.get_by_role("log")
    expect(log.get_by_text("Line 110.", exact=True)).to_be_visible()
    assert window.messages.count() < 60, "far more is drawn than can be seen"
    held: list[Route] = []
    window.page.route("**/messages?before=*", lambda route: held.append(route), times=1)
    log.hover()
    while not held:
        window.page.mouse.wheel(0, -600)
        window.page.evaluate(DRAWN)
    text, top = window.page.evaluate(MIDDLE)
    height = log.evaluate("(log) => log.scrollHeight")
    for route in held:
        route.continue_()
    window.page.wait_for_function(f"() => document.querySelector('[role=log]').scrollHeight > {height} + 1000")
    window.page.evaluate(DRAWN)
    assert abs(window.page.evaluate(WHERE, text) - top) <= 2

    window.page.get_by_role("button", name="Newest").click()
    expect(log.get_by_text("Line 110.", exact=True)).to_be_visible()
    expect(window.page.get_by_role("button", name="Newest")).to_have_count(0)
    opening = window.page.get_by_text("Wren is an AI character")
    for _ in range(100):
        log.press("Home")
        window.page.evaluate(DRAWN)
        if opening.is_visible():
            break
    expect(opening).to_be_visible()


def test_it_can_be_installed(window: Window) -> None:
    manifest = window.go().page.evaluate("async () => (await fetch('/everkin.webmanifest')).json()")
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert window.page.request.get(window.url + icon["src"]).ok
    expect(window.page.locator("meta[name=theme-color]")).to_have_attribute("content", re.compile("^#"))
