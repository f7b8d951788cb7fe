"""Who is there: told to the people of a conversation and nobody else, by person rather than by device."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from everkin.domain.conversation import Conversation
from everkin.domain.ids import UserId
from tests.journeys.socket_house import Ear, SocketHouse, open_socket_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path) as opened:
        yield opened


def told(ear: Ear) -> list[set[str]]:
    """Without what was told twice."""
    each = [set(body["present"]) for body in ear.bodies("presence:changed")]
    return [now for place, now in enumerate(each) if not place or now != each[place - 1]]


async def company(house: SocketHouse) -> tuple[Conversation, list[str], list[UserId]]:
    """(a conversation of two people, their tokens, their ids)."""
    tokens = [await house.token("sam"), await house.token("kim")]
    callers = [await house.caller(token) for token in tokens]
    ada = await house.runtime.character(callers[0])
    made = await house.app.conversations.create(callers[0], [ada.id], people=[callers[1].user_id])
    return made, tokens, [caller.user_id for caller in callers]


async def test_people_see_each_other_come_and_go(house: SocketHouse) -> None:
    conversation, (sam_token, kim_token), (sam, kim) = await company(house)
    sams, kims = await house.ear(sam_token), await house.ear(kim_token)
    await sams.ask("conversation:join", conversationId=conversation.id)
    assert told(sams) == [{sam}]
    await kims.ask("conversation:join", conversationId=conversation.id)
    assert told(kims) == [{sam, kim}], "a newcomer is told who is there"
    await sams.until(lambda ear: told(ear) == [{sam}, {sam, kim}])
    await kims.close()
    await sams.until(lambda ear: told(ear) == [{sam}, {sam, kim}, {sam}])


async def test_a_person_is_there_as_long_as_one_of_their_devices_is(house: SocketHouse) -> None:
    conversation, (sam_token, kim_token), (sam, kim) = await company(house)
    watcher, desk, phone = [await house.ear(token) for token in (sam_token, kim_token, kim_token)]
    await watcher.ask("conversation:join", conversationId=conversation.id)
    await desk.ask("conversation:join", conversationId=conversation.id)
    await phone.ask("conversation:join", conversationId=conversation.id)
    assert told(phone) == [{sam, kim}], "the second device is told as well"
    await desk.ask("conversation:leave", conversationId=conversation.id)
    await watcher.ask("conversation:leave", conversationId="cnv_other")
    assert told(watcher) == [{sam}, {sam, kim}]
    await phone.ask("conversation:leave", conversationId=conversation.id)
    await watcher.until(lambda ear: told(ear)[-1] == {sam})


async def test_strangers_and_people_alone_are_told_nothing(house: SocketHouse) -> None:
    conversation, (sam_token, _), _ = await company(house)
    eve = await house.ear(await house.token("eve"))
    assert not (await eve.ask("conversation:join", conversationId=conversation.id))["ok"]
    sams = await house.ear(sam_token)
    await sams.ask("conversation:join", conversationId=conversation.id)
    await eve.ask("conversation:leave", conversationId="cnv_other")
    assert told(eve) == []
    alone = await house.conversation(await house.token("eve"))
    for device in (eve, await house.ear(await house.token("eve"))):
        await device.ask("conversation:join", conversationId=alone.id)
        assert told(device) == []
