"""Talking over REST: stored, streamed, waited for, sent twice, stopped, edited."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.rest_house import RestHouse, open_rest_house

WORDS = "Grüße, 你好, עברית ‏שלום‏, 👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿, e\u0301 ≠ é, \u200b\u202e\ufeff <b>&amp;</b> \\u0041 \"'`\t—\r\n\n end "


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with asyncio.timeout(60), open_rest_house(tmp_path) as opened:
        yield opened


async def answered(house: RestHouse, chat: str, text: str) -> dict[str, Any]:
    answer = await house.owner.post(f"conversations/{chat}/messages?wait=true", {"content": text})
    assert answer.status == 201, answer
    body: dict[str, Any] = answer.body
    return body


async def test_stored_then_answered(house: RestHouse) -> None:
    chat = await house.owner.chat()
    answer = await house.owner.post(f"conversations/{chat}/messages", {"content": "Good evening!"})
    assert answer.status == 201
    message = answer.body
    assert (message["content"], message["senderType"], message["seq"]) == ("Good evening!", "user", 2)
    assert [turn["state"] for turn in message["turns"]] == ["pending"]
    said = await answered(house, chat, "/echo Still here.")
    history = (await house.owner.get(f"conversations/{chat}/messages")).body
    assert [item["seq"] for item in history["items"]] == [1, 2, 3, 4, 5]
    assert history["items"][-1]["id"] == said["replies"][0]["id"]
    assert not history["more"]
    assert not history["live"]
    assert history["conversation"]["lastSeq"] == 5


async def test_unicode_comes_back_byte_for_byte(house: RestHouse) -> None:
    chat = await house.owner.chat()
    said = await answered(house, chat, WORDS)
    again = await house.owner.get(f"messages/{said['message']['id']}")
    assert said["message"]["content"] == again.body["content"] == WORDS


async def test_streamed_as_it_is_spoken(house: RestHouse) -> None:
    chat = await house.owner.chat()
    path = f"conversations/{chat}/messages"
    async with house.owner.streaming(path, {"content": "/echo One, two, three: Größe 🦊."}) as (response, events):
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


async def test_going_away_does_not_stop_the_answer(house: RestHouse) -> None:
    chat = await house.owner.chat()
    body = {"content": "/long 300", "clientId": "gone"}
    async with house.owner.streaming(f"conversations/{chat}/messages", body) as (_, events):
        assert (await anext(events))[0] == "accepted"
    said = await house.owner.post(f"conversations/{chat}/messages?wait=true", body)
    assert said.status == 200
    assert len(said.body["replies"][0]["content"].split()) == 300


async def test_waiting_gives_the_replies_or_the_problem(house: RestHouse) -> None:
    chat = await house.owner.chat()
    said = await answered(house, chat, "/echo Yes.")
    assert [reply["content"] for reply in said["replies"]] == ["Yes."]
    assert said["problem"] is None
    assert said["message"]["turns"][0]["state"] == "completed"
    failed = await answered(house, chat, "/fail model_timeout")
    assert failed["replies"] == []
    assert failed["problem"]["code"] == "model_timeout"
    assert "safe" in failed["problem"]["sentence"]


async def test_a_failed_answer_can_be_asked_for_again(house: RestHouse) -> None:
    chat = await house.owner.chat()
    failed = await answered(house, chat, "/fail-once Hello?")
    assert failed["problem"]["code"] == "model_overloaded"
    again = await house.owner.post(f"messages/{failed['message']['id']}/retry")
    assert again.status == 200
    assert again.body["turns"][0]["attempt"] == 2
    await answered(house, chat, "/echo Whoever speaks after it has waited for it.")
    message = (await house.owner.get(f"messages/{failed['message']['id']}")).body
    assert message["turns"][0]["state"] == "completed"
    assert (await house.owner.post(f"messages/{failed['message']['id']}/retry")).code == "conflict"


@pytest.mark.parametrize("way", ["body", "header"])
async def test_sent_twice_stored_once(house: RestHouse, way: str) -> None:
    chat = await house.owner.chat()
    path = f"conversations/{chat}/messages"

    async def send(content: str, key: str = "k-1") -> Any:
        if way == "body":
            return await house.owner.post(path, {"content": content, "clientId": key})
        return await house.owner.post(path, {"content": content}, headers={"idempotency-key": key})

    first, second = await send("/echo Hi."), await send("/echo Hi.")
    assert (first.status, second.status) == (201, 200)
    assert first.body["id"] == second.body["id"]
    assert first.body["clientId"] == "k-1"
    assert (await send("/echo Other.")).code == "key_reused"
    assert (await send("/echo Hi.", "k-2")).status == 201
    same_key_elsewhere = await house.owner.post(
        f"conversations/{await house.owner.chat()}/messages", {"content": "/echo Hi.", "clientId": "k-1"}
    )
    assert same_key_elsewhere.status == 201


async def test_many_at_once_with_one_key_are_one_message(house: RestHouse) -> None:
    chat = await house.owner.chat()
    body = {"content": "/echo Once.", "clientId": "same"}
    answers = await asyncio.gather(*[house.owner.post(f"conversations/{chat}/messages", body) for _ in range(20)])
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1


async def test_two_keys_that_differ_are_refused(house: RestHouse) -> None:
    chat = await house.owner.chat()
    answer = await house.owner.post(
        f"conversations/{chat}/messages", {"content": "Hi", "clientId": "a"}, headers={"idempotency-key": "b"}
    )
    assert answer.code == "invalid"
    assert answer.body["field"] == "clientId"


async def test_stopped_keeps_what_was_said(house: RestHouse) -> None:
    chat = await house.owner.chat()
    path = f"conversations/{chat}/messages"
    heard = ""
    async with house.owner.streaming(path, {"content": "/slow The lamp turns and the sea answers."}) as (_, events):
        async for _, body in events:
            if body.get("phase") == "delta":
                heard += body["text"]
                break
        live = (await house.owner.get(path)).body["live"]
        assert live[0]["phase"] == "started"
        assert live[0]["text"]
        assert (await house.owner.post(f"conversations/{chat}/stop")).body == {"stopped": 1}
        phases = [body["phase"] async for _, body in events]
    assert phases[-1] == "stopped"
    last = (await house.owner.get(path)).body["items"][-1]
    assert last["senderType"] == "character"
    assert last["content"].startswith(heard.rstrip())
    assert (await house.owner.post(f"conversations/{chat}/stop")).body == {"stopped": 0}


async def test_pages_in_both_directions(house: RestHouse) -> None:
    chat = await house.owner.chat()
    for number in range(1, 7):
        await answered(house, chat, f"/echo {number}")
    path = f"conversations/{chat}/messages"

    async def page(query: str) -> tuple[list[int], bool]:
        body = (await house.owner.get(f"{path}?{query}")).body
        return [item["seq"] for item in body["items"]], body["more"]

    assert await page("limit=4") == ([10, 11, 12, 13], True)
    assert await page("before=10&limit=4") == ([6, 7, 8, 9], True)
    assert await page("before=3&limit=4") == ([1, 2], False)
    assert await page("after=0&limit=3") == ([1, 2, 3], True)
    assert await page("after=11&limit=5") == ([12, 13], False)
    assert await page("after=99") == ([], False)
    both = await house.owner.get(f"{path}?before=3&after=1")
    assert both.code == "invalid"


async def test_read_up_to(house: RestHouse) -> None:
    chat = await house.owner.chat()
    await answered(house, chat, "/echo One.")
    assert (await house.owner.get(f"conversations/{chat}")).body["unread"] > 0
    read = await house.owner.put(f"conversations/{chat}/messages/read", {"upToSeq": 3})
    assert read.body["unread"] == 0
    items = (await house.owner.get(f"conversations/{chat}/messages")).body["items"]
    assert all(item["status"] == "read" and item["readAt"] for item in items)


async def test_edited_and_deleted_keep_their_place(house: RestHouse) -> None:
    chat = await house.owner.chat()
    message = (await answered(house, chat, "/echo One."))["message"]
    edited = await house.owner.patch(f"messages/{message['id']}", {"content": "Two."})
    assert (edited.body["content"], edited.body["seq"]) == ("Two.", message["seq"])
    assert edited.body["editedAt"]
    deleted = await house.owner.delete(f"messages/{message['id']}")
    assert (deleted.body["content"], deleted.body["seq"]) == ("", message["seq"])
    assert deleted.body["deletedAt"]
    assert (await house.owner.delete(f"messages/{message['id']}")).status == 200
    items = (await house.owner.get(f"conversations/{chat}/messages")).body["items"]
    assert [item["seq"] for item in items] == [1, 2, 3]


async def test_conversations_from_first_to_last(house: RestHouse) -> None:
    first, second = await house.owner.chat(), await house.owner.chat()
    renamed = await house.owner.put(f"conversations/{first}", {"title": "Wind ☂"})
    assert (renamed.body["title"], renamed.body["customTitle"]) == ("Wind ☂", True)
    found = await house.owner.get("conversations", params={"q": "wind"})
    assert [item["id"] for item in found.body["items"]] == [first]
    with_mira = (await house.owner.post("conversations", {"characterId": "mira"})).body
    by_character = await house.owner.get("conversations", params={"characterId": with_mira["characterIds"][0]})
    assert [item["id"] for item in by_character.body["items"]] == [with_mira["id"]]
    assert len((await house.owner.get("conversations")).body["items"]) == 3

    assert (await house.owner.post(f"conversations/{first}/archive")).body["status"] == "archived"
    assert (await house.owner.post(f"conversations/{first}/messages", {"content": "Hi"})).code == "conflict"
    archived = (await house.owner.get("conversations?status=archived")).body["items"]
    assert [item["id"] for item in archived] == [first]
    assert (await house.owner.post(f"conversations/{first}/restore")).body["status"] == "active"
    assert (await house.owner.put(f"conversations/{first}", {"status": "archived"})).body["status"] == "archived"

    assert (await house.owner.delete(f"conversations/{second}")).status == 204
    assert (await house.owner.get(f"conversations/{second}")).code == "not_found"
    remaining = (await house.owner.get("conversations?status=all")).body["items"]
    assert {item["id"] for item in remaining} == {first, with_mira["id"]}


async def test_pages_of_conversations(house: RestHouse) -> None:
    made = [await house.owner.chat() for _ in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = (
            await house.owner.get("conversations", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).body
        seen += [item["id"] for item in page["items"]]
        cursor = page["nextCursor"]
    assert cursor is None
    assert sorted(seen) == sorted(made)


async def test_several_characters_by_slug(house: RestHouse) -> None:
    body = {"characterIds": ["mira", "ebo"], "title": "Three of us"}
    made = await house.owner.post("conversations", body)
    assert made.status == 201
    assert made.headers["location"] == f"/api/v1/conversations/{made.body['id']}"
    assert len(made.body["characterIds"]) == 2
