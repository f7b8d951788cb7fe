"""Digesting: what people said becomes findings and steps of a relationship, and then the facts are folded anew."""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Sequence

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import BondEvent, Finding, Work, pairs_of
from everkin.domain.message import Message, is_spoken
from everkin.domain.prompt import Purpose
from everkin.domain.witnesses import witnesses
from everkin.jobs.conversation_reader import ConversationReader
from everkin.jobs.text_model import TextModel
from everkin.kit.clock import Clock
from everkin.memory.extraction.english.rules import MESSAGE_SECONDS, Found, Line, read_lines
from everkin.memory.extraction.english.rules import Scene as Frame
from everkin.memory.extraction.findings import as_finding
from everkin.memory.extraction.llm import PRIORITY_JOB, extract_with
from everkin.memory.facts.store import FactStore
from everkin.memory.ports import MemoryRecord
from everkin.memory.relationship.events import events_of
from everkin.memory.scenes import Position, Scenes

log = logging.getLogger("everkin.jobs")

PIECE = 50
"""Messages of one step."""
BEFORE = 12
"""Messages read before them, so that a question or a game that was begun there is known. They are looked at by the rules only
where the scene they end with is not known any more."""


class ExtractFacts:
    """`gathers`: where a model extracts, this many messages are waited for, or `patience` seconds of silence, so that one call
    serves several messages. `scenes`: where the rules stand in each conversation. `seconds`: CPU time of the rules for a message.
    `dropped` counts what a model said that was not believed, by reason, and as `slow` the messages of which the rules left a
    part unread."""

    name = "digesting"

    def __init__(
        self,
        record: MemoryRecord,
        scene: ConversationReader,
        text_model: TextModel,
        keeping: FactStore,
        clock: Clock,
        gathers: int = 10,
        patience: float = 90.0,
        *,
        scenes: Scenes | None = None,
        seconds: float = MESSAGE_SECONDS,
        dropped: Counter[str] | None = None,
    ) -> None:
        self.dropped: Counter[str] = dropped if dropped is not None else Counter()
        self._scenes = scenes if scenes is not None else Scenes()
        self._seconds = seconds
        self._record = record
        self._scene = scene
        self._text_model = text_model
        self._keeping = keeping
        self._clock = clock
        self._gathers = gathers
        self._patience = patience

    async def find(self, limit: int) -> Sequence[Work]:
        return await self._record.to_digest(limit)

    async def do(self, work: Work) -> bool:
        after = max(0, work.seq - BEFORE)
        read = await self._record.messages_between(work.conversation_id, after, BEFORE + PIECE)
        spoken = [message for message in read if is_spoken(message)]
        new = [message for message in spoken if message.seq > work.seq]
        if self._can_wait(new):
            return False
        to_seq = read[-1].seq if len(read) == BEFORE + PIECE else work.last_seq
        conversation = await self._scene.conversation(work.conversation_id)
        read_by = [await self._read(conversation, user, spoken, work) for user in conversation.user_ids]
        findings = [
            _finding(each, conversation, user)
            for user, (found, _) in zip(conversation.user_ids, read_by, strict=True)
            for each in found
        ]
        events = await asyncio.to_thread(_events, conversation, spoken, findings, work.seq)
        if not await self._record.digested(work, to_seq, findings, events):
            return False
        for user, (_, frame) in zip(conversation.user_ids, read_by, strict=True):
            self._scenes.keep(Position(conversation.id, user, to_seq, work.amended), frame)
        for pair in pairs_of(conversation):
            await self._keeping.refold(pair, conversation.id)
        return True

    def _can_wait(self, new: Sequence[Message]) -> bool:
        if self._text_model.model() is None or not new or len(new) >= self._gathers:
            return False
        return self._clock.now() - new[-1].created_at < self._patience * 1000

    async def _read(
        self, conversation: Conversation, user_id: UserId, spoken: Sequence[Message], work: Work
    ) -> tuple[Sequence[Found], Frame]:
        """What the new messages say of this person, and the scene after them."""
        new = [_line(each, user_id) for each in spoken if each.seq > work.seq]
        frame = self._scenes.at(Position(conversation.id, user_id, work.seq, work.amended))
        if frame is None:
            before = [_line(each, user_id) for each in spoken if each.seq <= work.seq]
            frame = (await asyncio.to_thread(read_lines, before, Frame(), self._seconds)).scene
        model = self._text_model.model() if any(line.person for line in new) else None
        purpose = Purpose(user_id, conversation.character_ids[0], conversation.id, PRIORITY_JOB)
        extracted = await extract_with(model, new, frame, purpose, self._seconds)
        self.dropped.update(extracted.dropped)
        if extracted.dropped["slow"]:
            log.warning("%d messages take the rules too long; the rest of them is not read", extracted.dropped["slow"])
        return extracted.found, extracted.scene


def _line(message: Message, user_id: UserId) -> Line:
    return Line(message.id, message.seq, message.created_at, message.content, message.sender_id == user_id)


def _finding(found: Found, conversation: Conversation, user_id: UserId) -> Finding:
    """The id follows from the message and what was found, so that digesting twice finds the same thing."""
    said = "\0".join((found.message_id, user_id, found.text, found.realm.value))
    finding_id = f"fnd_{hashlib.blake2b(said.encode(), digest_size=14).hexdigest()}"
    there = tuple(sorted(witnesses(conversation, found.seq)))
    return as_finding(found, finding_id, user_id, conversation.id, there)


def _events(
    conversation: Conversation, spoken: Sequence[Message], findings: Sequence[Finding], after: int
) -> list[BondEvent]:
    learnt = Counter(finding.message_id for finding in findings)
    events: list[BondEvent] = []
    for preceding, message in zip((None, *spoken), spoken, strict=False):
        if message.seq > after:
            there = witnesses(conversation, message.seq)
            for character_id in conversation.character_ids:
                if character_id in there:
                    events += events_of(message, preceding, learnt[message.id], CharacterId(character_id))
    return events
