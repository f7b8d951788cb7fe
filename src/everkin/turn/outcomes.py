"""Turn outcomes: derives the outcome of each turn of a batch from the streamed reply. Exactly one outcome per turn."""

import logging
from dataclasses import replace

from everkin.domain.errors import NotFound
from everkin.domain.ids import MessageId, Millis, new_message_id
from everkin.domain.message import CRISIS
from everkin.domain.record import Outcome
from everkin.domain.repositories import Messages
from everkin.domain.turn import Turn, TurnState
from everkin.kit.clock import Clock
from everkin.turn.batch import TurnBatch
from everkin.turn.crisis_help import CrisisHelp
from everkin.turn.inputs import PreparedTurn
from everkin.turn.presence import Presence
from everkin.turn.queue import TurnRequest
from everkin.turn.streaming import StreamedReply
from everkin.turn.validation import title_from

log = logging.getLogger("everkin.turns")


class TurnOutcomes:
    """Builds the outcomes that are stored at the end of a batch."""

    def __init__(self, presence: Presence, clock: Clock, node: str, help_locale: str = "") -> None:
        self.crisis_help = CrisisHelp(help_locale)
        self._presence = presence
        self._clock = clock
        self._node = node

    def outcomes(
        self, batch: TurnBatch, said: StreamedReply, metadata: dict[str, object]
    ) -> list[tuple[TurnRequest, Outcome]]:
        """Return an outcome for each request, speakers first, so that outcomes sharing a reply can refer to it.

        A speaker without text shares the first reply of the batch; a failed turn keeps its speaker's partial text.
        """
        state = self._state(batch, said)
        texts = dict(zip((request.turn.id for request in batch.speakers), said.texts, strict=True))
        replies: dict[str, MessageId] = {}
        ended: list[tuple[TurnRequest, Outcome]] = []
        for request in sorted(batch.speakers, key=lambda request: not texts[request.turn.id]):
            shared = next(iter(replies.values()), None) if not texts[request.turn.id] else None
            outcome = self._outcome(request, said, state, texts[request.turn.id], metadata, shared)
            if state is not TurnState.FAILED and shared is None and outcome.content:
                replies[request.turn.id] = outcome.reply_id
            ended.append((request, outcome))
        for request in batch.requests:
            if (speaker := batch.joined.get(id(request))) is not None:
                text = texts[speaker.turn.id]
                shared = replies.get(speaker.turn.id) or next(iter(replies.values()), None)
                ended.append((request, self._outcome(request, said, state, text, metadata, shared)))
        return ended

    def _state(self, batch: TurnBatch, said: StreamedReply) -> TurnState:
        if said.error is None:
            return TurnState.STOPPED if said.stopped else TurnState.COMPLETED
        log.info("turn %s failed: %s", batch.lead.turn.id, said.error.code)
        return TurnState.FAILED

    def _outcome(
        self,
        request: TurnRequest,
        said: StreamedReply,
        state: TurnState,
        text: str,
        metadata: dict[str, object],
        shared: MessageId | None,
    ) -> Outcome:
        error = {"errorSentence": said.error.sentence} if said.error else {}
        return Outcome(
            turn_id=request.turn.id,
            owner=self._node,
            state=state,
            reply_id=new_message_id(),
            content=text,
            at=self._clock.now(),
            error_code=said.error.code if said.error else None,
            delivered=self._presence.anyone(request.turn.conversation_id),
            title="" if request.message.metadata.get(CRISIS) else title_from(request.message.content),
            edited_at=request.message.edited_at,
            answered_by=shared,
            metadata={**metadata, **error},
            help_line=self.crisis_help.line_for(request.message.metadata),
        )


async def stopped_in_record(messages: Messages, request: TurnRequest, now: Millis) -> Turn | None:
    """Return the turn as stopped by a change of its conversation; None when it belongs to another node by now.

    The conversation went on from another message, or it (or the message) was deleted and no turn is left to read.
    """
    try:
        entry, _ = await messages.get(request.message.id, request.audience[0])
    except NotFound:
        return replace(request.turn, state=TurnState.STOPPED, ended_at=now)
    turn = next((each for each in entry.turns if each.id == request.turn.id), None)
    if turn is None:  # a newer attempt replaced it
        return replace(request.turn, state=TurnState.STOPPED, ended_at=now)
    if turn.state is TurnState.STOPPED and turn.reply_id is None:
        return turn
    log.warning("turn %s belongs to another node by now", request.turn.id)
    return None


def metadata_of(said: StreamedReply, gathered: PreparedTurn) -> dict[str, object]:
    """Return a reply's metadata: model, route, recalled memories, durations (ms) and token counts."""
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
