"""Talking over REST: stored, streamed, waited for, sent twice, stopped, edited."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.journeys.rest_house import Client, RestHouse, open_rest_house, receipt_is_genuine

WORDS = "Grüße, 你好, עברית ‏שלום‏, 👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿, e\u0301 ≠ é, \u200b\u202e\ufeff <b>&amp;</b> \\u0041 \"'`\t—\r\n\n end "


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    """One house for all of this file; each test brings people of its own."""
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def me(house: RestHouse) -> Client:
    return await house.person()


async def answered(me: Client, chat: str, text: str) -> dict[str, Any]:
    answer = await me.post(f"conversations/{chat}/messages?wait=true", {"content": text})
    assert answer.status == 201, answer
    body: dict[str, Any] = answer.body
    return body


async def test_stored_then_answered(me: Client) -> None:
    chat = await me.chat()
    answer = await me.post(f"conversations/{chat}/messages", {"content": "Good evening!"})
    assert answer.status == 201
    message = answer.body
    assert (message["content"], message["senderType"], message["seq"]) == ("Good evening!", "user", 2)
    assert [turn["state"] for turn in message["turns"]] == ["pending"]
    said = await answered(me, chat, "/echo Still here.")
    history = (await me.get(f"conversations/{chat}/messages")).body
    assert [item["seq"] for item in history["items"]] == [1, 2, 3, 4, 5]
    assert history["items"][-1]["id"] == said["replies"][0]["id"]
    assert not history["more"]
    assert not history["live"]
    assert history["conversation"]["lastSeq"] == 5


async def test_unicode_comes_back_byte_for_byte(me: Client) -> None:
    chat = await me.chat()
    said = await answered(me, chat, WORDS)
    again = await me.get(f"messages/{said['message']['id']}")
    assert said["message"]["content"] == again.body["content"] == WORDS


async def test_streamed_as_it_is_spoken(me: Client) -> None:
    chat = await me.chat()
    path = f"conversations/{chat}/messages"
    async with me.streaming(path, {"content": "/echo One, two, three: Größe 🦊."}) as (response, events):
        told = [event async for event in events]
        assert response.status == 201
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
    names = [name for name, _ in told]
    assert names[0] == "accepted"
    assert set(names[1:]) == {"character:response"}
    phases = [body["phase"] for _, body in told[1:]]
    assert phases[0] == "started"
    assert phases[-1] == "completed"
    deltas = [body for _, body in told if body.get("phase") == "delta"]
    text = ""
    for delta in deltas:
        assert delta["offset"] == len(text)
        text += delta["text"]
    assert text == told[-1][1]["message"]["content"] == "One, two, three: Größe 🦊."
    assert told[-1][1]["message"]["status"] in ("delivered", "read")
    assert told[0][1]["id"] == told[-1][1]["messageId"]


async def test_going_away_does_not_stop_the_answer(me: Client) -> None:
    chat = await me.chat()
    body = {"content": "/long 300", "clientId": "gone"}
    async with me.streaming(f"conversations/{chat}/messages", body) as (_, events):
        assert (await anext(events))[0] == "accepted"
    said = await me.post(f"conversations/{chat}/messages?wait=true", body)
    assert said.status == 200
    assert len(said.body["replies"][0]["content"].split()) == 300


async def test_waiting_gives_the_replies_or_the_problem(me: Client) -> None:
    chat = await me.chat()
    said = await answered(me, chat, "/echo Yes.")
    assert [reply["content"] for reply in said["replies"]] == ["Yes."]
    assert said["problem"] is None
    assert said["message"]["turns"][0]["state"] == "completed"
    failed = await answered(me, chat, "/fail model_timeout")
    assert failed["replies"] == []
    assert failed["problem"]["code"] == "model_timeout"
    assert "safe" in failed["problem"]["sentence"]


async def test_a_failed_answer_can_be_asked_for_again(me: Client) -> None:
    chat = await me.chat()
    failed = await answered(me, chat, "/fail-once Hello?")
    assert failed["problem"]["code"] == "model_overloaded"
    again = await me.post(f"messages/{failed['message']['id']}/retry")
    assert again.status == 200
    assert again.body["turns"][0]["attempt"] == 2
    await answered(me, chat, "/echo Whoever speaks after it has waited for it.")
    message = (await me.get(f"messages/{failed['message']['id']}")).body
    assert message["turns"][0]["state"] == "completed"
    assert (await me.post(f"messages/{failed['message']['id']}/retry")).code == "conflict"


@pytest.mark.parametrize("way", ["body", "header"])
async def test_sent_twice_stored_once(me: Client, way: str) -> None:
    chat = await me.chat()
    path = f"conversations/{chat}/messages"

    async def send(content: str, key: str = "k-1") -> Any:
        if way == "body":
            return await me.post(path, {"content": content, "clientId": key})
        return await me.post(path, {"content": content}, headers={"idempotency-key": key})

    first, second = await send("/echo Hi."), await send("/echo Hi.")
    assert (first.status, second.status) == (201, 200)
    assert first.body["id"] == second.body["id"]
    assert first.body["clientId"] == "k-1"
    assert (await send("/echo Other.")).code == "key_reused"
    assert (await send("/echo Hi.", "k-2")).status == 201
    same_key_elsewhere = await me.post(
        f"conversations/{await me.chat()}/messages", {"content": "/echo Hi.", "clientId": "k-1"}
    )
    assert same_key_elsewhere.status == 201


async def test_many_at_once_with_one_key_are_one_message(me: Client) -> None:
    chat = await me.chat()
    body = {"content": "/echo Once.", "clientId": "same"}
    answers = await asyncio.gather(*[me.post(f"conversations/{chat}/messages", body) for _ in range(20)])
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1


async def test_two_keys_that_differ_are_refused(me: Client) -> None:
    chat = await me.chat()
    answer = await me.post(
        f"conversations/{chat}/messages", {"content": "Hi", "clientId": "a"}, headers={"idempotency-key": "b"}
    )
    assert answer.code == "invalid"
    assert answer.body["field"] == "clientId"


async def test_stopped_keeps_what_was_said(me: Client) -> None:
    chat = await me.chat()
    path = f"conversations/{chat}/messages"
    heard = ""
    async with me.streaming(path, {"content": "/slow The lamp turns and the sea answers."}) as (_, events):
        async for _, body in events:
            if body.get("phase") == "delta":
                heard += body["text"]
                break
        live = (await me.get(path)).body["live"]
        assert live[0]["phase"] == "started"
        assert live[0]["text"]
        assert (await me.post(f"conversations/{chat}/stop")).body == {"stopped": 1}
        phases = [body["phase"] async for _, body in events]
    assert phases[-1] == "stopped"
    last = (await me.get(path)).body["items"][-1]
    assert last["senderType"] == "character"
    assert last["content"].startswith(heard.rstrip())
    assert (await me.post(f"conversations/{chat}/stop")).body == {"stopped": 0}


async def test_pages_in_both_directions(me: Client) -> None:
    chat = await me.chat()
    for number in range(1, 7):
        await answered(me, chat, f"/echo {number}")
    path = f"conversations/{chat}/messages"

    async def page(query: str) -> tuple[list[int], bool]:
        body = (await me.get(f"{path}?{query}")).body
        return [item["seq"] for item in body["items"]], body["more"]

    assert await page("limit=4") == ([10, 11, 12, 13], True)
    assert await page("before=10&limit=4") == ([6, 7, 8, 9], True)
    assert await page("before=3&limit=4") == ([1, 2], False)
    assert await page("after=0&limit=3") == ([1, 2, 3], True)
    assert await page("after=11&limit=5") == ([12, 13], False)
    assert await page("after=99") == ([], False)
    both = await me.get(f"{path}?before=3&after=1")
    assert both.code == "invalid"


async def test_read_up_to(me: Client) -> None:
    chat = await me.chat()
    await answered(me, chat, "/echo One.")
    assert (await me.get(f"conversations/{chat}")).body["unread"] > 0
    read = await me.put(f"conversations/{chat}/messages/read", {"upToSeq": 3})
    assert read.body["unread"] == 0
    items = (await me.get(f"conversations/{chat}/messages")).body["items"]
    assert all(item["status"] == "read" and item["readAt"] for item in items)
    for body in (None, {}):
        await answered(me, chat, "/echo Two.")
        assert (await me.put(f"conversations/{chat}/messages/read", body)).body["unread"] == 0


async def test_edited_and_deleted_keep_their_place(me: Client) -> None:
    chat = await me.chat()
    message = (await answered(me, chat, "/echo One."))["message"]
    edited = await me.patch(f"messages/{message['id']}", {"content": "Two."})
    assert (edited.body["content"], edited.body["seq"]) == ("Two.", message["seq"])
    assert edited.body["editedAt"]
    assert (await me.delete(f"messages/{message['id']}")).status == 200
    deleted = await me.get(f"messages/{message['id']}")
    assert (deleted.body["content"], deleted.body["seq"]) == ("", message["seq"])
    assert deleted.body["deletedAt"]
    items = (await me.get(f"conversations/{chat}/messages")).body["items"]
    assert [item["seq"] for item in items] == [1, 2, 3]


async def test_deleting_a_message_is_proven(me: Client, house: RestHouse) -> None:
    chat = await me.chat()
    message = (await answered(me, chat, "/echo One."))["message"]
    receipt = (await me.delete(f"messages/{message['id']}")).body
    assert (receipt["what"], receipt["counts"]["messages"], receipt["scrubbed"]) == ("message", 1, True)
    assert receipt["targetDigest"] == hashlib.sha256(message["id"].encode()).hexdigest()
    assert (await me.delete(f"messages/{message['id']}")).body == receipt, "deleted once, proven once"
    listed = (await me.get("receipts")).body
    assert listed["items"] == [receipt]
    assert receipt_is_genuine(receipt, listed["publicKey"])
    stranger = await house.person()
    assert (await stranger.delete(f"messages/{message['id']}")).code == "not_found"


async def test_conversations_from_first_to_last(me: Client) -> None:
    first, second = await me.chat(), await me.chat()
    renamed = await me.put(f"conversations/{first}", {"title": "Wind ☂"})
    assert (renamed.body["title"], renamed.body["customTitle"]) == ("Wind ☂", True)
    found = await me.get("conversations", params={"q": "wind"})
    assert [item["id"] for item in found.body["items"]] == [first]
    with_mira = (await me.post("conversations", {"characterId": "mira"})).body
    by_character = await me.get("conversations", params={"characterId": with_mira["characterIds"][0]})
    assert [item["id"] for item in by_character.body["items"]] == [with_mira["id"]]
    assert len((await me.get("conversations")).body["items"]) == 3

    assert (await me.post(f"conversations/{first}/archive")).body["status"] == "archived"
    assert (await me.post(f"conversations/{first}/messages", {"content": "Hi"})).code == "conflict"
    archived = (await me.get("conversations?status=archived")).body["items"]
    assert [item["id"] for item in archived] == [first]
    assert (await me.post(f"conversations/{first}/restore")).body["status"] == "active"
    assert (await me.put(f"conversations/{first}", {"status": "archived"})).body["status"] == "archived"

    assert (await me.delete(f"conversations/{second}")).status == 204
    assert (await me.get(f"conversations/{second}")).code == "not_found"
    remaining = (await me.get("conversations?status=all")).body["items"]
    assert {item["id"] for item in remaining} == {first, with_mira["id"]}


async def test_pages_of_conversations(me: Client) -> None:
    made = [await me.chat() for _ in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = (await me.get("conversations", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).body
        seen += [item["id"] for item in page["items"]]
        cursor = page["nextCursor"]
    assert cursor is None
    assert sorted(seen) == sorted(made)


async def test_several_characters_by_slug(me: Client) -> None:
    body = {"characterIds": ["mira", "ebo"], "title": "Three of us"}
    made = await me.post("conversations", body)
    assert made.status == 201
    assert made.headers["location"] == f"/api/v1/conversations/{made.body['id']}"
    assert len(made.body["characterIds"]) == 2
