"""The page: conversations put in order, characters made and changed, the model that speaks."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

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


def named(window: Window, title: str) -> Locator:
    return window.conversations.filter(has_text=title)


def with_title(window: Window, slug: str, title: str) -> None:
    """A new conversation of that title, on the screen."""
    window.talk_with(slug)
    window.page.get_by_role("button", name="More about this conversation").click()
    window.page.get_by_role("menuitem", name="Rename").click()
    window.page.get_by_label("New title").fill(title)
    window.page.get_by_label("New title").press("Enter")
    expect(window.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(named(window, title)).to_be_visible()


def do(window: Window, title: str, deed: str) -> None:
    row = named(window, title)
    row.hover()
    row.get_by_role("button", name="More about").click()
    window.page.get_by_role("menuitem", name=deed).click()


def test_rename_in_the_list(window: Window) -> None:
    with_title(window, "mira", "An umbrella")
    do(window, "An umbrella", "Rename")
    window.page.get_by_label("New title").fill("A trombone")
    window.page.get_by_label("New title").press("Enter")
    expect(named(window, "A trombone")).to_be_visible()
    window.page.reload()
    expect(window.page.get_by_role("heading", name="A trombone", level=1)).to_be_visible()


def test_archive_undo_archive_restore(window: Window) -> None:
    with_title(window, "wren", "Put away")
    do(window, "Put away", "Archive")
    expect(named(window, "Put away")).to_have_count(0)
    expect(window.writing).to_have_count(0)
    window.page.get_by_role("button", name="Undo").click()
    expect(named(window, "Put away")).to_be_visible()
    do(window, "Put away", "Archive")
    expect(named(window, "Put away")).to_have_count(0)
    window.page.get_by_label("Which conversations").select_option("archived")
    expect(named(window, "Put away")).to_be_visible()
    window.page.get_by_role("button", name="Restore it").click()
    expect(window.writing).to_be_visible()


def test_forgetting_asks_and_is_for_good(window: Window) -> None:
    with_title(window, "ebo", "To be gone")
    place = window.page.url.removeprefix(window.url)
    do(window, "To be gone", "Forget for good")
    window.page.get_by_role("button", name="Keep it").click()
    expect(named(window, "To be gone")).to_be_visible()
    do(window, "To be gone", "Forget for good")
    window.page.get_by_role("button", name="Forget for good").click()
    expect(named(window, "To be gone")).to_have_count(0)
    expect(window.page.get_by_role("heading", name="Who would you like to talk with?")).to_be_visible()
    window.go(place)
    expect(window.page.get_by_text("This conversation is gone")).to_be_visible()
    window.complaints.clear()  # the console tells of the 404


def test_filter_by_words_and_by_character(window: Window) -> None:
    with_title(window, "tala", "Tomatoes")
    with_title(window, "ottilie", "A forgotten line")
    window.page.get_by_label("Find a conversation").fill("tomat")
    expect(window.conversations).to_have_count(1)
    window.page.get_by_label("Find a conversation").fill("Ottilie")
    expect(named(window, "A forgotten line")).to_be_visible()
    expect(named(window, "Tomatoes")).to_have_count(0)
    window.page.get_by_label("Find a conversation").fill("")
    window.page.get_by_label("With whom").select_option(label="with Tala")
    expect(named(window, "Tomatoes")).to_be_visible()
    expect(named(window, "A forgotten line")).to_have_count(0)


def test_unread_shows_until_one_looks(browser: Browser, server: ServerProcess, window: Window) -> None:
    with_title(window, "tolliver", "The toll")
    place = window.page.url.removeprefix(server.url)
    window.go("/")
    with open_window(browser, server) as other:
        # A window in the background: it hears everything, and nobody looks at it.
        other.page.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
        other.go(place)
        expect(other.messages).to_have_count(1)
        other.say("One true thing.")
    expect(window.page.get_by_role("link", name="The toll, with Tolliver, 1 unread")).to_be_visible()
    window.page.get_by_role("link", name="The toll, with Tolliver").click()
    expect(window.messages).to_have_count(3)
    expect(window.page.get_by_role("link", name="The toll, with Tolliver, 1 unread")).to_have_count(0)


def picture() -> bytes:
    """A red PNG of 8 by 8."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xd0\x30\x30" * 8 for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_make_a_character_talk_with_them_change_and_delete_them(window: Window) -> None:
    window.go()
    window.page.get_by_role("link", name="Someone of your own").click()
    field = window.page.get_by_label
    field("Name", exact=True).fill("Isolde")
    field("Age", exact=True).fill("52")
    field("In one line").fill("Winds the tower clock.")
    field("By nature").fill("punctual, dry")
    field("By nature").press("Enter")
    expect(window.page.get_by_role("button", name="Remove dry")).to_be_visible()
    field("First message").fill("*winds the spring* You are {{user}}, and late.")
    preview = window.page.get_by_role("complementary", name="Preview")
    expect(preview).to_contain_text("You are you, and late.")
    expect(preview.locator("em")).to_have_text("winds the spring")
    window.page.get_by_label("Choose a picture").set_input_files(
        {"name": "face.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(preview.locator("img")).to_be_visible()
    window.page.get_by_role("button", name="Create").click()
    sheet = window.page.get_by_role("dialog")
    expect(sheet).to_contain_text("Winds the tower clock.")
    assert str(sheet.locator("img").first.get_attribute("src")).startswith("/media/")
    sheet.get_by_role("button", name="Start a conversation").click()
    expect(window.messages.first).to_contain_text("winds the spring")
    window.say("Forgive me.")

    window.go("/characters/isolde")
    window.page.get_by_role("button", name="Edit").click()
    expect(field("Name", exact=True)).to_have_value("Isolde")
    field("In one line").fill("Lets the tower clock run.")
    window.page.get_by_role("button", name="Save").click()
    expect(sheet).to_contain_text("Lets the tower clock run.")
    expect(sheet).to_contain_text("punctual, dry")
    sheet.get_by_role("button", name="Delete Isolde").click()
    sheet.get_by_role("button", name="Delete", exact=True).click()
    expect(window.page.get_by_role("main").get_by_role("link", name="Isolde")).to_have_count(0)
    named(window, "Forgive me.").get_by_role("link").click()
    expect(window.messages).to_have_count(3)
    window.page.reload()
    expect(window.messages).to_have_count(3)
    expect(window.messages.first).to_contain_text("winds the spring")
    do(window, "Forgive me.", "Forget for good")
    window.page.get_by_role("button", name="Forget for good").click()
    expect(named(window, "Forgive me.")).to_have_count(0)
    window.complaints.clear()  # the console tells of the 404 of somebody who is gone


def test_what_does_not_fit_is_said_at_its_field(window: Window) -> None:
    window.go("/characters/new")
    window.page.get_by_role("button", name="Create").click()
    name = window.page.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    expect(window.page.get_by_role("alert").first).to_have_text("Give them a name.")


def test_which_model_speaks(window: Window) -> None:
    window.talk_with("mira")
    window.page.get_by_role("button", name="Language model: Scripted, ready").click()
    dialog = window.page.get_by_role("dialog", name="Who speaks")
    expect(dialog).to_contain_text("Answers by rote")
    expect(dialog.get_by_role("button", name="Download").first).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_an_address_that_leads_nowhere(window: Window) -> None:
    window.go("/no/such/room")
    expect(window.page.get_by_text("There is nothing here")).to_be_visible()


def test_a_changed_starter_is_put_back_to_the_original(window: Window) -> None:
    page = window.go("/characters/wren").page
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("In one line").fill("Plays the trombone.")
    expect(page.get_by_role("button", name="Restore the original")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    sheet = page.get_by_role("dialog", name="Wren")
    expect(sheet.get_by_text("Plays the trombone.")).to_be_visible()
    sheet.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Restore the original").click()
    page.get_by_role("button", name="Replace with the original").click()
    expect(page.get_by_text("Wren is as they came with Everkin.")).to_be_visible()
    expect(sheet.get_by_text("Plays the trombone.")).to_have_count(0)
    assert window.complaints == []


def test_a_name_is_set_and_characters_use_it(browser: Browser, tmp_path: Path) -> None:
    with open_server(tmp_path) as server, open_window(browser, server) as window:
        window.talk_with("mira")
        window.say("Good evening!")
        window.page.get_by_role("button", name="Your data").first.click()
        field = window.page.get_by_label("What characters call you")
        save = window.page.get_by_role("dialog").get_by_role("button", name="Save", exact=True)
        expect(field).to_have_value("")
        expect(save).to_be_disabled()
        field.fill("Robin Redbreast")
        save.click()
        notice = window.page.get_by_text("They call you Robin Redbreast from now on.")
        expect(notice).to_be_visible()
        assert notice.evaluate("each => each.closest(':popover-open') !== null"), "the dialog lies over it"
        below, writing = notice.bounding_box(), window.writing.bounding_box()
        assert below
        assert writing
        assert below["y"] + below["height"] < writing["y"], "it covers where one writes"
        window.page.reload()
        window.page.get_by_role("button", name="Your data").first.click()
        expect(field).to_have_value("Robin Redbreast")
        window.talk_with("mira")
        expect(window.messages.first).to_contain_text("Robin Redbreast")
        assert window.complaints == []
