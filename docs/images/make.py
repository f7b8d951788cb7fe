"""Makes the pictures of the README: `python docs/images/make.py` against the built page and the scripted model.

The words are those of the characters' authors, spoken by `/echo`; what the person said is put in their place on the screen.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.journeys.page_house import Window, open_browser, open_server, open_window

HERE = Path(__file__).parent

TALK = [
    (
        "Maybe I lost the habit of writing letters. Can you look for that on your shelves?",
        "*She does not laugh. She runs a finger along the tags.* Habits are in the back, next to the gloves. People lose "
        "them in pairs.\n\n*The kettle clicks off behind her.* Who was the last one to?",
    ),
    (
        "My grandmother. I kept every letter of hers and answered maybe half.",
        "Half is a lot. *She pours the tea and turns the cup so its handle points at you.* I have a whole suitcase of "
        "letters nobody answered. It weighs more than the trombone.\n\nWhat would the next one have said?",
    ),
]
OTHERS = [
    (
        "wren",
        "Moving house in nine steps",
        "Can you help me plan the move?",
        "Yes. Nine steps, and tea after the fourth.",
    ),
    (
        "tolliver",
        "The toll for Tuesday",
        "I was glad when it rained.",
        "That is true, and it is one thing. *He lifts the lantern.* Cross.",
    ),
    (
        "tala",
        "Tomato, day 41",
        "How is the contraband?",
        "Thriving. I named it Captain, so that when I am caught I can say I was talking to him.",
    ),
    (
        "ebo",
        "Groundnut soup",
        "I have never cooked for more than two.",
        "*laughs with his whole apron* Then we begin with three.",
    ),
]


def talk(window: Window, slug: str, title: str, said: list[tuple[str, str]]) -> None:
    window.talk_with(slug)
    for _, reply in said:
        window.writing.fill(f"/echo {reply}")
        window.writing.press("Enter")
        expect(window.page.get_by_label("Stop the reply")).to_have_count(0)
        expect(window.messages.last).not_to_have_attribute("aria-busy", "true")
        window.page.wait_for_timeout(300)
    window.page.get_by_role("button", name="More about this conversation").click()
    window.page.get_by_role("menuitem", name="Rename").click()
    window.page.get_by_label("New title").fill(title)
    window.page.get_by_label("New title").press("Enter")
    expect(window.page.get_by_role("heading", name=title, level=1)).to_be_visible()


def put_words(route: Route) -> None:
    answer = route.fetch()
    history = answer.json()
    words = iter([own for own, _ in TALK])
    for message in history["items"]:
        if message["senderType"] == "user":
            message["content"] = next(words)
    route.fulfill(response=answer, body=json.dumps(history))


def shoot(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.mouse.move(2, 400)
    page.wait_for_timeout(700)
    page.screenshot(path=HERE / name)
    print(name, (HERE / name).stat().st_size // 1000, "kB")  # noqa: T201


def pictures(browser: Browser, url: str) -> None:
    evening: dict[str, Any] = {"timezone_id": "America/Los_Angeles"}
    with open_window(browser, url, **evening) as window:
        for slug, title, own, reply in OTHERS:
            talk(window, slug, title, [(own, reply)])
        talk(window, "mira", "Letters, unanswered", TALK)
        place = window.page.url.removeprefix(url)
    wide: dict[str, Any] = {"viewport": {"width": 1240, "height": 860}, **evening}
    with open_window(browser, url, **wide) as window:
        window.go()
        expect(window.conversations).to_have_count(5)
        shoot(window.page, "gallery.png")
        window.page.route("**/messages?*", put_words)
        window.go(place)
        expect(window.messages.last).to_be_visible()
        shoot(window.page, "chat.png")
    small: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    }
    with open_window(browser, url, color_scheme="dark", **small, **evening) as window:
        window.page.route("**/messages?*", put_words)
        window.go(place)
        expect(window.messages.last).to_be_visible()
        shoot(window.page, "phone.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, open_server(Path(folder)) as server, open_browser() as browser:
        pictures(browser, server.url)
