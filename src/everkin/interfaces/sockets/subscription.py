"""A socket's subscription to a conversation. While the socket catches up, events are held back, so that none arrives
twice or early."""

from collections.abc import Collection

from everkin.domain.events import Event, TurnDelta, TurnEnded, TurnEvent, TurnStalled, TurnStarted
from everkin.domain.ids import TurnId, UserId
from everkin.interfaces.sockets import wire
from everkin.interfaces.sockets.connections import Connection
from everkin.interfaces.sockets.encoded_events import EncodedEvent, typing_frame_of
from everkin.interfaces.sockets.frames import event_frame
from everkin.turn.turns import LiveTurn

MOST_HELD = 20_000


class Subscription:
    """One socket in one conversation. `brought_seq`, `brought_revision`: the part of the log that catching up has sent;
    events about it are stale. `audience`: the users informed of this user's presence; None until the right to the
    conversation is confirmed."""

    def __init__(self, line: Connection, user_id: UserId, conversation_id: str) -> None:
        self.line = line
        self.user_id = user_id
        self.conversation_id = conversation_id
        self.audience: tuple[UserId, ...] | None = None
        self.brought_seq = 0
        self.brought_revision = 0
        self._held: list[EncodedEvent] | None = []
        self._heard: dict[TurnId, int] = {}

    def take(self, parcel: EncodedEvent) -> None:
        if self._held is None:
            self._give(parcel)
        elif len(self._held) < MOST_HELD:
            self._held.append(parcel)
        else:
            self.line.cut()

    def flush(self, live: Collection[LiveTurn], kept: dict[TurnId, int]) -> None:
        """End the catching up. `live` are the turns in progress at this moment; `kept`: how many characters the client
        already has of those it need not get from the start."""
        held, self._held = self._held or [], None
        ended = {each.event.turn_id for each in held if isinstance(each.event, TurnEnded)}
        speaking = {turn.turn_id: turn for turn in live if turn.started and turn.turn_id not in ended}
        told_otherwise = ended | set(speaking)
        for each in held:
            if not _is_passing(each.event, told_otherwise):
                self._give(each)
        for turn in speaking.values():
            self._continue(turn, kept.get(turn.turn_id, 0))

    def _continue(self, turn: LiveTurn, had: int) -> None:
        def say(phase: str, text: str | None = None, offset: int | None = None) -> None:
            body = wire.CharacterResponse(
                phase=phase,  # type: ignore[arg-type]
                conversation_id=self.conversation_id,
                turn_id=turn.turn_id,
                message_id=turn.message_id,
                character_id=turn.character_id,
                text=text,
                offset=offset,
            )
            self.line.put(event_frame("character:response", body))

        self.line.put(typing_frame_of(self.conversation_id, turn.character_id, is_typing=True))
        if not had:
            say("started")
        if len(turn.text) > had:
            say("delta", turn.text[had:], had)
        self._heard[turn.turn_id] = len(turn.text)

    def _give(self, parcel: EncodedEvent) -> None:
        if self._heard and isinstance(parcel.event, TurnEvent) and self._already(parcel.event):
            return
        if parcel.revision is not None and parcel.revision <= self.brought_revision:
            return
        for frame, seq in parcel.frames:
            if seq is None or seq > self.brought_seq:
                self.line.put(frame)

    def _already(self, event: TurnEvent) -> bool:
        """Whether a delta was in the snapshot but is published only now. Past it the turn needs no more checks."""
        heard = self._heard.get(event.turn_id)
        if heard is None:
            return False
        if isinstance(event, TurnDelta) and event.offset < heard:
            return True
        if not isinstance(event, TurnStalled):
            del self._heard[event.turn_id]
        return False


def _is_passing(event: Event, turns: Collection[TurnId]) -> bool:
    return isinstance(event, TurnStarted | TurnDelta | TurnStalled) and event.turn_id in turns
