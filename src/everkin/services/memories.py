"""Memory service: users read and change a character's facts about them, the relationship and recalled memories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.characters.service import CharacterService
from everkin.domain.caller import Caller
from everkin.domain.errors import Invalid, NotFound
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId, new_finding_id
from everkin.domain.memory import Category, Fact, FactId, Finding, MemoryKind, Op, Pair, Realm, Relationship
from everkin.domain.receipt import Receipt
from everkin.domain.repositories import Messages
from everkin.kit.clock import Clock
from everkin.memory.erasure import Erasure
from everkin.memory.facts.retention import is_resting
from everkin.memory.facts.store import FactStore
from everkin.memory.ports import MemoryRecord
from everkin.memory.relationship.formula import DAY_MS, fold, history
from everkin.turn.validation import check_text

LONGEST = 500
"""Characters of one fact."""
MOST = 500
"""Facts in one response."""
DAYS = 366
"""Points in the history of a relationship."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """One memory in a reply's prompt, as stored in the reply's metadata."""

    id: str
    """Id of the fact, message or summary."""
    kind: MemoryKind
    """Fact, message or summary."""
    text: str | None
    """Its text; None: it was erased since."""
    speaker: str
    """Name of a message's sender; empty for other kinds."""
    conversation_id: str
    """The conversation it is from; empty for facts."""
    seq: int
    """A message's position, or a summary's first one; 0 for facts."""
    at: Millis
    """When it was created, or last reinforced, in Unix milliseconds; 0 when erased."""
    score: float
    """The ranker's score."""
    why: Mapping[str, float]
    """The score's parts, by feature."""


@dataclass(frozen=True, slots=True)
class RelationshipReport:
    """A relationship with its history."""

    relationship: Relationship
    """The current values."""
    history: Sequence[tuple[Millis, Relationship]]
    """(midnight UTC, values at that time), oldest first; the last point is now."""


class MemoryService:
    """Memories of the caller; those of other users are NotFound. `public_key` verifies receipts."""

    def __init__(
        self,
        record: MemoryRecord,
        messages: Messages,
        keeping: FactStore,
        forgetting: Erasure,
        characters: CharacterService,
        clock: Clock,
        public_key: str,
        retention_days: int = 0,
    ) -> None:
        self._retention_days = retention_days
        self.public_key = public_key
        self._record = record
        self._messages = messages
        self._keeping = keeping
        self._forgetting = forgetting
        self._characters = characters
        self._clock = clock

    def is_resting(self, fact: Fact) -> bool:
        """Whether a fact is archived: left out of prompts until it is mentioned again, pinned or reworded."""
        return is_resting(fact, self._clock.now(), self._retention_days)

    async def facts(
        self, caller: Caller, character: str, user_id: str, *, text: str = "", past: bool = True, limit: int = 100
    ) -> Sequence[Fact]:
        """Return facts, newest first, one more than `limit` if there are further ones.

        Args:
            text: Only facts that contain these words.
            past: Include facts that are no longer true.

        Raises Invalid, NotFound.
        """
        if not 1 <= limit <= MOST:
            raise Invalid(f"One answer holds 1 to {MOST} memories.", field="limit")
        pair = await self._pair(caller, character, user_id)
        return await self._record.facts(pair, text=text, current=None if past else True, limit=limit + 1)

    async def add(
        self, caller: Caller, character: str, user_id: str, text: str, category: Category, *, pinned: bool = False
    ) -> Fact:
        """Add a fact stated by the user, in the third person without their name. Raises NotFound and the errors of
        `check_text`."""
        pair = await self._pair(caller, character, user_id)
        finding = self._hand(pair, Op.ADDED, text=_checked(text), category=category)
        await self._record.add(finding)
        if pinned:
            await self._record.add(self._hand(pair, Op.PINNED, target=finding.id))
        await self._keeping.refold(pair)
        return await self._of(pair, finding.id)

    async def change(
        self,
        caller: Caller,
        character: str,
        user_id: str,
        fact_id: str,
        *,
        text: str | None = None,
        category: Category | None = None,
        pinned: bool | None = None,
    ) -> Fact:
        """Change a fact; None leaves a value unchanged. Raises NotFound and the errors of `check_text`."""
        pair = await self._pair(caller, character, user_id)
        fact = await self._of(pair, fact_id)
        if text is not None or category is not None:
            wording = _checked(text) if text is not None else fact.text
            hand = self._hand(pair, Op.CORRECTED, target=fact.id, text=wording, category=category or fact.category)
            await self._record.add(hand)
        if pinned is not None and pinned != fact.pinned:
            await self._record.add(self._hand(pair, Op.PINNED if pinned else Op.UNPINNED, target=fact.id))
        await self._keeping.refold(pair)
        return await self._of(pair, fact.id)

    async def forget(self, caller: Caller, character: str, user_id: str, fact_id: str) -> Receipt:
        """Erase a fact; the messages it came from are not recalled again. Raises NotFound."""
        pair = await self._pair(caller, character, user_id)
        fact = await self._of(pair, fact_id)
        return await self._forgetting.fact(fact.id, caller.user_id)

    async def receipts(self, caller: Caller) -> Sequence[Receipt]:
        """Return the caller's erasure receipts."""
        return await self._forgetting.receipts(caller.user_id)

    async def relationship(self, caller: Caller, character: str, user_id: str) -> RelationshipReport:
        """Return the relationship with a character and its daily history. Raises NotFound."""
        pair = await self._pair(caller, character, user_id)
        now = self._clock.now()
        events = await self._record.bond_events(pair)
        midnights = _midnights(min((event.at for event in events), default=now), now)
        points = zip(midnights, history(events, midnights), strict=True)
        return RelationshipReport(fold(events, now), list(points))

    async def recalled(self, caller: Caller, message_id: str) -> Sequence[Recalled]:
        """Return the memories that a reply's prompt contained; possibly empty. Raises NotFound."""
        entry, _ = await self._messages.get(MessageId(message_id), caller.user_id)
        kept = entry.message.metadata.get("recalled", ())
        return [await self._look_up(caller, dict(each)) for each in kept]

    async def _look_up(self, caller: Caller, kept: dict[str, object]) -> Recalled:
        kind, item = MemoryKind(str(kept["kind"])), str(kept["id"])
        text, speaker, where, seq, at = await self._source(caller, kind, item, str(kept.get("conversationId", "")))
        why = kept.get("why")
        score = kept.get("score")
        return Recalled(
            item,
            kind,
            text,
            speaker,
            where,
            seq,
            at,
            score=float(score) if isinstance(score, int | float) else 0.0,
            why={str(name): float(part) for name, part in why.items()} if isinstance(why, dict) else {},
        )

    async def _source(
        self, caller: Caller, kind: MemoryKind, item: str, where: str
    ) -> tuple[str | None, str, str, int, Millis]:
        try:
            if kind is MemoryKind.FACT:
                fact = await self._record.fact(FactId(item), caller.user_id)
                return fact.text, "", "", 0, fact.last_reinforced_at
            if kind is MemoryKind.MESSAGE:
                entry, conversation = await self._messages.get(MessageId(item), caller.user_id)
                message = entry.message
                speaker = (await self._characters.names(conversation)).get(message.sender_id, "Somebody")
                text = message.content if message.deleted_at is None else None
                return text, speaker, conversation.id, message.seq, message.created_at
            for summary in await self._record.summaries(ConversationId(where)):
                if summary.id == item:
                    return summary.text, "", where, summary.from_seq, summary.at
        except NotFound:
            pass
        return None, "", "", 0, Millis(0)

    async def _pair(self, caller: Caller, character: str, user_id: str) -> Pair:
        known = await self._characters.look_at(caller, character)
        if user_id not in (caller.user_id, "me"):
            raise NotFound
        return Pair(known.id, caller.user_id)

    async def _of(self, pair: Pair, fact_id: str) -> Fact:
        return await self._record.fact(FactId(fact_id), pair.user_id, pair.character_id)

    def _hand(
        self, pair: Pair, op: Op, *, target: str = "", text: str = "", category: Category = Category.PERSONAL
    ) -> Finding:
        return Finding(
            id=new_finding_id(),
            user_id=UserId(pair.user_id),
            conversation_id=None,
            message_id=None,
            seq=0,
            n=0,
            at=self._clock.now(),
            text=text,
            category=category,
            realm=Realm.REAL,
            importance=0.8,
            op=op,
            target=target,
            character_id=CharacterId(pair.character_id),
            source="person",
        )


def _midnights(since: Millis, now: Millis) -> list[Millis]:
    """Return the last DAYS midnights (UTC) after `since`, and now."""
    first = max(since // DAY_MS + 1, now // DAY_MS + 2 - DAYS)
    return [*(Millis(day * DAY_MS) for day in range(first, now // DAY_MS + 1)), now]


def _checked(text: str) -> str:
    line = " ".join(text.split())
    check_text(line, LONGEST)
    return line
