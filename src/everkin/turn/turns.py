"""The journey of a message: said, stored, answered, stored. Read `say`, then `_answer`, from top to bottom."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError, ModelError, NotFound, StorageUnavailable, Unavailable
from everkin.domain.events import Event, TurnEvent
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId, new_message_id, new_turn_id
from everkin.domain.message import Message, MessageType
from everkin.domain.record import Appended, Finished, NewMessage, Outcome
from everkin.domain.turn import Turn, TurnState
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.kit.tasks import Tasks
from everkin.turn.announcing import Announcing, story_so_far
from everkin.turn.cast import Cast
from everkin.turn.gather import Gathering
from everkin.turn.hot import HotLogs
from everkin.turn.inbox import Inbox
from everkin.turn.lanes import Lanes, LiveTurn, Ride
from everkin.turn.ports import Messages
from everkin.turn.presence import Presence
from everkin.turn.rates import Rates
from everkin.turn.responders import choose_responders
from everkin.turn.speaking import Said, Speaking
from everkin.turn.texts import check_client_id, check_text, title_from

log = logging.getLogger("everkin.turns")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TurnRules:
    """`node` signs the turns this process speaks; `lease_seconds` is how long others wait for it. `retry_seconds`: pauses
    before a reply that could not be stored is tried again, the last one for ever."""

    node: str
    lease_seconds: float = 30.0
    max_message_length: int = 2000
    flush_seconds: float = 0.03
    stall_seconds: float = 10.0
    retry_seconds: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0)


class TurnService:
    def __init__(
        self,
        *,
        messages: Messages,
        logs: HotLogs,
        cast: Cast,
        gathering: Gathering,
        events: Hub[Event],
        presence: Presence,
        rates: Rates,
        clock: Clock,
        rules: TurnRules,
        max_waiting: int = 32,
    ) -> None:
        self._messages = messages
        self._logs = logs
        self._cast = cast
        self._gathering = gathering
        self._events = events
        self._presence = presence
        self._rates = rates
        self._clock = clock
        self._rules = rules
        self._closed = False
        self._tasks = Tasks("turns")
        self.announcing = Announcing(events)
        self.lanes = Lanes(self._answer, max_waiting)
        self._speaking = Speaking(clock, rules.flush_seconds, self.announcing.delta, self._tasks)

    # -- what people ask for ------------------------------------------------------------------------------------------

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
        self._check_open()
        check_text(content, self._rules.max_message_length)
        check_client_id(client_id)
        responders = await self._responders(caller, ConversationId(conversation_id), content)
        self._rates.take(caller.user_id)
        now = self._clock.now()
        new = NewMessage(
            id=new_message_id(),
            conversation_id=ConversationId(conversation_id),
            user_id=caller.user_id,
            content=content,
            type=type,
            client_id=client_id,
            responders=tuple((new_turn_id(), character_id) for character_id in responders),
            owner=self._rules.node,
            lease_until=self._lease(now),
            at=now,
        )
        return await self._whole(self._accept(new))

    @asynccontextmanager
    async def saying(
        self,
        caller: Caller,
        conversation_id: str,
        content: str,
        *,
        type: MessageType = MessageType.TEXT,
        client_id: str | None = None,
    ) -> AsyncIterator[tuple[Appended, AsyncIterator[TurnEvent]]]:
        """`say`, and the events of its turns up to the last one's end. For a duplicate: what had been told of them,
        then what is still to come."""
        inbox = Inbox()
        with self._events.listening(inbox.put, conversation_id):
            appended = await self.say(caller, conversation_id, content, type=type, client_id=client_id)
            so_far = await self._so_far(appended) if appended.duplicate else ()
            yield appended, inbox.story(appended.turns, so_far)

    async def retry(self, caller: Caller, message_id: str) -> Appended:
        """A new attempt after a failure, or after a stop without a word; else Conflict. TooMany, NotFound."""
        self._check_open()
        self._rates.take(caller.user_id)
        return await self._whole(self._accept_again(MessageId(message_id), caller.user_id))

    async def stop(self, caller: Caller, conversation_id: str, turn_id: str | None = None) -> int:
        """How many turns were told to stop (the running one and those waiting)."""
        conversation = (await self._logs.get(ConversationId(conversation_id))).conversation
        if caller.user_id not in conversation.user_ids:
            raise NotFound
        return self.stop_all(conversation.id, turn_id)

    def stop_all(self, conversation_id: ConversationId, turn_id: str | None = None) -> int:
        rides = self.lanes.rides(conversation_id)
        return sum(ride.stop() for ride in rides if turn_id is None or ride.turn.id == turn_id)

    def live(self, conversation_id: str) -> tuple[LiveTurn, ...]:
        """In the order they will end. Check the caller's right to the conversation first."""
        return tuple(ride.snapshot() for ride in self.lanes.rides(ConversationId(conversation_id)))

    def take_up(self, turns: Sequence[Turn], message: Message, audience: tuple[UserId, ...]) -> None:
        """Puts pending turns that this node owns into their lane."""
        for turn in turns:
            if turn.state is TurnState.PENDING and not self._closed:
                self.lanes.add(Ride(turn, message, audience))

    async def drain(self, seconds: float) -> None:
        """Takes no more messages (Unavailable) and lets the running answers end."""
        self._closed = True
        if not await self.lanes.drain(seconds):
            log.warning("some answers did not end in time; they are taken up again at the next start")

    async def close(self) -> None:
        """What is still being answered stays pending in the record and is answered after the next start."""
        self._closed = True
        await self.lanes.close()
        await self._tasks.close()

    # -- a message accepted -------------------------------------------------------------------------------------------

    async def _accept(self, new: NewMessage) -> Appended:
        appended = await self._messages.append(new)
        if not appended.duplicate:
            self._logs.appended(appended)
            await self.announcing.added(appended)
            self.take_up(appended.turns, appended.message, appended.conversation.user_ids)
        return appended

    async def _accept_again(self, message_id: MessageId, user_id: UserId) -> Appended:
        now = self._clock.now()
        appended = await self._messages.again(
            message_id, user_id, new_turn_id(), self._rules.node, self._lease(now), now
        )
        self._logs.appended(appended)
        await self.announcing.changed(appended)
        self.take_up(appended.turns, appended.message, appended.conversation.user_ids)
        return appended

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("Everkin is shutting down. Send the message again in a moment.")

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Goes on when the door that asked is gone: a message on disk has to reach its lane."""
        return await asyncio.shield(self._tasks.start(work))

    async def _responders(
        self, caller: Caller, conversation_id: ConversationId, content: str
    ) -> tuple[CharacterId, ...]:
        hot = await self._logs.get(conversation_id)
        if caller.user_id not in hot.conversation.user_ids:
            raise NotFound
        cast = [await self._cast.known(character_id) for character_id in hot.conversation.character_ids]
        responders = choose_responders(content, cast, hot)
        self.lanes.check_room(conversation_id, len(responders))
        return responders

    async def _so_far(self, appended: Appended) -> list[TurnEvent]:
        replies = {}
        for turn in appended.turns:
            if turn.reply_id is not None:
                entry, _ = await self._messages.get(turn.reply_id, appended.conversation.owner_id)
                replies[turn.id] = entry.message
        rides = self.lanes.rides(appended.conversation.id)
        return story_so_far(appended.turns, rides, replies, appended.conversation.user_ids)

    # -- one turn, from its lane to its end ---------------------------------------------------------------------------

    async def _answer(self, ride: Ride) -> None:
        said, metadata = Said(stopped=True), dict[str, object]()
        if not ride.stopping:
            await self.announcing.started(ride)
            said, metadata = await self._reply(ride)
        finished = await self._store(self._outcome(ride, said, metadata))
        if finished is None:
            log.warning("turn %s belongs to another node by now", ride.turn.id)
            return
        self._logs.finished(finished)
        await self.announcing.ended(ride, finished)

    async def _reply(self, ride: Ride) -> tuple[Said, dict[str, object]]:
        """Whatever goes wrong becomes a visible failure of this turn."""
        try:
            gathered = await self._gathering.gather(ride)
            said = await self._speaking.speak(ride, gathered)
        except EverkinError as error:
            log.warning("turn %s could not be prepared: %s", ride.turn.id, error)
            return Said(error=ModelError(error.sentence)), {}
        except Exception:
            log.exception("turn %s failed unexpectedly", ride.turn.id)
            return Said(error=ModelError()), {}
        return said, _metadata(said, gathered.model.name, gathered.prompt.tokens)

    def _outcome(self, ride: Ride, said: Said, metadata: dict[str, object]) -> Outcome:
        state = TurnState.COMPLETED
        if said.error is not None:
            log.info("turn %s failed: %s", ride.turn.id, said.error.code)
            state = TurnState.FAILED
            metadata = {**metadata, "errorSentence": said.error.sentence}
        elif said.stopped:
            state = TurnState.STOPPED
        return Outcome(
            turn_id=ride.turn.id,
            owner=self._rules.node,
            state=state,
            reply_id=new_message_id(),
            content=said.text,
            at=self._clock.now(),
            error_code=said.error.code if said.error else None,
            delivered=self._presence.anyone(ride.turn.conversation_id),
            title=title_from(ride.message.content),
            metadata=metadata,
        )

    async def _store(self, outcome: Outcome) -> Finished | None:
        """Keeps trying: what was said is not given up because the disk is full for a while."""
        waits = iter(self._rules.retry_seconds)
        wait = 0.0
        while True:
            try:
                return await self._messages.finish(outcome)
            except StorageUnavailable as error:
                wait = next(waits, wait)
                log.warning("turn %s cannot be stored (%s); trying again in %s s", outcome.turn_id, error, wait)
                await self._clock.sleep(wait)

    def _lease(self, now: Millis) -> Millis:
        return Millis(now + round(self._rules.lease_seconds * 1000))


def _metadata(said: Said, model: str, prompt_tokens: int) -> dict[str, object]:
    """What is kept beside a reply: who spoke, how long it took (ms), what it cost in tokens."""
    end = said.end
    kept: dict[str, object | None] = {
        "model": (end.model if end else "") or model,
        "tokensIn": end.tokens_in if end and end.tokens_in is not None else prompt_tokens,
        "tokensOut": end.tokens_out if end else None,
        "generationMs": said.took_ms,
        "firstTokenMs": said.first_ms,
        "finishReason": end.reason if end else None,
        "stopped": said.stopped or None,
    }
    return {name: value for name, value in kept.items() if value is not None}


__all__ = ["LiveTurn", "TurnRules", "TurnService"]
