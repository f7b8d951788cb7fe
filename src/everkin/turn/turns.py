"""The journey of a message. (Signatures first; bodies follow.)"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from everkin.domain.caller import Caller
from everkin.domain.events import TurnEvent
from everkin.domain.ids import CharacterId, MessageId, TurnId
from everkin.domain.message import MessageType
from everkin.domain.record import Appended


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """A turn not yet ended, on this node. `started` False: it waits for its lane. `text`: said so far."""

    turn_id: TurnId
    message_id: MessageId
    character_id: CharacterId
    started: bool
    text: str


class TurnService:
    async def say(
        self,
        caller: Caller,
        conversation_id: str,
        content: str,
        *,
        type: MessageType = MessageType.TEXT,
        client_id: str | None = None,
    ) -> Appended:
        """Returns once the message is on disk. EmptyText, TooLong, Invalid (NUL, lone surrogates), TooMany, Busy, NotFound,
        KeyReused, Conflict (archived), StorageUnavailable."""
        raise NotImplementedError

    def saying(
        self,
        caller: Caller,
        conversation_id: str,
        content: str,
        *,
        type: MessageType = MessageType.TEXT,
        client_id: str | None = None,
    ) -> AbstractAsyncContextManager[tuple[Appended, AsyncIterator[TurnEvent]]]:
        """`say`, and the events of its turns up to the last one's end. For a duplicate: what is still to come of them."""
        raise NotImplementedError

    async def retry(self, caller: Caller, message_id: str) -> Appended:
        raise NotImplementedError

    async def stop(self, caller: Caller, conversation_id: str, turn_id: str | None = None) -> int:
        """How many turns were told to stop (the running one and those waiting)."""
        raise NotImplementedError

    def live(self, conversation_id: str) -> tuple[LiveTurn, ...]:
        """In the order they will end. Check the caller's right to the conversation first."""
        raise NotImplementedError
