"""Turn events: publishes the steps of a turn to all participants of its conversation, in order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from everkin.domain.conversation import Conversation
from everkin.domain.errors import ModelError, model_error_sentence
from everkin.domain.events import (
    ConversationChanged,
    Event,
    MessageAdded,
    MessageChanged,
    MessagesDelivered,
    MessagesRead,
    TurnCompleted,
    TurnDelta,
    TurnEvent,
    TurnFailed,
    TurnStalled,
    TurnStarted,
    TurnStopped,
)
from everkin.domain.ids import TurnId, UserId
from everkin.domain.message import Message
from everkin.domain.record import Appended, Finished
from everkin.domain.turn import Turn, TurnState
from everkin.kit.hub import Hub
from everkin.turn.queue import TurnRequest

T = TypeVar("T", bound=Event)


class TurnEvents:
    """Publishes turn, message and conversation events on the event hub."""

    def __init__(self, events: Hub[Event]) -> None:
        self._events = events

    async def added(self, appended: Appended) -> None:
        """Publish a new message, its delivery to each responding character and its help line, if any."""
        conversation, message = appended.conversation, appended.message
        await self._tell(conversation, MessageAdded, message=message, turns=appended.turns)
        for turn in appended.turns:
            await self._tell(
                conversation,
                MessagesDelivered,
                by=turn.character_id,
                up_to_seq=message.seq,
                at=message.created_at,
                revision=message.revision,
            )
        await self.note(conversation, appended.note)

    async def note(self, conversation: Conversation, note: Message | None) -> None:
        """Publish a system message, if there is one."""
        if note is not None:
            await self._tell(conversation, MessageAdded, message=note)

    async def changed(self, appended: Appended) -> None:
        """Publish a changed message with its turns."""
        await self._tell(appended.conversation, MessageChanged, message=appended.message, turns=appended.turns)

    async def conversation(self, conversation: Conversation) -> None:
        """Publish the conversation's new state."""
        await self._tell(conversation, ConversationChanged, conversation=conversation)

    async def started(self, request: TurnRequest) -> None:
        """Mark the request as started and publish it."""
        request.started = True
        await self._publish(turn_event(TurnStarted, request.turn, request.audience))

    async def delta(self, request: TurnRequest, text: str, offset: int) -> None:
        """Publish a piece of the reply; `offset` in code points. A stop takes effect after it."""
        request.text += text
        request.telling = True
        await self._publish(turn_event(TurnDelta, request.turn, request.audience, text=text, offset=offset))
        request.told()

    async def stalled(self, request: TurnRequest, waited_ms: int) -> None:
        """Publish that the model has sent no text for `waited_ms`."""
        await self._publish(turn_event(TurnStalled, request.turn, request.audience, waited_ms=waited_ms))

    async def ended(self, request: TurnRequest, finished: Finished) -> None:
        """Publish the read receipt, the conversation's new state, the turn's end, and then any system messages."""
        conversation, message = finished.conversation, finished.message
        if message.read_at is not None and message.read_at != request.message.read_at:
            await self._tell(
                conversation,
                MessagesRead,
                by=finished.turn.character_id,
                up_to_seq=message.seq,
                at=message.read_at,
                revision=message.revision,
            )
        await self.conversation(conversation)
        await self._publish(end_event(finished.turn, finished.reply, request.audience))
        for note in finished.notes:
            await self.note(conversation, note)

    async def stopped(self, turn: Turn, audience: tuple[UserId, ...]) -> None:
        """Publish the end of a turn that a change of its conversation stopped; it has no reply."""
        await self._publish(end_event(turn, None, audience))

    async def _tell(self, within: Conversation, kind: Callable[..., T], **fields: Any) -> None:
        await self._publish(kind(conversation_id=within.id, audience=within.user_ids, **fields))

    async def _publish(self, event: Event) -> None:
        await self._events.publish(event, event.conversation_id)


E = TypeVar("E", bound=TurnEvent)


def turn_event(kind: Callable[..., E], turn: Turn, audience: tuple[UserId, ...], /, **fields: Any) -> E:
    """Build an event of `kind` with the ids of the turn."""
    return kind(
        conversation_id=turn.conversation_id,
        audience=audience,
        turn_id=turn.id,
        message_id=turn.message_id,
        character_id=turn.character_id,
        **fields,
    )


def end_event(turn: Turn, reply: Message | None, audience: tuple[UserId, ...]) -> TurnEvent:
    """Return the end event of a turn that is no longer pending."""
    if turn.state is TurnState.COMPLETED:
        return turn_event(TurnCompleted, turn, audience, reply=reply, turn=turn)
    if turn.state is TurnState.STOPPED:
        return turn_event(TurnStopped, turn, audience, reply=reply, turn=turn)
    code = turn.error_code or ModelError.code
    sentence = str(turn.metadata.get("errorSentence") or model_error_sentence(code))
    return turn_event(TurnFailed, turn, audience, code=code, sentence=sentence, turn=turn)


def story_so_far(
    turns: Sequence[Turn],
    requests: Sequence[TurnRequest],
    replies: Mapping[TurnId, Message],
    audience: tuple[UserId, ...],
) -> list[TurnEvent]:
    """Rebuild the events that a new subscriber of these turns has missed, from the queue and the stored turns."""
    riding = {request.turn.id: request for request in requests}
    missed: list[TurnEvent] = []
    for turn in turns:
        request = riding.get(turn.id)
        if request is None and turn.state is not TurnState.PENDING:
            missed.append(end_event(turn, replies.get(turn.id), audience))
        elif request is not None and request.started:
            missed.append(turn_event(TurnStarted, turn, audience))
            missed.append(turn_event(TurnDelta, turn, audience, text=request.text, offset=0))
    return missed
