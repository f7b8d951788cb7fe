"""Turn service: stores a message, queues its turns, has a model answer them and stores the reply.

Read `say`, then `_answer`, from top to bottom.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from everkin.characters.service import CharacterService
from everkin.domain.caller import Caller
from everkin.domain.errors import EverkinError, ModelError, NotFound, StorageUnavailable, Unavailable
from everkin.domain.events import Event, TurnEvent
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId, new_message_id, new_turn_id
from everkin.domain.message import Message, MessageType
from everkin.domain.prompt import PRIORITY_GROUP, PRIORITY_NORMAL
from everkin.domain.record import Appended, Finished, NewMessage, Outcome, SentMessage
from everkin.domain.repositories import Messages
from everkin.domain.turn import Turn, TurnState
from everkin.domain.witnesses import witnesses
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.kit.tasks import Tasks
from everkin.turn.batch import TurnBatch
from everkin.turn.coalescing import Coalescing
from everkin.turn.event_stream import TurnEventStream
from everkin.turn.events import TurnEvents, story_so_far
from everkin.turn.inputs import PromptInputs
from everkin.turn.limits import Allowance
from everkin.turn.message_signals import sense
from everkin.turn.outcomes import TurnOutcomes, metadata_of, stopped_in_record
from everkin.turn.presence import Presence
from everkin.turn.queue import ConversationQueues, LiveTurn, TurnRequest
from everkin.turn.resends import Resends
from everkin.turn.responders import Rng, choose_responders
from everkin.turn.rules import TurnRules
from everkin.turn.streaming import ReplyStreaming, StreamedReply
from everkin.turn.validation import check_client_id, check_text

log = logging.getLogger("everkin.turns")

T = TypeVar("T")


class TurnService:
    """Accepts user messages and answers them."""

    def __init__(
        self,
        *,
        messages: Messages,
        logs: HistoryCache,
        characters: CharacterService,
        gathering: PromptInputs,
        events: Hub[Event],
        presence: Presence,
        rates: Allowance,
        batching: Coalescing,
        clock: Clock,
        rules: TurnRules,
        max_waiting: int = 32,
        rng: Rng = random.random,
    ) -> None:
        self._messages = messages
        self._logs = logs
        self._characters = characters
        self._gathering = gathering
        self._events = events
        self._rates = rates
        self.resends = Resends(messages, rates, clock)
        self._clock = clock
        self._rules = rules
        self._rng = rng
        self._closed = False
        self._tasks = Tasks("turns")
        self.announcing = TurnEvents(events)
        self.queues = ConversationQueues(self._answer, batching.choose, max_waiting)
        self._endings = TurnOutcomes(presence, clock, rules.node, rules.help_locale)
        self.crisis_help = self._endings.crisis_help
        self._speaking = ReplyStreaming(clock, rules.flush_seconds, self.announcing.delta, self._tasks, rules.natural)

    # -- public operations --------------------------------------------------------------------------------------------

    async def say(
        self,
        caller: Caller,
        conversation_id: str,
        content: str,
        *,
        type: MessageType = MessageType.TEXT,
        client_id: str | None = None,
        batch_seconds: float | None = None,
        priority: int = PRIORITY_NORMAL,
        natural: bool = False,
    ) -> Appended:
        """Store a user message and queue its turns. Returns once the message is on disk.

        `client_id` identifies one message permanently: a resend returns that message as it is now, even if it would be
        refused by now. `batch_seconds`: how long to wait for more messages to answer together with this one (None: the
        configured window with several users, else only while the user goes on typing). `priority`: 0..10 in the model's
        queue, set by the interface, never by a client. `natural`: the interface asks for a typing delay.

        Raises EmptyText, TooLong or Invalid (NUL, lone surrogates) for the text; TooMany or Busy at a limit; NotFound;
        KeyReused; Conflict (archived); StorageUnavailable.
        """
        check_client_id(client_id)
        sent = SentMessage(ConversationId(conversation_id), caller.user_id, content, type, client_id)

        async def send(mark: str) -> Appended:
            self._check_open()
            check_text(content, self._rules.max_message_length)
            responders = await self._responders(sent.user_id, sent.conversation_id, content)
            await self._rates.take(sent.user_id, mark)
            return await self._accept(await self._new(sent, responders), batch_seconds, priority, natural)

        return await self._whole(self.resends.send(sent, send))

    async def say_round(
        self, caller: Caller, conversation_id: str, lines: Sequence[tuple[UserId, str]]
    ) -> list[Appended]:
        """Store the messages of several users of one conversation and answer them by one call of the model.

        `lines` are (user id, text) pairs in order. The caller vouches for the users (an interface that knows them, such
        as a library or a chat bridge); all must take part in the conversation, as the caller must. Raises the errors of
        `say`; no message is stored if one is refused.
        """
        self._check_open()
        for _, text in lines:
            check_text(text, self._rules.max_message_length)
        where = ConversationId(conversation_id)
        responders = await self._responders(caller.user_id, where, "\n".join(text for _, text in lines))
        present = (await self._logs.get(where)).conversation.user_ids
        if any(user_id not in present for user_id, _ in lines):
            raise NotFound("Somebody who speaks here does not belong to this conversation.")
        for user_id, _ in lines:
            await self._rates.take(user_id)
        said = [SentMessage(where, user_id, text, MessageType.TEXT) for user_id, text in lines]
        news = [await self._new(each, responders) for each in said]
        return await self._whole(self._accept_round(news))

    @asynccontextmanager
    async def saying(
        self,
        caller: Caller,
        conversation_id: str,
        content: str,
        *,
        type: MessageType = MessageType.TEXT,
        client_id: str | None = None,
        priority: int = PRIORITY_NORMAL,
        natural: bool = False,
    ) -> AsyncIterator[tuple[Appended, AsyncIterator[TurnEvent]]]:
        """Call `say`; yield its result and the events of its turns to the end (for a resend also the earlier ones)."""
        inbox = TurnEventStream()
        with self._events.listening(inbox.put, conversation_id):
            appended = await self.say(
                caller, conversation_id, content, type=type, client_id=client_id, priority=priority, natural=natural
            )
            so_far = await self._so_far(appended) if appended.duplicate else ()
            yield appended, inbox.story(appended.turns, so_far)

    async def retry(self, caller: Caller, message_id: str) -> Appended:
        """Start a new attempt to answer a message after a failure, or after a stop without text.

        Raises Conflict if the turn ended in any other way; TooMany, NotFound.
        """
        self._check_open()
        await self._rates.take(caller.user_id)
        now = self._clock.now()
        again = self._messages.again(
            MessageId(message_id), caller.user_id, new_turn_id(), self._rules.node, self._lease(now), now
        )
        return await self._whole(self._take_up_again(again))

    async def ask(self, caller: Caller, conversation_id: str, character: str) -> Appended:
        """Have a character of the conversation (id or slug) answer the newest user message, even if others did.

        Raises Conflict if the character has answered it or is about to, or there is no message; TooMany, NotFound.
        """
        self._check_open()
        conversation = (await self._logs.get(ConversationId(conversation_id))).conversation
        if caller.user_id not in conversation.user_ids:
            raise NotFound
        characters = [await self._characters.known(character_id) for character_id in conversation.character_ids]
        known = next((each for each in characters if character in (each.id, each.slug)), None)
        if known is None:
            raise NotFound("characterId: no such character takes part in this conversation.", field="characterId")
        await self._rates.take(caller.user_id)
        now = self._clock.now()
        asking = self._messages.ask(
            conversation.id, caller.user_id, known.id, new_turn_id(), self._rules.node, self._lease(now), now
        )
        return await self._whole(self._take_up_again(asking))

    async def stop(self, caller: Caller, conversation_id: str, turn_id: str | None = None) -> int:
        """Stop the turns of a conversation, or only `turn_id`; return how many were stopped. Raises NotFound."""
        conversation = (await self._logs.get(ConversationId(conversation_id))).conversation
        if caller.user_id not in conversation.user_ids:
            raise NotFound
        return self.stop_all(conversation.id, turn_id)

    def stop_all(self, conversation_id: ConversationId, turn_id: str | None = None) -> int:
        """Do as `stop`, without an access check."""
        requests = self.queues.requests(conversation_id)
        return sum(request.stop() for request in requests if turn_id is None or request.turn.id == turn_id)

    def live(self, conversation_id: str) -> tuple[LiveTurn, ...]:
        """Return the turns that have not ended, in the order they will. Performs no access check."""
        return tuple(request.snapshot() for request in self.queues.requests(ConversationId(conversation_id)))

    def take_up(
        self,
        turns: Sequence[Turn],
        message: Message,
        audience: tuple[UserId, ...],
        *,
        batch_seconds: float = 0.0,
        priority: int = PRIORITY_NORMAL,
        natural: bool = False,
    ) -> None:
        """Queue pending turns that this node owns."""
        for turn in turns:
            if turn.state is TurnState.PENDING and not self._closed:
                self.queues.add(TurnRequest(turn, message, audience, batch_seconds, priority, natural))

    async def drain(self, seconds: float) -> None:
        """Refuse new messages (Unavailable) and wait up to `seconds` for the running replies to end."""
        self._closed = True
        if not await self.queues.drain(seconds):
            log.warning("some answers did not end in time; they are taken up again at the next start")

    async def close(self) -> None:
        """Cancel the running turns; they stay pending in the database and are answered after the next start."""
        self._closed = True
        await self.queues.close()
        await self._tasks.close()

    # -- accepting a message ------------------------------------------------------------------------------------------

    async def _new(self, sent: SentMessage, responders: Sequence[CharacterId]) -> NewMessage:
        metadata = await sense(sent.content)
        now = self._clock.now()
        return NewMessage(
            id=new_message_id(),
            conversation_id=sent.conversation_id,
            user_id=sent.user_id,
            content=sent.content,
            type=sent.type,
            client_id=sent.client_id,
            responders=tuple((new_turn_id(), character_id) for character_id in responders),
            owner=self._rules.node,
            lease_until=self._lease(now),
            at=now,
            metadata=metadata,
            help_line=self.crisis_help.line_for(metadata) if not responders else None,
        )

    async def _accept(self, new: NewMessage, batch_seconds: float | None, priority: int, natural: bool) -> Appended:
        appended = await self._messages.append(new)
        if not appended.duplicate:
            self._logs.appended(appended)
            await self.announcing.added(appended)
            company = self._rules.batch_seconds if len(appended.conversation.user_ids) > 1 else 0.0
            self._enqueue(appended, company if batch_seconds is None else batch_seconds, priority, natural)
        return appended

    async def _accept_round(self, news: Sequence[NewMessage]) -> list[Appended]:
        """Store and publish all messages before queueing the first turn, so that they form one batch."""
        accepted = []
        for new in news:
            appended = await self._messages.append(new)
            self._logs.appended(appended)
            await self.announcing.added(appended)
            accepted.append(appended)
        for appended in accepted:
            self._enqueue(appended, 0.0, PRIORITY_GROUP)
        return accepted

    def _enqueue(
        self, appended: Appended, batch_seconds: float, priority: int = PRIORITY_NORMAL, natural: bool = False
    ) -> None:
        several = len(appended.conversation.user_ids) > 1
        self.take_up(
            appended.turns,
            appended.message,
            appended.conversation.user_ids,
            batch_seconds=batch_seconds,
            priority=max(PRIORITY_GROUP, priority) if several else priority,
            natural=natural,
        )

    async def _take_up_again(self, writing: Coroutine[Any, Any, Appended]) -> Appended:
        """Queue a new turn for an older message."""
        appended = await writing
        self._logs.appended(appended)
        await self.announcing.changed(appended)
        self.take_up(appended.turns, appended.message, appended.conversation.user_ids)
        return appended

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("Everkin is shutting down. Send the message again in a moment.")

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end even if the caller is cancelled: a stored message must reach its queue."""
        result: T | EverkinError = await asyncio.shield(self._tasks.start(_refusal_or(work)))
        if isinstance(result, EverkinError):
            raise result
        return result

    async def _responders(
        self, user_id: UserId, conversation_id: ConversationId, content: str
    ) -> tuple[CharacterId, ...]:
        hot = await self._logs.get(conversation_id)
        if user_id not in hot.conversation.user_ids:
            raise NotFound
        there = witnesses(hot.conversation, hot.conversation.last_seq + 1)
        characters = [await self._characters.known(each) for each in hot.conversation.character_ids if each in there]
        responders = choose_responders(content, characters, hot, self._rng)
        self.queues.check_room(conversation_id, len(responders))
        return responders

    async def _so_far(self, appended: Appended) -> list[TurnEvent]:
        replies = {}
        for turn in appended.turns:
            if turn.reply_id is not None:
                entry, _ = await self._messages.get(turn.reply_id, appended.conversation.owner_id)
                replies[turn.id] = entry.message
        requests = self.queues.requests(appended.conversation.id)
        return story_so_far(appended.turns, requests, replies, appended.conversation.user_ids)

    # -- answering a batch, from its queue to its end -----------------------------------------------------------------

    async def _answer(self, requests: Sequence[TurnRequest]) -> None:
        """Answer a batch: usually one request, several where messages are answered together."""
        batch = TurnBatch.of(requests)
        said, metadata = StreamedReply([""] * len(batch.speakers), stopped=True), dict[str, object]()
        if not batch.stopping:
            for request in requests:
                await self.announcing.started(request)
            said, metadata = await self._reply(batch)
        outcomes = self._endings.outcomes(batch, said, metadata)
        finished = await self._store([outcome for _, outcome in outcomes])
        replies = {ended.reply.id: ended.reply for ended in finished if ended and ended.reply}
        for (request, _), ended in zip(outcomes, finished, strict=True):
            if ended is None:
                if (turn := await stopped_in_record(self._messages, request, self._clock.now())) is not None:
                    await self.announcing.stopped(turn, request.audience)
                continue
            self._logs.finished(ended)
            shared = replies.get(ended.turn.reply_id) if ended.turn.reply_id else None
            await self.announcing.ended(request, replace(ended, reply=shared))

    async def _reply(self, batch: TurnBatch) -> tuple[StreamedReply, dict[str, object]]:
        """Generate the reply of a batch. Any failure becomes a visible failure of its turns."""
        said = StreamedReply([""] * len(batch.speakers))
        try:
            gathered = await self._gathering.gather(batch)
            said = await self._speaking.speak(batch, gathered)
        except EverkinError as error:
            log.warning("turn %s could not be prepared: %s", batch.lead.turn.id, error)
            said.error = ModelError(error.sentence)
            return said, {}
        except Exception:
            log.exception("turn %s failed unexpectedly", batch.lead.turn.id)
            said.error = ModelError()
            return said, {}
        return said, metadata_of(said, gathered)

    async def _store(self, outcomes: Sequence[Outcome]) -> Sequence[Finished | None]:
        """Store the outcomes, retrying without end: a reply is not lost because the disk is full for a while."""
        waits = iter(self._rules.retry_seconds)
        wait = 0.0
        while True:
            try:
                return await self._messages.finish_together(outcomes)
            except StorageUnavailable as error:
                wait = next(waits, wait)
                log.warning("turn %s cannot be stored (%s); trying again in %s s", outcomes[0].turn_id, error, wait)
                await self._clock.sleep(wait)

    def _lease(self, now: Millis) -> Millis:
        return Millis(now + round(self._rules.lease_seconds * 1000))


async def _refusal_or(work: Coroutine[Any, Any, T]) -> T | EverkinError:
    """Return an EverkinError instead of raising it, so that the task does not count as failed."""
    try:
        return await work
    except EverkinError as refusal:
        return refusal


__all__ = ["LiveTurn", "TurnService"]
