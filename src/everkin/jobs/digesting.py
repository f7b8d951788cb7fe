"""Digesting: what people said becomes findings and steps of a relationship, and then the facts are folded anew."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import BondEvent, Finding, Work, pairs_of
from everkin.domain.message import Message, is_spoken
from everkin.domain.prompt import Purpose
from everkin.domain.witnesses import witnesses
from everkin.jobs.scene import Scene
from everkin.jobs.scribe import Scribe
from everkin.kit.clock import Clock
from everkin.memory.bond_events import events_of
from everkin.memory.by_model import PRIORITY_JOB, extract_with
from everkin.memory.extract import Found, Line, find_on
from everkin.memory.extract import Scene as Frame
from everkin.memory.findings import as_finding
from everkin.memory.keeping import Keeping
from everkin.memory.ports import MemoryRecord

PIECE = 50
"""Messages of one step."""
BEFORE = 12
"""Messages read before them, so that a question or a game that was begun there is known."""


class Digesting:
    """`gathers`: where a model extracts, this many messages are waited for, or `patience` seconds of silence, so that one call
    serves several messages. `dropped` counts what a model said that was not believed, by reason."""

    name = "digesting"

    def __init__(
        self,
        record: MemoryRecord,
        scene: Scene,
        scribe: Scribe,
        keeping: Keeping,
        clock: Clock,
        gathers: int = 10,
        patience: float = 90.0,
    ) -> None:
        self.dropped: Counter[str] = Counter()
        self._record = record
        self._scene = scene
        self._scribe = scribe
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
        findings = [
            each
            for user in conversation.user_ids
            for each in await self._findings(conversation, user, spoken, work.seq)
        ]
        if not await self._record.digested(
            work, to_seq, findings, list(_events(conversation, spoken, findings, work.seq))
        ):
            return False
        for pair in pairs_of(conversation):
            await self._keeping.refold(pair, conversation.id)
        return True

    def _can_wait(self, new: Sequence[Message]) -> bool:
        if self._scribe.model() is None or not new or len(new) >= self._gathers:
            return False
        return self._clock.now() - new[-1].created_at < self._patience * 1000

    async def _findings(
        self, conversation: Conversation, user_id: UserId, spoken: Sequence[Message], after: int
    ) -> list[Finding]:
        before = [_line(each, user_id) for each in spoken if each.seq <= after]
        new = [_line(each, user_id) for each in spoken if each.seq > after]
        if not any(line.person for line in new):
            return []
        _, frame = await asyncio.to_thread(find_on, before, Frame())
        found = await self._found(conversation, user_id, new, frame)
        return [_finding(each, conversation, user_id) for each in found]

    async def _found(
        self, conversation: Conversation, user_id: UserId, new: Sequence[Line], frame: Frame
    ) -> Sequence[Found]:
        if (model := self._scribe.model()) is None:
            return (await asyncio.to_thread(find_on, new, frame))[0]
        purpose = Purpose(user_id, conversation.character_ids[0], conversation.id, PRIORITY_JOB)
        extracted = await extract_with(model, new, frame, purpose)
        self.dropped.update(extracted.dropped)
        return extracted.found


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
) -> Iterable[BondEvent]:
    learnt = Counter(finding.message_id for finding in findings)
    for preceding, message in zip((None, *spoken), spoken, strict=False):
        if message.seq > after:
            there = witnesses(conversation, message.seq)
            for character_id in conversation.character_ids:
                if character_id in there:
                    yield from events_of(message, preceding, learnt[message.id], CharacterId(character_id))
