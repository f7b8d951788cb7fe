"""What a character remembers of a user: findings, facts, summaries, the relationship, and recalled memories.

Facts are folded from findings (memory/facts/fold.py) in the order of their time. Leaving a branch or deleting a message
removes its findings from the fold, and the facts become those that would exist without the message.
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
    """Subject of a fact."""

    PREFERENCE = "preference"
    """Likes, dislikes and habits."""
    PERSONAL = "personal"
    """Properties of the user, such as name, home or job."""
    RELATIONSHIP = "relationship"
    """Other people in the user's life."""
    EVENT = "event"
    """Something that happened or is planned."""


class Realm(StrEnum):
    """The world a memory is true in. Only REAL belongs to the user's biography."""

    REAL = "real"
    """The user's real life."""
    PERSONA = "persona"
    """A role the user plays."""
    STORY = "story"
    """A fiction told in the conversation."""
    HYPOTHETICAL = "hypothetical"
    """Assumed or not meant seriously ("if I lived in Leeds")."""


class Op(StrEnum):
    """The effect of a finding on the fold. SAID comes from a message; the others are edits by a user on the memory
    page, with `target` any finding of the fact they change."""

    SAID = "said"
    """Mentioned in a message."""
    ADDED = "added"
    """Added by hand; has no target."""
    CORRECTED = "corrected"
    """Reworded by hand."""
    PINNED = "pinned"
    """Marked by hand as never to be archived."""
    UNPINNED = "unpinned"
    """The mark removed by hand."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing learnt about a user, in the third person without the name: "lives in Leeds", "has a sister, Anna"."""

    id: str
    """The finding's id."""
    user_id: UserId
    """The user it is about."""
    conversation_id: ConversationId | None
    """Conversation of the message; None for a user's edit."""
    message_id: MessageId | None
    """The source message; None for a user's edit."""
    seq: int
    """`seq` of the source message; 0 for a user's edit."""
    n: int
    """Index among the findings of one message."""
    at: Millis
    """Unix milliseconds of the message or edit."""
    text: str
    """The wording of the fact."""
    category: Category
    """Subject of the fact."""
    realm: Realm = Realm.REAL
    """The world it is true in."""
    confidence: float = 1.0
    """Probability that it is correct, 0..1."""
    importance: float = 0.5
    """Weight in ranking and retention, 0..1."""
    slot: str = ""
    """Names a property with one value at a time ("home", "job", "name", "partner", "pet:pepper:age"). Empty: facts
    of that kind coexist."""
    value: str = ""
    """The bare value of the slot, folded for comparison ("leeds")."""
    ended: bool = False
    """True: no longer so ("no longer smokes"). Closes the earlier fact, and opens a new one only if `text` says
    more."""
    op: Op = Op.SAID
    """Effect on the fold."""
    target: str = ""
    """Id of the finding whose fact an edit changes; empty for SAID and ADDED."""
    character_id: CharacterId | None = None
    """The character whose memory a user edited. None: applies to every character that witnessed the message."""
    witnesses: tuple[str, ...] = ()
    """Ids of the characters and users who were present; empty for a user's edit."""
    source: str = ""
    """Origin: `rules`, a model's name, or `person` (a user's edit)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact a character remembers about a user."""

    id: FactId
    """Id of its first finding."""
    character_id: CharacterId
    """The character that remembers it."""
    user_id: UserId
    """The user it is about."""
    text: str
    """The wording, in the third person without the name."""
    category: Category
    """Subject of the fact."""
    realm: Realm
    """The world it is true in."""
    confidence: float
    """Probability that it is correct, 0..1 (noisy-or over messages)."""
    importance: float
    """Weight in ranking and retention, 0..1."""
    pinned: bool
    """Marked by the user as never to be archived."""
    reinforcements: int
    """Number of further mentions after the first."""
    first_mentioned_at: Millis
    """Unix milliseconds of the first finding's message."""
    last_reinforced_at: Millis
    """Unix milliseconds of the newest mention."""
    valid_from: Millis
    """Unix milliseconds from which it is true."""
    valid_to: Millis | None = None
    """Unix milliseconds until which it was true; None: still true."""
    superseded_by: FactId | None = None
    """Id of the fact that replaced it; None: not replaced."""
    slot: str = ""
    """As in Finding."""
    value: str = ""
    """As in Finding."""
    findings: tuple[str, ...] = ()
    """Ids of its findings, first to last."""
    message_ids: tuple[MessageId, ...] = ()
    """Source messages among them."""
    witnesses: tuple[str, ...] = ()
    """Ids of the characters and users who may know it."""
    edited: bool = False
    """True: the wording is a user's edit."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of the messages `from_seq`..`to_seq` of one conversation, both included."""

    id: SummaryId
    """The summary's id."""
    conversation_id: ConversationId
    """The conversation."""
    from_seq: int
    """`seq` of the first message."""
    to_seq: int
    """`seq` of the last message."""
    text: str
    """The summary."""
    importance: int
    """1..10."""
    model: str
    """Name of the model that wrote it."""
    at: Millis
    """Unix milliseconds."""
    witnesses: tuple[str, ...] = ()
    """Ids of the characters and users who were present for all of it."""


class MemoryKind(StrEnum):
    """Kinds of items that can be recalled."""

    MESSAGE = "message"
    FACT = "fact"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Memory:
    """An item that can be recalled: a message, fact or summary in one shape."""

    id: str
    """Id of the message, fact or summary."""
    kind: MemoryKind
    """The kind of item."""
    conversation_id: str
    """Its conversation; empty for facts."""
    seq: int
    """`seq` of the message (of a summary, its last one); 0 for facts."""
    session: str
    """Neighbours in `seq` with the same value belong to one session (no long pause between them); empty for facts."""
    at: Millis
    """Unix milliseconds; of a fact, of its newest mention."""
    text: str
    """Text of the item."""
    speaker: str = ""
    """Name of the message's sender; empty for facts and summaries."""
    by_character: bool = False
    """True: a message of the character."""
    importance: float = 0.5
    """0..1."""
    reinforcements: int = 0
    """Further mentions of a fact; else 0."""
    pinned: bool = False
    """As in Fact; False for messages and summaries."""
    realm: Realm = Realm.REAL
    """The world it is true in."""
    valid_to: Millis | None = None
    """Unix milliseconds until which a fact was true; None: still true."""
    witnesses: frozenset[str] = frozenset()
    """Ids of all users and characters who may know it."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """A recalled memory with its rank."""

    memory: Memory
    """The recalled item."""
    score: float
    """The ranking score; higher is better."""
    why: Mapping[str, float] = field(default_factory=dict)
    """The features with the largest weight: name -> contribution to the score."""


@dataclass(frozen=True, slots=True)
class BondEvent:
    """One change of a relationship."""

    id: str
    """The event's id."""
    character_id: CharacterId
    """The character."""
    user_id: UserId
    """The user."""
    conversation_id: ConversationId
    """Conversation of the message."""
    message_id: MessageId
    """The message that caused it."""
    kind: str
    """The cause: `shared`, `warmth`, `conflict`, `repair` and others (memory/relationship/formula.py)."""
    amounts: Mapping[str, float]
    """Added to trust, intimacy and level before diminishing returns."""
    at: Millis
    """Unix milliseconds."""
    topic: str = ""
    """The subject talked about; may be empty."""


@dataclass(frozen=True, slots=True)
class BondEventsAfter:
    """Relationship events of a pair after a given moment, read in one transaction."""

    epoch: int
    """The pair's epoch (PairState)."""
    earlier: int
    """Number of events up to the given moment, including those of deleted and off-branch messages."""
    events: Sequence[BondEvent]
    """Later events on the current branch, without those of deleted messages, in order of time."""
    counted: int
    """Number of events up to the time of the last of `events`, including those of deleted and off-branch messages."""


@dataclass(frozen=True, slots=True)
class Relationship:
    """The relationship of a character and a user, folded from events (memory/relationship/formula.py)."""

    level: float = 0.0
    """Closeness, 0..100."""
    trust: float = 0.0
    """0..100."""
    intimacy: float = 0.0
    """0..100."""
    interactions: int = 0
    """Number of exchanges (a message and its reply)."""
    topics: tuple[str, ...] = ()
    """Subjects talked about."""
    shared: tuple[str, ...] = ()
    """Shared experiences, as short phrases."""
    since: Millis | None = None
    """Unix milliseconds of the first event; None: no events."""
    last_at: Millis | None = None
    """Unix milliseconds of the last event; None: no events."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One character and one user."""

    character_id: CharacterId
    """The character."""
    user_id: UserId
    """The user."""


class Company(Protocol):
    """The participants of a conversation, or of its row in storage."""

    @property
    def character_ids(self) -> Sequence[CharacterId]:
        """Participating characters."""

    @property
    def user_ids(self) -> Sequence[UserId]:
        """Participating users."""


def pairs_of(company: Company) -> tuple[Pair, ...]:
    """Return every combination of a character and a user."""
    return tuple(Pair(*both) for both in product(company.character_ids, company.user_ids))


@dataclass(frozen=True, slots=True)
class PairState:
    """Change counters of a pair's memories; both 0 for an unknown pair."""

    version: int = 0
    """Increases with every change of the memories the pair can recall."""
    epoch: int = 0
    """Increases only when a memory was removed or changed: a copy of an older epoch has to be read again in full."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stored embedding."""

    item_id: str
    """Id of the message, fact or summary."""
    embedder: str
    """Model and dimension, e.g. `minilm-int8:384`."""
    vector: bytes
    """Little-endian float16, unit length."""


@dataclass(frozen=True, slots=True)
class Unembedded:
    """An item that has no vector of the requested embedder."""

    item_id: str
    """Id of the message, fact or summary."""
    kind: MemoryKind
    """The kind of item."""
    text: str
    """The text to embed."""
    pair: Pair | None = None
    """The pair of a fact; None for other kinds."""


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation with messages that a job has not processed."""

    conversation_id: ConversationId
    """The conversation."""
    seq: int
    """The job's watermark: `seq` of the last processed message."""
    last_seq: int
    """`seq` of the newest message."""
    amended: int = 0
    """Number of edits and deletions in the conversation. Storage compares it when the job reports its progress, and
    rejects results computed from text that has changed since."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The data an erasure removed, and the derived data to update."""

    counts: Mapping[str, int]
    """Deleted rows per kind."""
    items: tuple[str, ...]
    """Ids whose vectors other indexes have to drop, for any of `pairs`."""
    pairs: tuple[Pair, ...]
    """Pairs whose facts have to be folded again."""
    conversations: tuple[ConversationId, ...]
    """Conversations whose copies have to be dropped."""
    gone: tuple[Pair, ...] = ()
    """Pairs without any remaining memories; other indexes delete them whole."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """The result of overwriting deleted data in the database files."""

    left: tuple[str, ...] = ()
    """Sentences about data that could not be overwritten, and the remedy; empty on success."""
    pages: int = 0
    """Number of pages of SQLite's file in which data was overwritten."""
    odd: int = 0
    """Number of pages left alone because their content is inconsistent."""
