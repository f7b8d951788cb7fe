"""What a character remembers of a person: where it comes from (Finding), what it amounts to (Fact, Summary, Bond), and what is
recalled of it (Recollection).

Findings are the record; facts are what they fold into (memory/facts/fold.py), in the order they were found. A branch that is
left or a message that is deleted takes its findings out of the fold, and the facts are what they would be had it never been said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import NewType, Protocol

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId

FactId = NewType("FactId", str)
SummaryId = NewType("SummaryId", str)


class Category(StrEnum):
    PREFERENCE = "preference"
    PERSONAL = "personal"
    RELATIONSHIP = "relationship"
    EVENT = "event"


class Realm(StrEnum):
    """What a memory is true of. Only REAL belongs to the person's biography."""

    REAL = "real"
    PERSONA = "persona"
    STORY = "story"
    HYPOTHETICAL = "hypothetical"


class Op(StrEnum):
    """What a finding does to the fold. SAID comes out of a message; the others are a person's own hand on the memory page,
    where `target` is any finding of the fact they mean (but ADDED, which has none)."""

    SAID = "said"
    ADDED = "added"
    CORRECTED = "corrected"
    PINNED = "pinned"
    UNPINNED = "unpinned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing learnt about `user_id`, in the third person without their name: "lives in Leeds", "has a sister, Anna".

    `confidence` and `importance` 0..1.
    """

    id: str
    user_id: UserId
    conversation_id: ConversationId | None
    message_id: MessageId | None
    seq: int
    n: int
    """Its place among the findings of one message."""
    at: Millis
    text: str
    category: Category
    realm: Realm = Realm.REAL
    confidence: float = 1.0
    importance: float = 0.5
    slot: str = ""
    """Names what can hold one value at a time ("home", "job", "name", "partner", "pet:pepper:age"); empty: facts of
    that kind stand side by side."""
    value: str = ""
    """The bare value in its slot, folded for comparison ("leeds")."""
    ended: bool = False
    """It is no longer so ("no longer smokes"): closes, opens nothing new unless `text` says more."""
    op: Op = Op.SAID
    target: str = ""
    character_id: CharacterId | None = None
    """Set for a person's own hand: whose memory it is. None: everybody's who witnessed the message."""
    witnesses: tuple[str, ...] = ()
    """Characters and people who were present; empty for a person's own hand."""
    source: str = ""
    """Who found it: `rules`, a model's name, or `person`."""


@dataclass(frozen=True, slots=True)
class Fact:
    id: FactId
    character_id: CharacterId
    user_id: UserId
    text: str
    category: Category
    realm: Realm
    confidence: float
    importance: float
    pinned: bool
    reinforcements: int
    first_mentioned_at: Millis
    last_reinforced_at: Millis
    valid_from: Millis
    valid_to: Millis | None = None
    """None: still so."""
    superseded_by: FactId | None = None
    """The fact that took its place."""
    slot: str = ""
    value: str = ""
    findings: tuple[str, ...] = ()
    """What it came from, first to last; the first one's id is the fact's."""
    message_ids: tuple[MessageId, ...] = ()
    """The messages among its sources. Times as of when it was said."""
    witnesses: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the messages `from_seq`..`to_seq` of one conversation."""

    id: SummaryId
    conversation_id: ConversationId
    from_seq: int
    to_seq: int
    text: str
    importance: int
    """1..10."""
    model: str
    at: Millis
    witnesses: tuple[str, ...] = ()


class MemoryKind(StrEnum):
    MESSAGE = "message"
    FACT = "fact"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Memory:
    """Anything that can be recalled, in one shape."""

    id: str
    kind: MemoryKind
    conversation_id: str
    seq: int
    """0 for facts."""
    session: str
    """Of which sitting it is part: neighbours in `seq` with the same session were said in one go."""
    at: Millis
    text: str
    speaker: str = ""
    """Who said it (a name; empty for facts and summaries)."""
    by_character: bool = False
    importance: float = 0.5
    reinforcements: int = 0
    pinned: bool = False
    realm: Realm = Realm.REAL
    valid_to: Millis | None = None
    """Set for what is no longer so."""
    witnesses: frozenset[str] = frozenset()
    """Everybody, people and characters, who may know it."""


@dataclass(frozen=True, slots=True)
class Recollection:
    memory: Memory
    score: float
    """What it was ranked by."""
    why: Mapping[str, float] = field(default_factory=dict)
    """The features that weighed most, name -> contribution to the score."""


@dataclass(frozen=True, slots=True)
class BondEvent:
    """One change of a relationship."""

    id: str
    character_id: CharacterId
    user_id: UserId
    conversation_id: ConversationId
    message_id: MessageId
    kind: str
    """What happened (`shared`, `warmth`, `conflict`, `repair`, ...)."""
    amounts: Mapping[str, float]
    """What it adds to trust, intimacy, level before diminishing returns."""
    at: Millis
    topic: str = ""
    """May be empty."""


@dataclass(frozen=True, slots=True)
class BondEventsAfter:
    """What a pair's relationship has to be folded further by, as of one moment of the record."""

    epoch: int
    """Of the pair (PairState)."""
    earlier: int
    """Events there are up to the moment asked for, standing or not."""
    events: Sequence[BondEvent]
    """Those after it that stand, in order of time."""
    counted: int
    """Events there are up to the time of the last of `events`, standing or not."""


@dataclass(frozen=True, slots=True)
class Relationship:
    """Each 0..100 but `interactions`. What events fold into (memory/relationship/formula.py)."""

    level: float = 0.0
    trust: float = 0.0
    intimacy: float = 0.0
    interactions: int = 0
    topics: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    since: Millis | None = None
    last_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One character and one person."""

    character_id: CharacterId
    user_id: UserId


class Company(Protocol):
    """Who takes part: a conversation, or what storage holds of one."""

    @property
    def character_ids(self) -> Sequence[CharacterId]: ...

    @property
    def user_ids(self) -> Sequence[UserId]: ...


def pairs_of(company: Company) -> tuple[Pair, ...]:
    """Every character with every person."""
    return tuple(Pair(*both) for both in product(company.character_ids, company.user_ids))


@dataclass(frozen=True, slots=True)
class PairState:
    version: int = 0
    """Moves with every change of what the pair can recall."""
    epoch: int = 0
    """Only when something was taken away or changed, so that a copy of an older epoch has to be read anew. Both 0 for a
    pair nothing is known of."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stored vector: little-endian float16 of unit length."""

    item_id: str
    embedder: str
    """Names model and dimension (`minilm-int8:384`)."""
    vector: bytes


@dataclass(frozen=True, slots=True)
class Unembedded:
    """Something without a vector of the embedder that was asked for."""

    item_id: str
    kind: MemoryKind
    text: str
    pair: Pair | None = None
    """Of facts only."""


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation with something left to do."""

    conversation_id: ConversationId
    seq: int
    """The watermark its job has reached, `last_seq` the newest message."""
    last_seq: int
    amended: int = 0
    """How often what was said has been changed; handed back as it came, it tells the record that the job has read what
    is no longer so."""


@dataclass(frozen=True, slots=True)
class Erased:
    counts: Mapping[str, int]
    """Rows by kind."""
    items: tuple[str, ...]
    """Ids of vectors to drop from other indexes, of any of the `pairs`."""
    pairs: tuple[Pair, ...]
    """Whose facts are to be folded anew."""
    conversations: tuple[ConversationId, ...]
    gone: tuple[Pair, ...] = ()
    """Pairs of which nothing is left, for other indexes to forget whole."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    left: tuple[str, ...] = ()
    """Sentences on what could not be overwritten, and what would mend it; empty when all is done."""
    pages: int = 0
    """Of SQLite's file in which something was overwritten."""
    odd: int = 0
    """Those that were left alone because they contradict themselves."""
