"""Memory context: the memory of a user that a character's prompt contains.

Three parts, from the most lasting to the most fleeting: the profile (the most important current facts), the summary of
messages that left the context window, and the memories recalled for the current message. When one of them is
unavailable, the reply is generated without it; this is counted and shown in the health report.
"""

import asyncio
import logging
import re
import zlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from everkin.cache.port import TTL_CONTEXT, TTL_MEMORIES, Cache, context_key, memories_key
from everkin.cache.read_through import ReadThroughCache
from everkin.context.scene import Bond
from everkin.domain.errors import EverkinError
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Fact, Memory, Pair, Recollection, Relationship
from everkin.kit.clock import Clock
from everkin.memory.facts.retention import is_resting
from everkin.memory.facts.store import Changed, FactStore
from everkin.memory.facts.wording import told
from everkin.memory.ports import MemoryRecord
from everkin.memory.recall.query import RecallRequest
from everkin.memory.recall.recaller import Recaller
from everkin.turn.memory_port import RecallContext, RecalledContext

log = logging.getLogger("everkin.memory")

T = TypeVar("T")

MOST_IN_PROFILE = 12
"""Facts in a profile at most."""
LEAST_EXCHANGES = 4
"""Exchanges below which the relationship is left out of the prompt."""


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One current fact."""

    fact_id: str
    """The fact's id."""
    text: str
    """The fact as a sentence."""
    witnesses: frozenset[str]
    """Ids of the participants in front of whom it may be mentioned."""


@dataclass(frozen=True, slots=True)
class ProfileSnapshot:
    """The cached profile of a pair of character and user."""

    lines: tuple[ProfileLine, ...]
    """The most important facts, at most 12, oldest first."""
    relationship: Relationship
    """The relationship's current values."""
    called: str = ""
    """The name the user gave to the character; empty while none was given."""


@dataclass(frozen=True, slots=True)
class SummarySnapshot:
    """The cached newest summary of a conversation."""

    text: str = ""
    """The summary; empty while there is none."""
    witnesses: frozenset[str] = frozenset()
    """Ids of the participants in front of whom it may be used."""


class MemoryContext:
    """Reads the memory for prompts through the cache. `failures` counts the parts that were unavailable."""

    def __init__(
        self,
        record: MemoryRecord,
        recaller: Recaller,
        keeping: FactStore,
        cache: Cache,
        clock: Clock,
        limit: int = 10,
        *,
        retention_days: int = 0,
    ) -> None:
        self.failures = 0
        self._record = record
        self._recaller = recaller
        self._keeping = keeping
        self._cache = cache
        self._clock = clock
        self._limit = limit
        self._retention_days = retention_days
        self._known = ReadThroughCache(ProfileSnapshot, TTL_MEMORIES, cache, clock)
        self._gists = ReadThroughCache(SummarySnapshot, TTL_CONTEXT, cache, clock)

    async def remember(self, moment: RecallContext) -> RecalledContext:
        """Return the memory for a prompt. An unavailable part is left empty instead of raising."""
        known, gist, recollections = await asyncio.gather(
            self._or_without(self.known(moment.pair), _NOBODY),
            self._or_without(self._gist(moment.conversation_id), SummarySnapshot()),
            self._or_without(self._recall(moment), ()),
        )
        lines = [line for line in known.lines if moment.present <= line.witnesses]
        in_mind = {line.fact_id for line in lines}
        summary = gist.text if moment.present <= gist.witnesses else ""
        profile = "; ".join(line.text for line in lines)
        return RecalledContext(
            profile=profile,
            summary=summary,
            memories=tuple(
                told(_by_name(each.memory, moment.names.get(moment.pair.user_id, "")))
                for each in recollections
                if each.memory.id not in in_mind
            ),
            bond=_bond(known.relationship),
            recollections=tuple(recollections),
            version=zlib.crc32(f"{profile}\n{summary}".encode()),
        )

    async def known(self, pair: Pair) -> ProfileSnapshot:
        """Return the profile of a pair, from the cache where possible."""
        key = memories_key(pair.character_id, pair.user_id)
        return await self._known.get(key, lambda: self._load(pair))

    async def called(self, pair: Pair) -> str:
        """Return the name a user gave to a character; empty while none was given or when memory is unavailable."""
        return (await self._or_without(self.known(pair), _NOBODY)).called

    async def load_ahead(self, pair: Pair, conversation_id: ConversationId) -> None:
        """Load into the caches the memory that the next turn needs, while the user still types. Never raises when
        memory is unavailable."""
        await self._or_without(self.known(pair), None)
        await self._or_without(self._gist(conversation_id), None)
        await self._or_without(self._recaller.ready(pair), None)

    async def changed(self, changed: Changed) -> None:
        """Invalidate a pair's profile. Call it after a change of its facts is committed."""
        await self._cache.delete(memories_key(changed.pair.character_id, changed.pair.user_id))

    async def conversation_changed(self, conversation_id: ConversationId) -> None:
        """Invalidate the cached summary of a conversation."""
        await self._cache.delete(context_key(conversation_id))

    async def _load(self, pair: Pair) -> ProfileSnapshot:
        facts = await self._record.facts(pair, current=True)
        now = self._clock.now()
        awake = [fact for fact in facts if not is_resting(fact, now, self._retention_days)]
        return ProfileSnapshot(profile_of(awake), await self._keeping.relationship(pair), name_given(awake))

    async def _gist(self, conversation_id: ConversationId) -> SummarySnapshot:
        return await self._gists.get(context_key(conversation_id), lambda: self._load_gist(conversation_id))

    async def _load_gist(self, conversation_id: ConversationId) -> SummarySnapshot:
        summaries = await self._record.summaries(conversation_id)
        return (
            SummarySnapshot(summaries[-1].text, frozenset(summaries[-1].witnesses)) if summaries else SummarySnapshot()
        )

    async def _recall(self, moment: RecallContext) -> Sequence[Recollection]:
        user, character = moment.pair.user_id, moment.pair.character_id
        asked = RecallRequest(
            text=moment.message,
            now=self._clock.now(),
            present=moment.present,
            user_name=moment.names.get(user, ""),
            character=moment.names.get(character, ""),
            others=tuple(name for each, name in moment.names.items() if each not in (user, character)),
            window=tuple(moment.window),
            window_ids=tuple(moment.window_ids),
            shown=moment.shown,
            limit=self._limit,
        )
        return await self._recaller.recall(moment.pair, asked)

    async def _or_without(self, work: Awaitable[T], otherwise: T) -> T:
        """Await `work`; on any failure log and count it and return `otherwise`, so that a memory failure never prevents
        a reply."""
        try:
            return await work
        except EverkinError as error:
            log.warning("a reply goes without part of what is remembered (%s)", error)
        except Exception:
            log.exception("a reply goes without part of what is remembered")
        self.failures += 1
        return otherwise


def _by_name(memory: Memory, called: str) -> Memory:
    """Return the memory with the user's current name as speaker, if only one user witnessed it."""
    alone = sum(each.startswith("usr_") for each in memory.witnesses) == 1
    return (
        replace(memory, speaker=called) if called and alone and not memory.by_character and memory.speaker else memory
    )


_NOBODY = ProfileSnapshot((), Relationship())

_NAME = re.compile(
    r"(?:is (?:called|named)|goes by|prefers to be called) ((?:[^\W\d_][\w'’-]{0,30})(?: [^\W\d_][\w'’-]{0,30}){0,2})"
)


def name_given(facts: Sequence[Fact]) -> str:
    """Return the name from the current name fact, as the user gave it; empty when there is none.

    Only one to three words without other text are accepted, because the name is placed among the prompt's instructions.
    """
    names = [
        fact.text for fact in facts if fact.slot == "name" and fact.realm.value == "real" and fact.valid_to is None
    ]
    found = _NAME.fullmatch(names[0]) if names else None
    return found.group(1) if found else ""


def profile_of(facts: Sequence[Fact]) -> tuple[ProfileLine, ...]:
    """Return the most important biographical facts, ordered by `valid_from`, so that a new one does not move the
    others."""
    biography = [fact for fact in facts if fact.realm.value == "real" and fact.valid_to is None]
    weighty = sorted(biography, key=lambda fact: (not fact.pinned, -fact.importance, -fact.last_reinforced_at, fact.id))
    chosen = sorted(weighty[:MOST_IN_PROFILE], key=lambda fact: (fact.valid_from, fact.id))
    return tuple(
        ProfileLine(fact.id, fact.text, frozenset((fact.character_id, fact.user_id, *fact.witnesses)))
        for fact in chosen
    )


def _bond(relationship: Relationship) -> Bond | None:
    if relationship.interactions < LEAST_EXCHANGES:
        return None
    return Bond(
        round(relationship.level),
        round(relationship.trust),
        round(relationship.intimacy),
        relationship.interactions,
    )
