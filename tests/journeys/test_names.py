"""What a person is called: by the name they set, else by the one they told, in greetings, prompts and group scenes alike."""

import json
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import Conversation
from tests.journeys.memory_house import DAY, MemoryHouse, head, open_memory_house, shown
from tests.journeys.processes import PATIENCE, ServerProcess, everkin
from tests.journeys.rest_house import open_rest_house

FIRST = {"first_message": "Hello {{user}}, come in.", "alternate_greetings": ("The kettle is on, {{user}}.",)}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[MemoryHouse]:
    async with open_memory_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def owner(house: MemoryHouse) -> Caller:
    """Whom nobody has asked for a name."""
    return await house.owner()


async def told(house: MemoryHouse, owner: Caller, character: Character, name: str = "Daniel") -> None:
    await house.say(owner, await house.begin(owner, character), f"My name is {name}.")
    await house.settle()
    house.passes(DAY)


async def greeting(house: MemoryHouse, caller: Caller, conversation: Conversation) -> str:
    log = await house.app.conversations.history(caller, conversation.id)
    return log.entries[0].message.content


async def test_a_name_told_to_a_character_is_greeted_by_and_prompted_with(house: MemoryHouse, owner: Caller) -> None:
    ada = await house.character(owner, **FIRST)
    assert await greeting(house, owner, await house.begin(owner, ada)) == "Hello Friend, come in."
    await told(house, owner, ada)
    chat = await house.begin(owner, ada)
    greeted = await greeting(house, owner, chat)
    assert greeted.count("Daniel") >= 2, greeted
    assert "Friend" not in greeted
    (prompt,) = await house.say(owner, chat, "How are the bees?")
    assert "talking with Daniel" in head(prompt)


async def test_a_name_that_was_set_counts_at_once_and_before_any_that_was_told(
    house: MemoryHouse, owner: Caller
) -> None:
    ada = await house.character(owner, **FIRST)
    await told(house, owner, ada)
    chat = await house.begin(owner, ada)
    await house.say(owner, chat, "I saw a heron by the canal.")
    await house.settle()
    await house.app.names.set(owner.user_id, "Robin")
    (prompt,) = await house.say(owner, chat, "Where did I see the heron, do you know?")
    assert "talking with Robin" in head(prompt)
    house.passes(DAY)
    again = await house.begin(owner, ada)
    assert "Robin" in await greeting(house, owner, again)
    (prompt,) = await house.say(owner, again, "Where did I see the heron?")
    assert 'remembers: "Robin, ' in shown(prompt)


async def test_in_a_group_a_name_is_used_that_all_of_them_were_told(house: MemoryHouse, owner: Caller) -> None:
    ada, ben = await house.character(owner, **FIRST), await house.character(owner, "Ben")
    await told(house, owner, ada)
    together = await house.begin(owner, ada, ben)
    assert "Daniel" not in await greeting(house, owner, together), "Ben was not told"
    (prompt,) = await house.say(owner, together, "Ada and Ben, good morning.")
    assert "Daniel" not in shown(prompt)
    await told(house, owner, ben)
    together = await house.begin(owner, ada, ben)
    assert "Daniel" in await greeting(house, owner, together)
    (prompt,) = await house.say(owner, together, "Ada and Ben, good evening.")
    assert "Daniel" in head(prompt)


async def test_before_other_people_nobody_is_called_by_what_they_told_alone(house: MemoryHouse, owner: Caller) -> None:
    ada, kim = await house.character(owner, **FIRST), await house.person("Kim")
    await told(house, owner, ada)
    together = await house.begin(owner, ada, people=[kim.user_id])
    assert await greeting(house, owner, together) == "Hello Friend, come in."
    (prompt,) = await house.say(owner, together, "Ada, this is Kim.")
    assert "Daniel" not in shown(prompt)
    await house.app.names.set(owner.user_id, "Robin")
    (prompt,) = await house.say(owner, together, "Ada, what do you say?")
    assert "Robin: Ada, this is Kim." in shown(prompt)
    assert "Friend:" not in shown(prompt)


async def test_a_name_is_set_over_rest(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        me = await house.owner.patch("auth/me", {"name": "  Robin "})
        assert (me.status, me.body["name"], me.body["birthYear"]) == (200, "Robin", None)
        assert (await house.owner.get("auth/me")).body == me.body
        assert (await house.stranger.post("auth/local", house.key())).body["user"]["name"] == "Robin"
        chat = (await house.owner.post("conversations", {"characterId": "mira"})).body["id"]
        both = await house.owner.patch("auth/me", {"name": "Sam", "birthYear": 1990})
        assert (both.body["name"], both.body["birthYear"]) == ("Sam", 1990)
        assert (await house.owner.get("conversations?q=Sam")).body["items"][0]["id"] == chat
        for body, field in (
            ({"name": ""}, "name"),
            ({"name": " \t"}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "Kim", "birthYear": 1800}, "birthYear"),
            ({"name": "Kim", "birthYear": 1991}, None),
            ({}, None),
            ({"name": None}, None),
        ):
            refused = await house.owner.patch("auth/me", body)
            assert refused.status in (409, 422), (body, refused)
            assert refused.body.get("field") == field, (body, refused)
        assert (await house.owner.get("auth/me")).body["name"] == "Sam"


def new_conversation(server: ServerProcess) -> str:
    """The greeting of one with a character of the owner's who says their name."""

    def ask(path: str, token: str, body: dict[str, Any]) -> Any:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        request = urllib.request.Request(f"{server.url}/api/v1/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)

    token = server.sign_in()["access"]
    character = ask("characters", token, {"name": "Ada", "firstMessage": "Hello {{user}}."})
    return str(ask("conversations", token, {"characterId": character["id"]})["lastMessagePreview"])


def test_a_name_is_set_in_the_terminal_while_a_server_runs(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        assert "Friend" in new_conversation(server)
        named = everkin("users", "name", "owner", "Robin Redbreast", *data, cwd=tmp_path)
        assert named.returncode == 0, named.stderr
        assert "Robin Redbreast" in named.stdout
        assert "Robin Redbreast" in new_conversation(server)
    assert "owner\tRobin Redbreast\towner" in everkin("users", "list", *data, cwd=tmp_path).stdout
    unknown = everkin("users", "name", "nobody", "Kim", *data, cwd=tmp_path)
    assert (unknown.returncode, "nobody" in unknown.stderr) == (1, True)
    empty = everkin("users", "name", "owner", "  ", *data, cwd=tmp_path)
    assert empty.returncode == 1
