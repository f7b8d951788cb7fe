"""The page: choosing somebody, talking, and everything one can do with what was said."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.page_house import Window, needs_browser, open_browser, open_server, open_window
from tests.journeys.processes import ServerProcess

pytestmark = needs_browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with open_server(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def window(browser: Browser, server: ServerProcess) -> Iterator[Window]:
    with open_window(browser, server) as opened:
        yield opened


def test_three_turns_and_all_is_there_after_a_reload(window: Window) -> None:
    window.go()
    expect(window.page.get_by_role("heading", name="Who would you like to talk with?")).to_be_visible()
    window.page.get_by_role("main").get_by_role("link", name="Mira").click()
    window.page.get_by_role("button", name="Start a conversation").click()
    expect(window.page.get_by_text("Mira is an AI character")).to_be_visible()
    expect(window.messages).to_have_count(1)
    for text in ("I lost a letter.", "It was green.", "Thank you."):
        window.say(text)
    told = window.messages.all_inner_texts()
    assert len(told) == 7
    assert "I lost a letter." in told[2]
    window.page.reload()
    expect(window.messages).to_have_count(7)
    assert [text.split("\n")[-1] for text in window.messages.all_inner_texts()] == [t.split("\n")[-1] for t in told]
    expect(window.page.get_by_role("log").get_by_text("Read")).to_have_count(3)


def test_a_reply_is_written_out_and_can_be_stopped(window: Window) -> None:
    window.talk_with("mira")
    window.send("/slow")
    live = window.page.locator("article[aria-busy=true]")
    expect(live).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    window.page.get_by_label("Stop the reply").click()
    expect(window.page.get_by_text("You stopped Mira here.")).to_be_visible()
    expect(live).to_have_count(0)
    window.say("Go on.")


def test_stopped_before_a_word_one_can_ask_again(window: Window) -> None:
    window.talk_with("mira")
    window.send("/hang")
    expect(window.page.get_by_text("is thinking")).to_be_visible()
    window.page.get_by_label("Stop the reply").click()
    expect(window.page.get_by_text("was stopped before a word")).to_be_visible()
    expect(window.page.get_by_role("button", name="Ask again")).to_be_visible()


def test_a_failure_stands_in_its_place_and_the_message_can_be_sent_again(window: Window) -> None:
    window.talk_with("mira")
    window.send("/fail-once The kettle is on.")
    failure = window.page.get_by_text("did not finish")
    expect(failure).to_be_visible()
    expect(window.page.get_by_text("Your message is safe")).to_be_visible()
    window.page.get_by_role("button", name="Send again").click()
    expect(failure).to_have_count(0)
    expect(window.messages).to_have_count(3)
    expect(window.messages.nth(2)).to_contain_text("The kettle is on.")


def test_what_had_arrived_before_a_failure_is_kept(window: Window) -> None:
    window.talk_with("mira")
    window.send("/fail-after 4")
    expect(window.page.get_by_role("button", name="Send again")).to_be_visible()
    expect(window.page.get_by_role("log")).to_contain_text(re.compile(r"did not finish\s*\S+ \S+ \S+ \S+"))
    window.page.reload()
    expect(window.page.get_by_role("button", name="Send again")).to_be_visible()


def test_one_may_speak_while_the_character_still_does(window: Window) -> None:
    window.talk_with("mira")
    window.send("/slow One.")
    expect(window.page.locator("article[aria-busy=true]")).to_be_visible()
    window.send("Two.")
    window.send("Three.")
    expect(window.messages).to_have_count(7)
    expect(window.page.get_by_label("Stop the reply")).to_have_count(0)
    own = [text for text in window.messages.all_inner_texts() if text.startswith(("/slow One.", "Two.", "Three."))]
    assert len(own) == 3


def test_edit_delete_and_copy_a_message(window: Window) -> None:
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.talk_with("mira")
    window.say("A grene umbrella.")
    window.choose("A grene umbrella.", "Edit")
    window.page.get_by_label("Edit message").fill("A green umbrella.")
    window.page.get_by_label("Edit message").press("Enter")
    expect(window.messages.nth(1)).to_contain_text("A green umbrella.")
    expect(window.messages.nth(1)).to_contain_text("edited")
    window.choose("A green umbrella.", "Copy")
    assert window.page.evaluate("navigator.clipboard.readText()") == "A green umbrella."
    window.choose("A green umbrella.", "Delete")
    window.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(window.page.get_by_text("Deleted. The receipt is with your data.")).to_be_visible()
    expect(window.messages.nth(1)).to_contain_text("This message was deleted.")
    window.page.reload()
    expect(window.messages.nth(1)).to_contain_text("This message was deleted.")


def test_what_a_model_writes_is_text_and_never_code(window: Window) -> None:
    window.talk_with("mira")
    hostile = (
        "/echo *smiles* **bold** <img src=x onerror=alert(1)> <b>no</b> ![p](https://elsewhere.example/p.png) "
        "[go](https://elsewhere.example/) [bad](javascript:alert(1))"
    )
    window.say(hostile)
    reply = window.messages.nth(2)
    expect(reply.locator("em")).to_have_text("smiles")
    expect(reply.locator("strong")).to_have_text("bold")
    expect(reply).to_contain_text("<b>no</b>")
    expect(reply.locator("[class*=prose] img")).to_have_count(0)
    link = reply.get_by_role("link", name="go")
    assert "noopener" in str(link.get_attribute("rel"))
    assert "noreferrer" in str(link.get_attribute("rel"))
    assert not reply.get_by_text("bad").get_attribute("href")


def test_too_long_is_counted_and_not_sent(window: Window) -> None:
    window.talk_with("mira")
    window.writing.fill("🌧" * 2001)
    expect(window.page.get_by_text("1 too many")).to_be_visible()
    expect(window.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    window.writing.fill("🌧" * 2000)
    window.writing.press("Enter")
    expect(window.messages).to_have_count(3)


def test_words_not_yet_sent_wait_for_the_person(window: Window) -> None:
    window.talk_with("mira")
    window.writing.fill("Half a thought")
    window.page.reload()
    expect(window.writing).to_have_value("Half a thought")


def test_where_to_find_help_is_a_note_with_numbers_to_call(window: Window) -> None:
    window.talk_with("mira")
    window.say("I want to kill myself tonight.")
    note = window.page.get_by_role("note", name="A note from Everkin")
    expect(note).to_have_count(1)
    expect(note.get_by_role("link", name="988")).to_have_attribute("href", "tel:988")
    site = note.get_by_role("link", name="findahelpline.com")
    expect(site).to_have_attribute("href", "https://findahelpline.com/")
    expect(site).to_have_attribute("rel", "noopener noreferrer")
    expect(window.page.locator("[data-announcer]")).to_contain_text("findahelpline.com")
    window.page.reload()
    expect(note).to_have_count(1)
    assert window.messages.count() == 3
