"""Endings: from what was said in a round to how each of its turns ends. Exactly one outcome a turn."""

import logging
from dataclasses import replace

from everkin.domain.errors import NotFound
from everkin.domain.ids import MessageId, Millis, new_message_id
from everkin.domain.message import CRISIS
from everkin.domain.record import Outcome
from everkin.domain.turn import Turn, TurnState
from everkin.kit.clock import Clock
from everkin.turn.crisis_help import CrisisHelp
from everkin.turn.gather import Gathered
from everkin.turn.lanes import Ride
from everkin.turn.ports import Messages
from everkin.turn.presence import Presence
from everkin.turn.rounds import Round
from everkin.turn.speaking import Said
from everkin.turn.texts import title_from

log = logging.getLogger("everkin.turns")


class Endings:
    def __init__(self, presence: Presence, clock: Clock, node: str, help_locale: str = "") -> None:
        self.crisis_help = CrisisHelp(help_locale)
        self._presence = presence
        self._clock = clock
        self._node = node

    def outcomes(self, round_: Round, said: Said, metadata: dict[str, object]) -> list[tuple[Ride, Outcome]]:
        """Speakers first, so that those who share a reply can name it. A speaker who was given no line shares the
        first reply of the round; what failed keeps each speaker's part."""
        state = self._state(round_, said)
        texts = dict(zip((ride.turn.id for ride in round_.speakers), said.texts, strict=True))
        replies: dict[str, MessageId] = {}
        ended: list[tuple[Ride, Outcome]] = []
        for ride in sorted(round_.speakers, key=lambda ride: not texts[ride.turn.id]):
            shared = next(iter(replies.values()), None) if not texts[ride.turn.id] else None
            outcome = self._outcome(ride, said, state, texts[ride.turn.id], metadata, shared)
            if state is not TurnState.FAILED and shared is None and outcome.content:
                replies[ride.turn.id] = outcome.reply_id
            ended.append((ride, outcome))
        for ride in round_.rides:
            if (speaker := round_.joined.get(id(ride))) is not None:
                text = texts[speaker.turn.id]
                shared = replies.get(speaker.turn.id) or next(iter(replies.values()), None)
                ended.append((ride, self._outcome(ride, said, state, text, metadata, shared)))
        return ended

    def _state(self, round_: Round, said: Said) -> TurnState:
        if said.error is None:
            return TurnState.STOPPED if said.stopped else TurnState.COMPLETED
        log.info("turn %s failed: %s", round_.lead.turn.id, said.error.code)
        return TurnState.FAILED

    def _outcome(
        self,
        ride: Ride,
        said: Said,
        state: TurnState,
        text: str,
        metadata: dict[str, object],
        shared: MessageId | None,
    ) -> Outcome:
        error = {"errorSentence": said.error.sentence} if said.error else {}
        return Outcome(
            turn_id=ride.turn.id,
            owner=self._node,
            state=state,
            reply_id=new_message_id(),
            content=text,
            at=self._clock.now(),
            error_code=said.error.code if said.error else None,
            delivered=self._presence.anyone(ride.turn.conversation_id),
            title="" if ride.message.metadata.get(CRISIS) else title_from(ride.message.content),
            edited_at=ride.message.edited_at,
            answered_by=shared,
            metadata={**metadata, **error},
            help_line=self.crisis_help.line_for(ride.message.metadata),
        )


async def stopped_in_record(messages: Messages, ride: Ride, now: Millis) -> Turn | None:
    """The turn as a change of its conversation has stopped it: it went on from another message, or was deleted, and then
    there is no turn left to read. None: the turn is another node's."""
    try:
        entry, _ = await messages.get(ride.message.id, ride.audience[0])
    except NotFound:
        return replace(ride.turn, state=TurnState.STOPPED, ended_at=now)
    turn = next((each for each in entry.turns if each.id == ride.turn.id), None)
    if turn is None:  # a newer attempt has taken its place
        return replace(ride.turn, state=TurnState.STOPPED, ended_at=now)
    if turn.state is TurnState.STOPPED and turn.reply_id is None:
        return turn
    log.warning("turn %s belongs to another node by now", ride.turn.id)
    return None


def metadata_of(said: Said, gathered: Gathered) -> dict[str, object]:
    """What is kept beside a reply: who spoke and why, what was recalled for it, how long it took (ms), what it cost in
    tokens."""
    end = said.end
    kept: dict[str, object | None] = {
        "model": (end.model if end else "") or gathered.model.name,
        "route": gathered.route.reason,
        "tokensIn": end.tokens_in if end and end.tokens_in is not None else gathered.prompt.tokens,
        "tokensOut": end.tokens_out if end else None,
        "generationMs": said.took_ms,
        "firstTokenMs": said.first_ms,
        "finishReason": end.reason if end else None,
        "stopped": said.stopped or None,
        "recalled": gathered.remembered.kept() or None,
    }
    return {name: value for name, value in kept.items() if value is not None}
