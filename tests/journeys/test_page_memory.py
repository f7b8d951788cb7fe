"""The page and memory: what a character has learnt, why it was recalled, what was said and where, and how to leave."""

import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.page_house import Window, needs_browser, open_browser, open_server, open_window
from tests.journeys.processes import ServerProcess

pytestmark = needs_browser

LEARNT = re.compile(r"remembers of you, \d+ new")


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
    with open_window(browser, server, viewport={"width": 1280, "height": 800}, accept_downloads=True) as opened:
        yield opened


def panel(window: Window) -> Locator:
    return window.page.get_by_role("complementary", name="remembers of you")


def open_panel(window: Window) -> Locator:
    window.page.get_by_role("button", name=re.compile("remembers of you")).click()
    expect(panel(window)).to_be_visible()
    return panel(window)


def learns(window: Window, said: str) -> None:
    """Says it, and waits for the mark that something was learnt."""
    window.say(said)
    expect(window.page.get_by_role("button", name=LEARNT)).to_be_visible()


def fact(window: Window, text: str) -> Locator:
    return panel(window).get_by_role("listitem").filter(has_text=text)


def do(window: Window, text: str, deed: str) -> None:
    row = fact(window, text)
    row.hover()
    row.get_by_role("button", name="More about").click()
    window.page.get_by_role("menuitem", name=deed).click()


def receipts(window: Window) -> Locator:
    window.page.get_by_role("button", name="Your data").click()
    return window.page.get_by_role("dialog").get_by_role("list", name="Receipts").get_by_role("listitem")


def ask(window: Window, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """REST, as the person at this window."""
    return window.page.evaluate(
        "async ([method, path, body]) => { const { access } = JSON.parse(localStorage.getItem('everkin.session'));"
        "const answer = await fetch(`/api/v1/${path}`, { method, body: body && JSON.stringify(body), headers: { authorization:"
        "`Bearer ${access}`, 'content-type': 'application/json' } }); return answer.json() }",
        [method, path, body],
    )


def test_learnt_seen_put_right_pinned_and_forgotten(window: Window) -> None:
    window.talk_with("mira")
    learns(window, "I live in Leeds and I am allergic to walnuts.")
    memory = open_panel(window)
    expect(fact(window, "Lives in Leeds")).to_contain_text("New")
    expect(fact(window, "walnuts")).to_be_visible()
    memory.get_by_label("Search these memories").fill("leeds")
    expect(memory.get_by_role("listitem")).to_have_count(1)

    do(window, "Lives in Leeds", "Put it right")
    memory.get_by_label("Put it right").fill("lives in York, by the river")
    memory.get_by_label("Put it right").press("Enter")
    memory.get_by_label("Search these memories").fill("")
    expect(fact(window, "Lives in York, by the river")).to_be_visible()

    fact(window, "Lives in York").hover()
    fact(window, "Lives in York").get_by_role("button", name="Pin").click()
    kept = memory.get_by_role("region", name="Always in mind")
    expect(kept).to_contain_text("Lives in York")
    expect(kept.get_by_role("button", name="Unpin")).to_have_attribute("aria-pressed", "true")

    do(window, "walnuts", "Forget")
    window.page.get_by_role("button", name="Keep it").click()
    expect(fact(window, "walnuts")).to_be_visible()
    do(window, "walnuts", "Forget")
    window.page.get_by_role("button", name="Forget it").click()
    expect(fact(window, "walnuts")).to_have_count(0)
    window.page.keyboard.press("Escape")
    expect(panel(window)).to_have_count(0)

    window.page.reload()
    open_panel(window)
    expect(fact(window, "Lives in York, by the river")).to_be_visible()
    expect(fact(window, "walnuts")).to_have_count(0)
    proof = receipts(window).first
    expect(proof).to_contain_text("A memory")
    expect(proof).to_contain_text("Signature checked: genuine")


def test_what_used_to_be_so_leads_to_what_is(window: Window) -> None:
    window.talk_with("ottilie")
    learns(window, "I live in Bergen.")
    memory = open_panel(window)
    expect(fact(window, "Lives in Bergen")).to_be_visible()
    window.say("I moved to Turin last week. I live in Turin now.")
    expect(fact(window, "Lives in Turin").first).to_be_visible()
    expect(fact(window, "Bergen")).to_have_count(0)
    memory.get_by_label("What used to be so").check()
    over = fact(window, "Bergen").filter(has_text="until").first
    expect(over.locator("s")).to_be_visible()
    over.get_by_role("button", name="Now:").click()
    expect(fact(window, "Turin").first).to_be_focused()


def test_added_by_hand_and_found_by_kind(window: Window) -> None:
    window.talk_with("tala")
    memory = open_panel(window)
    expect(memory.get_by_text("Nothing yet")).to_be_visible()
    memory.get_by_role("button", name="Add").click()
    memory.get_by_label("Something for Tala to remember").fill("has a sister, Anna")
    memory.get_by_label("Kind", exact=True).select_option("relationship")
    memory.get_by_role("button", name="Save").click()
    expect(fact(window, "Has a sister, Anna")).to_contain_text("added by you")
    memory.get_by_role("button", name="Events").click()
    expect(memory.get_by_text("Nothing like that is remembered")).to_be_visible()
    memory.get_by_role("button", name="People").click()
    expect(fact(window, "Has a sister, Anna")).to_be_visible()


def test_how_close_they_are(window: Window) -> None:
    window.talk_with("wren")
    window.say("Thank you, Wren. I love how you listen to me. I had a wonderful day at work!")
    memory = open_panel(window)
    memory.get_by_role("tab", name="Memories").press("ArrowRight")
    expect(memory.get_by_role("tab", name="The two of you")).to_be_focused()
    expect(memory.get_by_role("meter", name="Trust")).to_be_visible()
    expect(memory.get_by_role("img", name=re.compile("closeness from"))).to_be_visible()
    memory.get_by_text("As a table").click()
    expect(memory.get_by_role("table").get_by_role("row")).not_to_have_count(0)


def test_why_a_reply_recalled_what_it_did(window: Window) -> None:
    window.talk_with("ebo")
    learns(window, "My dog is called Biscuit and she is afraid of thunder.")
    window.talk_with("ebo")
    window.say("What is my dog called, and what is she afraid of?")
    window.messages.last.get_by_role("button", name="in mind for this reply").click()
    sheet = window.page.get_by_role("dialog", name="What Ebo had in mind")
    expect(sheet.get_by_role("listitem").first).to_contain_text("Biscuit")
    expect(sheet.get_by_role("list", name="Why").first).to_be_visible()
    sheet.get_by_text("Go to").first.click()
    expect(sheet).to_have_count(0)
    expect(window.messages.filter(has_text="My dog is called Biscuit").first).to_be_in_viewport()


def test_search_finds_what_was_said_long_ago_and_goes_there(window: Window) -> None:
    window.talk_with("tolliver")
    place = window.page.url.rpartition("/")[2]
    ask(window, "POST", f"conversations/{place}/messages?wait=true", {"content": "/echo The zeppelin leaves at noon."})
    for at in range(70):
        ask(window, "POST", f"conversations/{place}/messages?wait=true", {"content": f"/echo Line {at}."})
    window.talk_with("mira")
    window.page.keyboard.press("Control+k")
    search = window.page.get_by_role("dialog", name="Search messages")
    search.get_by_label("Words that were said").fill("zeppel")
    expect(search.get_by_role("listitem").first.locator("mark").first).to_have_text(re.compile("zeppel", re.I))
    search.get_by_label("Said by").select_option(label="said by Tolliver")
    expect(search.get_by_role("listitem")).to_have_count(1)
    search.get_by_label("In conversations with").select_option(label="with Mira")
    expect(search.get_by_text("Nobody said that")).to_be_visible()
    search.get_by_label("In conversations with").select_option("")
    expect(search.get_by_role("listitem").first).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(search).to_have_count(0)

    window.page.get_by_role("button", name="Search messages").click()
    search.get_by_label("Words that were said").fill("zeppelin noon")
    expect(search.get_by_role("link").first).to_be_visible()
    search.get_by_label("Words that were said").press("ArrowDown")
    expect(search.get_by_role("link").first).to_be_focused()
    search.get_by_role("link").first.press("Enter")
    expect(search).to_have_count(0)
    expect(window.messages.filter(has_text="zeppelin").first).to_be_in_viewport()
    expect(window.page.locator("[data-marked]")).to_be_focused()
    assert window.page.url.endswith(place), "the way to a message is no place to come back to"


def test_on_a_phone_the_memory_lies_over_the_chat(browser: Browser, server: ServerProcess) -> None:
    with open_window(
        browser, server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    ) as window:
        page = window.go("/characters/mira").page
        page.get_by_role("button", name="Start a conversation").click()
        expect(window.messages).to_have_count(1)
        page.get_by_role("button", name=re.compile("remembers of you")).click()
        drawer = page.get_by_role("dialog", name="What Mira remembers of you")
        expect(drawer.get_by_role("tab", name="Memories")).to_be_focused()
        assert window.fits()
        drawer.get_by_role("tab", name="The two of you").click()
        assert window.fits()
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("remembers of you"))).to_be_focused()


def test_take_everything_along_then_leave(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("left")
    with open_server(folder) as server, open_window(browser, server, accept_downloads=True) as window:
        window.talk_with("mira")
        window.say("I live in a lighthouse.")
        window.page.get_by_role("button", name="More about this conversation").click()
        window.page.get_by_role("menuitem", name="Forget for good").click()
        window.page.get_by_role("button", name="Forget for good").click()
        # The files of the database are written anew meanwhile.
        expect(window.page.get_by_text("Forgotten:")).to_be_visible(timeout=60_000)
        expect(receipts(window)).to_have_count(1)
        dialog = window.page.get_by_role("dialog")
        with window.page.expect_download() as export:
            dialog.get_by_role("button", name="Download").click()
        export.value.save_as(folder / "export.zip")
        with zipfile.ZipFile(folder / "export.zip") as archive:
            assert json.loads(archive.read("manifest.json"))["files"]

        dialog.get_by_text("I want to erase everything").click()
        erase = dialog.get_by_role("button", name="Erase everything for good")
        expect(erase).to_be_disabled()
        dialog.get_by_label("Type “owner” to go on").fill("owner")
        erase.click()
        expect(window.page.get_by_role("heading", name="Everything is erased")).to_be_visible()
        expect(window.page.get_by_text("Signature checked: genuine")).to_be_visible()
        with window.page.expect_download() as proof:
            window.page.get_by_role("button", name="Save the receipt").click()
        proof.value.save_as(folder / "proof.json")
        assert json.loads((folder / "proof.json").read_text())["receipt"]["what"] == "user"
