"""Fact extraction: derives findings and relationship events from new messages, then recomputes the facts from them."""

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
"""Messages processed in one step."""
BEFORE = 12
"""Messages read before them for context, such as a question or a role play begun there. The rules process them only
when the scene at their end is no longer cached."""


class ExtractFacts:
    """The job that extracts facts.

    Where a model extracts, the job waits for `gathers` new messages or `patience` seconds without one, so that one call
    serves several messages. `scenes` caches the state of the rules per conversation. `seconds` bounds the CPU time of
    the rules per message. `dropped` counts rejected findings of a model by reason, and as `slow` the messages that the
    rules read only in part.
    """

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
        """Return conversations with messages to extract from."""
        return await self._record.to_digest(limit)

    async def do(self, work: Work) -> bool:
        """Process the next messages of a conversation; False while more are waited for, or if another node did it."""
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
        """Return the findings of the new messages about a user, and the scene after them."""
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
    """Return the finding; its id is a hash of the message and the content, so that a repeated extraction adds no
    duplicates."""
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
