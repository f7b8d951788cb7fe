"""An answer heard from two sources, what had been told and what comes: every text goes on where the one before it ended."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from everkin.domain.events import TurnDelta, TurnEvent, TurnStarted, TurnStopped
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.turn import Turn, TurnState
from everkin.turn.event_stream import TurnEventStream

TURN = Turn(
    id=TurnId("trn_1"),
    conversation_id=ConversationId("cnv_1"),
    message_id=MessageId("msg_1"),
    character_id=CharacterId("chr_1"),
    state=TurnState.PENDING,
    attempt=1,
    owner="here",
    lease_until=Millis(0),
    created_at=Millis(0),
)
WHERE: dict[str, Any] = {
    "conversation_id": TURN.conversation_id,
    "audience": (UserId("usr_1"),),
    "turn_id": TURN.id,
    "message_id": TURN.message_id,
    "character_id": TURN.character_id,
}
START = TurnStarted(**WHERE)
END = TurnStopped(**WHERE, reply=None, turn=TURN)


def said(text: str, offset: int) -> TurnDelta:
    return TurnDelta(**WHERE, text=text, offset=offset)


async def heard(so_far: Sequence[TurnEvent], queued: Sequence[TurnEvent]) -> list[TurnEvent]:
    inbox = TurnEventStream()
    for event in queued:
        await inbox.put(event)
    async with asyncio.timeout(10):
        return [event async for event in inbox.story([TURN], so_far)]


def shown(events: Sequence[TurnEvent]) -> str | None:
    """What a client shows that keeps to the promise of `character:response`; None before a start."""
    text: str | None = None
    for event in events:
        if isinstance(event, TurnStarted):
            text = ""
        if isinstance(event, TurnDelta):
            assert text is not None
            assert event.offset == len(text)
            text += event.text
    assert events[-1] is END
    return text


@pytest.mark.parametrize(
    ("so_far", "queued", "text"),
    [
        pytest.param([], [START, said("Hel", 0), said("lo", 3), END], "Hello", id="heard from the start"),
        pytest.param(
            [START, said("Hello", 0)],
            [START, said("Hel", 0), said("lo", 3), said(" you", 5), END],
            "Hello you",
            id="the start was queued before it was read",
        ),
        pytest.param([START, said("Hello", 0)], [START, said(" you", 5), END], "Hello you", id="a late start"),
        pytest.param([], [said(" you", 5), END], None, id="the start is in neither"),
        pytest.param([], [said("Hello", 0), said(" you", 5), END], None, id="all but the start is queued"),
        pytest.param([START, said("Hello", 0)], [START, said("Good", 0), said(" day", 4), END], "Good day", id="anew"),
    ],
)
async def test_a_text_never_has_a_gap(so_far: list[TurnEvent], queued: list[TurnEvent], text: str | None) -> None:
    assert shown(await heard(so_far, queued)) == text
