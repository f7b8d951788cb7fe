"""Whatever was edited, deleted, switched away from and back to: what is known equals a fresh house that heard the rest alone."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.memory import Fact, Relationship
from everkin.domain.message import Message, SenderType
from tests.journeys.memory_house import MemoryHouse, open_memory_house

SAID = (
    "I live in Leeds.",
    "I moved to York.",
    "I have a dog called Fig.",
    "My dog Fig died last week.",
    "I hate coriander.",
    "I love coriander now.",
    "I work as a nurse.",
    "I quit my job as a nurse.",
    "Thank you, that means a lot to me.",
    "You are stupid and I hate talking to you.",
    "I am sorry, forgive me.",
    "In my novel I own a dragon.",
)

_steps = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "edit", "delete", "switch", "switch", "work"]),
        st.sampled_from(SAID),
        st.integers(0, 30),
    ),
    min_size=6,
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps)
async def test_it_equals_a_replay_of_what_is_left(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_memory_house(Path(folder), model="scripted", embedder="none", summary_every=1000) as house:
            sam = await house.owner()
            ada = await house.character(sam)
            chat = await house.begin(sam, ada)
            for text in SAID[:3]:
                await house.say(sam, chat, text)
            for step, text, place in steps:
                await take(house, sam, chat, step, text, place)
            await house.settle()
            bond = (await house.app.memories.relationship(sam, ada.id, "me")).relationship
            facts = await house.known(sam, ada)
            left = await standing(house, sam, chat)

            other = await house.character(sam, "Ada")
            again = await house.begin(sam, other)
            for message in left:
                if message.sender_type is SenderType.USER:
                    await repeat(house, sam, again, message)
            await house.settle()
            fresh = (await house.app.memories.relationship(sam, other.id, "me")).relationship
            assert told(facts) == told(await house.known(sam, other))
            assert close(bond) == close(fresh)


async def take(house: MemoryHouse, caller: Caller, chat: Conversation, step: str, text: str, place: int) -> None:
    if step == "work":
        return await house.settle()
    if step == "say":
        await house.say(caller, chat, text)
        return None
    entries = [each.message for each in await house.entries(caller, chat) if each.message.deleted_at is None]
    if step == "switch":
        await house.app.conversations.go_back_to(caller, entries[place % len(entries)].id)
        return None
    said = [each for each in entries if each.sender_type is SenderType.USER]
    if not said:
        return None
    chosen = said[place % len(said)]
    if step == "edit":
        await house.app.conversations.edit(caller, chosen.id, text)
    elif len(said) > 1 and (await house.app.conversations.get(caller, chat.id))[0].head_id != chosen.id:
        await house.app.conversations.delete(caller, chosen.id)
    return None


async def standing(house: MemoryHouse, caller: Caller, chat: Conversation) -> list[Message]:
    """The current branch, from its root to its head."""
    messages = {each.message.id: each.message for each in await house.entries(caller, chat)}
    conversation, _ = await house.app.conversations.get(caller, chat.id)
    path, at = [], conversation.head_id
    while at is not None:
        path.append(messages[at])
        at = messages[at].parent_id
    return [each for each in reversed(path) if each.deleted_at is None]


async def repeat(house: MemoryHouse, caller: Caller, chat: Conversation, message: Message) -> None:
    """At the time it was said the first time."""
    house.clock._start += message.created_at - house.clock.now()
    await house.say(caller, chat, message.content)


def told(facts: list[Fact]) -> set[Any]:
    """Without ids. Times stay: they are those of the messages."""
    return {
        (
            (f.text, f.category, f.realm, f.slot, f.value),
            (f.confidence, f.importance, f.reinforcements, f.superseded_by is None),
            (f.first_mentioned_at, f.last_reinforced_at, f.valid_from, f.valid_to),
        )
        for f in facts
    }


def close(bond: Relationship) -> Relationship:
    """As of one moment: it fades with time, by less than what one message makes."""
    return replace(bond, level=round(bond.level, 1), trust=round(bond.trust, 1), intimacy=round(bond.intimacy, 1))
