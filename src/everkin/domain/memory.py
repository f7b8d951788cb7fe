"""What a character remembers of a person: where it comes from (Finding), what it amounts to (Fact, Summary, Bond), and what is
recalled of it (Recollection).

Findings are the record; facts are what they fold into (memory/consolidate.py), in the order they were found. A branch that is
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

    `slot` names what can hold one value at a time ("home", "job", "name", "partner", "pet:pepper:age"); empty: facts of that kind
    stand side by side. `value`: the bare value in its slot, folded for comparison ("leeds"). `ended`: it is no longer so ("no
    longer smokes"): closes, opens nothing new unless `text` says more. `confidence` and `importance` 0..1. `n`: its place among
    the findings of one message. `witnesses`: characters and people who were present; empty for a person's own hand.
    """

    id: str
    user_id: UserId
    conversation_id: ConversationId | None
    message_id: MessageId | None
    seq: int
    n: int
    at: Millis
    text: str
    category: Category
    realm: Realm = Realm.REAL
    confidence: float = 1.0
    importance: float = 0.5
    slot: str = ""
    value: str = ""
    ended: bool = False
    op: Op = Op.SAID
    target: str = ""
    character_id: CharacterId | None = None
    """Set for a person's own hand: whose memory it is. None: everybody's who witnessed the message."""
    witnesses: tuple[str, ...] = ()
    source: str = ""
    """Who found it: `rules`, a model's name, or `person`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`valid_to` None: still so. `superseded_by`: the fact that took its place. `findings`: what it came from, first to last;
    the first one's id is the fact's. `message_ids`: the messages among its sources. Times as of when it was said."""

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
    superseded_by: FactId | None = None
    slot: str = ""
    value: str = ""
    findings: tuple[str, ...] = ()
    message_ids: tuple[MessageId, ...] = ()
    witnesses: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the messages `from_seq`..`to_seq` of one conversation. `importance` 1..10."""

    id: SummaryId
    conversation_id: ConversationId
    from_seq: int
    to_seq: int
    text: str
    importance: int
    model: str
    at: Millis
    witnesses: tuple[str, ...] = ()


class MemoryKind(StrEnum):
    MESSAGE = "message"
    FACT = "fact"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Memory:
    """Anything that can be recalled, in one shape. `speaker`: who said it (a name; empty for facts and summaries). `session`: of
    which sitting it is part: neighbours in `seq` with the same session were said in one go. `seq` 0 for facts.
    `valid_to`: set for what is no longer so. `witnesses`: everybody, people and characters, who may know it."""

    id: str
    kind: MemoryKind
    conversation_id: str
    seq: int
    session: str
    at: Millis
    text: str
    speaker: str = ""
    by_character: bool = False
    importance: float = 0.5
    reinforcements: int = 0
    pinned: bool = False
    realm: Realm = Realm.REAL
    valid_to: Millis | None = None
    witnesses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recollection:
    """`score`: what it was ranked by. `why`: the features that weighed most, name -> contribution to the score."""

    memory: Memory
    score: float
    why: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BondEvent:
    """One change of a relationship. `kind`: what happened (`shared`, `warmth`, `conflict`, `repair`, ...). `amounts`: what it adds
    to trust, intimacy, level before diminishing returns. `topic` may be empty."""

    id: str
    character_id: CharacterId
    user_id: UserId
    conversation_id: ConversationId
    message_id: MessageId
    kind: str
    amounts: Mapping[str, float]
    at: Millis
    topic: str = ""


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
    """Each 0..100 but `interactions`. What events fold into (memory/relationship.py)."""

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
    """`version` moves with every change of what the pair can recall; `epoch` only when something was taken away or changed,
    so that a copy of an older epoch has to be read anew. Both 0 for a pair nothing is known of."""

    version: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stored vector: little-endian float16 of unit length. `embedder` names model and dimension (`minilm-int8:384`)."""

    item_id: str
    embedder: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Unembedded:
    """Something without a vector of the embedder that was asked for. `pair` is of facts only."""

    item_id: str
    kind: MemoryKind
    text: str
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation with something left to do. `seq` is the watermark its job has reached, `last_seq` the newest message.
    `amended`: how often what was said has been changed; handed back as it came, it tells the record that the job has read
    what is no longer so."""

    conversation_id: ConversationId
    seq: int
    last_seq: int
    amended: int = 0


@dataclass(frozen=True, slots=True)
class Erased:
    """`counts`: rows by kind. `items`: ids of vectors to drop from other indexes, of any of the `pairs`. `pairs`: whose facts
    are to be folded anew. `gone`: pairs of which nothing is left, for other indexes to forget whole."""

    counts: Mapping[str, int]
    items: tuple[str, ...]
    pairs: tuple[Pair, ...]
    conversations: tuple[ConversationId, ...]
    gone: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """`left`: sentences on what could not be overwritten, and what would mend it; empty when all is done. `pages`: of SQLite's
    file in which something was overwritten; `odd`: those that were left alone because they contradict themselves."""

    left: tuple[str, ...] = ()
    pages: int = 0
    odd: int = 0
