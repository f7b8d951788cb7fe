"""What jobs make of a conversation, in short words for tests: by plain rules, without a model."""

from dataclasses import replace

from everkin.domain import ids
from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId
from everkin.domain.memory import (
    BondEvent,
    Category,
    Embedded,
    Fact,
    FactId,
    Finding,
    Op,
    Pair,
    Summary,
    SummaryId,
    Work,
)
from everkin.domain.message import Message, SenderType
from everkin.domain.witnesses import witnesses
from tests.contracts.record_scene import Scene

EMBEDDER = "plain:4"


def vector(number: int) -> bytes:
    return bytes([number % 251] * 8)


class Remembering:
    """Every message of a person becomes one finding with its very words, and one event of the relationship."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.record = scene.record
        self.pair = Pair(scene.ada.id, scene.anna.id)

    async def work(self) -> None:
        """All jobs, until nothing is left."""
        for work in await self.record.memories.to_index(100):
            await self.index(work)
        for work in await self.record.memories.to_digest(100):
            await self.digest(work)
        for work in await self.record.memories.to_summarise(100, 1):
            await self.sum_up(work)
        for pair in await self.record.memories.to_fold(100):
            await self.fold(pair)

    async def index(self, work: Work) -> bool:
        messages = await self.record.memories.messages_between(work.conversation_id, work.seq, 1000)
        vectors = [Embedded(each.id, EMBEDDER, vector(each.seq)) for each in messages]
        return await self.record.memories.indexed(work, work.last_seq, vectors)

    async def digest(self, work: Work) -> bool:
        conversation = await self.record.conversations.get(work.conversation_id, None)
        messages = await self.record.memories.messages_between(work.conversation_id, work.seq, 1000)
        said = [each for each in messages if each.sender_type is SenderType.USER]
        findings = [_finding(conversation, each) for each in said]
        events = [event for each in said for event in _events(conversation, each)]
        return await self.record.memories.digested(work, work.last_seq, findings, events)

    async def sum_up(self, work: Work) -> bool:
        conversation = await self.record.conversations.get(work.conversation_id, None)
        messages = await self.record.memories.messages_between(work.conversation_id, work.seq, 1000)
        summary = Summary(
            SummaryId(ids.new_summary_id()),
            work.conversation_id,
            work.seq + 1,
            work.last_seq,
            "They said: " + "; ".join(each.content for each in messages),
            5,
            "none",
            self.scene.now(),
            tuple(sorted(witnesses(conversation, work.last_seq))),
        )
        return await self.record.memories.summarised(work, summary)

    async def fold(self, pair: Pair) -> bool:
        """One fact a text; a person's pin is followed."""
        state = await self.record.memories.state(pair)
        facts: dict[str, Fact] = {}
        for finding in await self.record.memories.findings(pair):
            if finding.op is Op.PINNED:
                facts = {
                    key: replace(fact, pinned=fact.pinned or finding.target in fact.findings)
                    for key, fact in facts.items()
                }
            else:
                facts[finding.text] = _fact(pair, finding, facts.get(finding.text))
        return await self.record.memories.fold(pair, state, list(facts.values()))

    async def facts(self, pair: Pair | None = None) -> list[str]:
        return sorted(fact.text for fact in await self.record.memories.facts(pair or self.pair))

    async def recalled(self, pair: Pair | None = None) -> list[str]:
        _, found = await self.record.recalling.memories(pair or self.pair, {})
        return [each.text for each in found]


def _finding(conversation: Conversation, message: Message) -> Finding:
    return Finding(
        id=ids.new_finding_id(),
        user_id=ids.UserId(message.sender_id),
        conversation_id=conversation.id,
        message_id=message.id,
        seq=message.seq,
        n=0,
        at=message.created_at,
        text=f"said: {message.content}",
        category=Category.PERSONAL,
        slot="word",
        value=message.content,
        witnesses=tuple(sorted(witnesses(conversation, message.seq))),
        source="rules",
    )


def _events(conversation: Conversation, message: Message) -> list[BondEvent]:
    present = witnesses(conversation, message.seq)
    return [
        BondEvent(
            ids.new_bond_event_id(),
            CharacterId(character_id),
            ids.UserId(message.sender_id),
            conversation.id,
            message.id,
            "shared",
            {"trust": 1.0},
            message.created_at,
            message.content[:20],
        )
        for character_id in conversation.character_ids
        if character_id in present
    ]


def _fact(pair: Pair, finding: Finding, before: Fact | None) -> Fact:
    if before is not None:
        return replace(
            before,
            reinforcements=before.reinforcements + 1,
            last_reinforced_at=finding.at,
            findings=(*before.findings, finding.id),
            message_ids=(*before.message_ids, *([finding.message_id] if finding.message_id else [])),
        )
    return Fact(
        id=FactId(finding.id),
        character_id=pair.character_id,
        user_id=pair.user_id,
        text=finding.text,
        category=finding.category,
        realm=finding.realm,
        confidence=finding.confidence,
        importance=finding.importance,
        pinned=False,
        reinforcements=1,
        first_mentioned_at=finding.at,
        last_reinforced_at=finding.at,
        valid_from=finding.at,
        slot=finding.slot,
        value=finding.value,
        findings=(finding.id,),
        message_ids=(finding.message_id,) if finding.message_id else (),
        witnesses=finding.witnesses,
    )
