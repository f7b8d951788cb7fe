"""Somebody in danger: where to find help follows the reply, whatever the model does, on every interface, once a message."""

import asyncio
import io
import json
import re
import sqlite3
import urllib.request
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from everkin import Everkin
from everkin.domain.character import NsfwPolicy
from everkin.interfaces.library import Reply, ReplyFailed
from tests.journeys.memory_house import head, open_memory_house, shown
from tests.journeys.processes import ServerProcess, everkin
from tests.journeys.rest_house import Client, RestHouse, open_rest_house
from tests.journeys.socket_house import Ear, open_socket_house

DANGER = "I want to kill myself tonight."
PRESSING = "I have a bottle of pills in front of me and I'm going to do it tonight."
SITE = "findahelpline.com"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with open_rest_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def me(house: RestHouse) -> Client:
    return await house.person()


async def log(me: Client, chat: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await me.get(f"conversations/{chat}/messages?limit=100")).body["items"]
    assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
    return items


async def said(me: Client, chat: str, text: str, client_id: str | None = None) -> dict[str, Any]:
    key = {"clientId": client_id} if client_id else {}
    answer = await me.post(f"conversations/{chat}/messages?wait=true", {"content": text, **key})
    assert answer.status in (200, 201), answer
    body: dict[str, Any] = answer.body
    return body


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return [item["senderType"] for item in items]


async def test_the_line_follows_the_reply_and_stays_in_history_and_export(me: Client) -> None:
    chat = await me.chat()
    answer = await said(me, chat, DANGER)
    items = await log(me, chat)
    assert kinds(items) == ["character", "user", "character", "system"]
    note = items[-1]
    assert answer["notes"] == [note]
    assert note["type"] == "system"
    assert note["replyTo"] == items[1]["id"]
    assert note["content"].endswith(SITE)
    assert "988" in note["content"]
    assert items[1]["metadata"]["crisis"] is True
    conversation = (await me.get(f"conversations/{chat}")).body
    assert conversation["title"] == ""
    assert SITE not in conversation["lastMessagePreview"]
    exported = zipfile.ZipFile(io.BytesIO((await me.get("export")).body))
    assert any(SITE.encode() in exported.read(name) for name in exported.namelist())


@pytest.mark.parametrize("directive", ["/fail", "/fail model_unreachable", "/fail-after 2", "/echo *laughs* Do it."])
async def test_it_comes_whatever_the_model_says_or_fails_with(me: Client, directive: str) -> None:
    chat = await me.chat()
    answer = await said(me, chat, f"{directive}\n{DANGER}" if "echo" not in directive else f"{DANGER}\n{directive}")
    assert [note["content"].endswith(SITE) for note in answer["notes"]] == [True]
    assert kinds(await log(me, chat))[-1] == "system"


async def test_it_comes_when_the_reply_is_stopped_before_its_first_word(house: RestHouse, me: Client) -> None:
    chat = await me.chat()
    async with me.streaming(f"conversations/{chat}/messages", {"content": f"{DANGER}\n/hang"}) as (_, events):
        names = [name async for name, _ in _stopping(me, chat, events)]
    assert names[-2:] == ["character:response", "message:received"]
    assert kinds(await log(me, chat)) == ["character", "user", "system"]


async def _stopping(me: Client, chat: str, events: AsyncIterator[tuple[str, Any]]) -> AsyncIterator[tuple[str, Any]]:
    async for name, body in events:
        if body.get("phase") == "started":
            assert (await me.post(f"conversations/{chat}/stop")).status == 200
        yield name, body


async def test_a_message_sent_twice_has_one_line_and_both_answers_show_it(me: Client) -> None:
    chat = await me.chat()
    first = await said(me, chat, DANGER, client_id="one")
    again = await said(me, chat, DANGER, client_id="one")
    assert first["notes"] == again["notes"]
    assert len(first["notes"]) == 1
    body = {"content": DANGER, "clientId": "one"}
    async with me.streaming(f"conversations/{chat}/messages", body) as (_, events):
        streamed = [told async for name, told in events if name == "message:received"]
    assert streamed == first["notes"]
    assert kinds(await log(me, chat)).count("system") == 1


async def test_a_failed_reply_tried_again_does_not_double_the_line(me: Client) -> None:
    chat = await me.chat()
    answer = await said(me, chat, f"/fail-once\n{DANGER}")
    assert answer["problem"] is not None
    again = await me.post(f"messages/{answer['message']['id']}/retry")
    assert again.status == 200, again
    while (await me.get(f"messages/{answer['message']['id']}")).body["turns"][0]["state"] == "pending":
        await asyncio.sleep(0.01)
    assert kinds(await log(me, chat)).count("system") == 1


async def test_it_is_not_repeated_at_every_message_but_always_for_a_plan(me: Client) -> None:
    chat = await me.chat()
    assert len((await said(me, chat, DANGER))["notes"]) == 1
    assert (await said(me, chat, "i just want to die"))["notes"] == []
    assert len((await said(me, chat, PRESSING))["notes"]) == 1
    for _ in range(5):
        assert (await said(me, chat, "Thank you."))["notes"] == []
    assert len((await said(me, chat, "i just want to die"))["notes"]) == 1


async def test_an_edit_that_says_it_has_its_line_and_a_deleted_message_takes_it_along(me: Client) -> None:
    chat = await me.chat()
    answer = await said(me, chat, "Good evening.")
    edited = await me.patch(f"messages/{answer['message']['id']}", {"content": DANGER})
    assert edited.status == 200
    assert kinds(await log(me, chat)) == ["character", "user", "character", "system"]
    assert (await me.delete(f"messages/{answer['message']['id']}")).status == 200
    note = (await log(me, chat))[-1]
    assert note["deletedAt"] is not None
    assert note["content"] == ""


async def test_the_title_and_the_search_and_the_counts_leave_it_out(me: Client) -> None:
    chat = await me.chat()
    await said(me, chat, DANGER)
    await said(me, chat, "My sister has a garden.")
    assert (await me.get(f"conversations/{chat}")).body["title"] == "My sister has a garden."
    assert (await me.get("search?q=findahelpline")).body["items"] == []
    stats = (await me.get(f"sessions/{chat}")).body
    assert "everkin" not in stats["messages"]
    assert len(stats["messages"]) == 2


async def test_the_operators_country_and_the_messages_language_choose_the_sentence(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, help_locale="de-AT") as house:
        chat = await house.owner.chat()
        german = (
            await said(house.owner, chat, "Ich will mich umbringen, jetzt gleich mit den Tabletten hier vor mir")
        )["notes"]
        assert "142 (Telefonseelsorge)" in german[0]["content"]
        english = (await said(house.owner, chat, PRESSING))["notes"]
        assert "call 112" in english[0]["content"]
        assert "142" in english[0]["content"]


async def test_a_socket_hears_it_after_the_end_of_the_reply_and_when_it_comes_back(tmp_path: Path) -> None:
    async with open_socket_house(tmp_path) as house:
        token = await house.token()
        conversation = await house.conversation(token)
        ear = await house.ear(token)
        await ear.ask("message:send", conversationId=conversation.id, content=DANGER, clientId="one")
        await ear.until(lambda each: each.bodies("message:received")[-1:][0]["senderType"] == "system")
        assert ear.story()[-2:] == ["completed", "message:received"]
        later: Ear = await house.ear(token)
        await later.ask("conversation:join", conversationId=conversation.id, lastSeq=0)
        await later.until(lambda each: len(each.bodies("message:received")) == 4)
        assert later.bodies("message:received")[-1]["content"].endswith(SITE)


async def test_the_library_says_it_last_and_in_a_failure(tmp_path: Path) -> None:
    async with Everkin(data=tmp_path, model="scripted") as house:
        chat = await house.chat("mira")
        assert re.fullmatch(r"(?s)hold on\n\n.*findahelpline\.com", await chat.say(f"{DANGER}\n/echo hold on"))
        with pytest.raises(ReplyFailed, match=SITE):
            await chat.say(f"{PRESSING}\n/fail")
        session = await house.create_chat_session("mira", ["Kim"])
        replies = await house.group_chat(session, [("Kim", DANGER), ("Kim", "are you there")])
        assert [reply.character for reply in replies if isinstance(reply, Reply)][-1] == "everkin"
        assert replies[-1].text.endswith(SITE)
        assert [each.text.endswith(SITE) for each in replies].count(True) == 1


def test_the_terminal_shows_it(tmp_path: Path) -> None:
    told = everkin(
        "chat", "mira", "--data", str(tmp_path / "d"), "--model", "scripted", cwd=tmp_path, input=f"{DANGER}\n"
    )
    assert told.returncode == 0, told.stderr
    assert SITE in told.stdout.replace("\n", "")
    again = everkin(
        "chat", "mira", "--data", str(tmp_path / "d"), "--model", "scripted", cwd=tmp_path, input="/history\n"
    )
    assert "you ›\nIf you are thinking" not in again.stdout
    assert SITE in again.stdout.replace("\n", "")


def ask(server: ServerProcess, method: str, path: str, body: Any = None) -> Any:
    """As the owner, under /api/v1."""
    headers = {"Authorization": f"Bearer {server.sign_in()['access']}", "Content-Type": "application/json"}
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{server.url}/api/v1/{path}", content, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


def test_a_server_killed_before_the_reply_brings_it_after_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--model", "scripted", cwd=tmp_path) as server:
        chat = ask(server, "POST", "conversations", {"characterId": "mira"})["id"]
        ask(server, "POST", f"conversations/{chat}/messages", {"content": f"{DANGER}\n/slow"})
        server.kill()
    with ServerProcess(data, "--model", "scripted", cwd=tmp_path) as server:
        items: list[dict[str, Any]] = []
        while not items or items[-1]["senderType"] != "system":
            items = ask(server, "GET", f"conversations/{chat}/messages")["items"]
        assert kinds(items) == ["character", "user", "character", "system"]
        assert [item["seq"] for item in items] == [1, 2, 3, 4]


# -- what the model is told -------------------------------------------------------------------------------------------


async def test_no_tone_is_asked_for_and_the_line_is_never_shown_to_the_model(tmp_path: Path) -> None:
    async with open_memory_house(tmp_path) as house:
        sam, ada = await house.person("Sam"), None
        ada = await house.character(sam)
        chat = await house.begin(sam, ada)
        (angry,) = await house.say(sam, chat, "I am so angry at my boss, I hate him!!!")
        assert "Let your tone meet that feeling" in shown(angry)
        (prompt,) = await house.say(sam, chat, "I am so angry, I hate everything, I want to kill myself tonight!!!")
        assert "seems" not in shown(prompt)
        assert "Closeness" not in shown(prompt)
        assert "tone" not in shown(prompt).partition(head(prompt))[2]
        (later,) = await house.say(sam, chat, "Are you there?")
        assert SITE not in shown(later)
        assert "findahelpline" not in shown(later)
        await house.settle()
        assert not [text for text in await house.texts(sam, ada) if SITE in text or "988" in text]
        with sqlite3.connect(tmp_path / "everkin.db") as record:
            notes = [row[0] for row in record.execute("SELECT id FROM messages WHERE type = 'system'")]
            assert len(notes) == 1
            for table in ("embeddings", "message_words"):
                column = "item_id" if table == "embeddings" else "message_id"
                found = record.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", notes).fetchall()
                assert not found, table


async def test_an_uncensored_model_is_not_chosen_and_nothing_is_reused(tmp_path: Path) -> None:
    async with open_memory_house(tmp_path, uncensored_model="custom:wild") as house:
        owner = await house.owner()
        await house.app.ages.state(owner, 1980)
        ada = await house.character(owner, nsfw_policy=NsfwPolicy.ALLOW)
        chat = await house.begin(owner, ada)
        (wild,) = await house.say(owner, chat, "fuck me hard, I want your cock in my pussy")
        assert wild["model"] == "wild"
        (plain,) = await house.say(owner, chat, "fuck me, then I want to kill myself, cock pussy cum whatever")
        assert plain["model"] == "test-1"
        assert len(await house.say(owner, chat, "Am I allowed to kill myself?")) == 1
        assert len(await house.say(owner, chat, "Am I allowed to kill myself?")) == 1


async def test_in_company_there_is_one_line_for_a_message_answered_by_several(tmp_path: Path) -> None:
    async with open_memory_house(tmp_path) as house:
        sam, kim = await house.person("Sam"), await house.person("Kim")
        ada, ben = await house.character(sam), await house.character(sam, "Ben")
        chat = await house.begin(sam, ada, ben, people=[kim.user_id])
        await house.say(sam, chat, f"Ada, Ben: {DANGER}")
        types = [entry.message.sender_type.value for entry in await house.entries(sam, chat)]
        assert types.count("system") == 1
        assert types.count("character") >= 2
        assert types[-1] == "system"


async def test_where_nobody_answers_the_house_does(house: RestHouse, me: Client) -> None:
    ada, ben = [(await me.post("characters", {"name": name})).body["id"] for name in ("Ada", "Ben")]
    chat = (await me.post("conversations", {"characterIds": [ada, ben]})).body["id"]
    assert (await me.put(f"conversations/{chat}", {"speaking": "manual"})).status == 200
    answer = await said(me, chat, DANGER)
    assert answer["replies"] == []
    assert answer["notes"][0]["content"].endswith(SITE)
    assert kinds(await log(me, chat)) == ["user", "system"]
