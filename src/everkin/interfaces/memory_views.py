"""Views of memory: facts, relationship, search results, receipts. The same over REST and Socket.IO."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from everkin.domain.memory import Fact, Relationship
from everkin.domain.receipt import Receipt
from everkin.interfaces.views import MessageView, View, message_view
from everkin.memory.relationship.formula import standing

if TYPE_CHECKING:
    from everkin.services.memories import Recalled, RelationshipReport
    from everkin.services.search import Searched


class FactView(View):
    """One fact a character remembers about a user."""

    id: str
    """Starts with `fnd_`: the id of the first finding it rests on."""
    character_id: str
    """The character that remembers it."""
    user_id: str
    """The user it is about."""
    text: str
    """In the third person, without the name: "lives in Leeds"."""
    category: Literal["preference", "personal", "relationship", "event"]
    """The kind of fact."""
    realm: Literal["real", "persona", "story", "hypothetical"]
    """The world it is true in; only `real` belongs to the biography."""
    confidence: float
    """0..1: how certain it is."""
    importance: float
    """0..1: how important it is."""
    pinned: bool
    """A pinned fact is part of every prompt."""
    reinforcements: int
    """How often it was mentioned again."""
    first_mentioned_at: int
    """When it was first mentioned."""
    last_reinforced_at: int
    """When it was last mentioned."""
    valid_from: int
    """Since when it is true, as far as is known."""
    valid_to: int | None
    """Until when it was true; null: it still is."""
    superseded_by: str | None
    """The id of the fact that replaced it."""
    message_ids: list[str]
    """The messages it comes from; empty for a fact added by a user."""
    edited: bool
    """A user changed its wording."""
    resting: bool = False
    """Of little importance and not mentioned for long: left out of prompts until it is mentioned again, pinned or
    edited."""


class FactsView(View):
    """The facts that `character` remembers, newest first. `more`: there are further ones."""

    items: list[FactView]
    """The facts."""
    more: bool = False
    """There are further facts: ask again with a larger `limit`."""


class RelationshipView(View):
    """How close a character and a user are. Each number is 0..100."""

    level: int
    """Overall closeness."""
    level_name: str
    """The level as a word: stranger, acquaintance, friend..."""
    trust: int
    """How much the user confides."""
    intimacy: int
    """How much of their feelings is shared."""
    interactions: int
    """Number of exchanges so far."""
    topics: list[str]
    """The most frequent topics."""
    shared: list[str]
    """Experiences you share."""
    since: int | None
    """When you first talked; null: never."""
    last_at: int | None
    """When you last talked."""


class RelationshipPointView(View):
    """One day of the chart."""

    at: int
    """Midnight UTC."""
    level: float
    """0..100."""
    trust: float
    """0..100."""
    intimacy: float
    """0..100."""


class BondView(View):
    """How close you are, and how that developed."""

    relationship: RelationshipView
    """The present state."""
    history: list[RelationshipPointView]
    """One point for each day since you met, oldest first; at most 366."""


class RecollectionView(View):
    """A memory used for a reply, and why it was chosen."""

    id: str
    """The id of a fact, a message or a summary."""
    kind: Literal["message", "fact", "summary"]
    """The kind of memory."""
    text: str | None
    """The recalled text; null: it was erased since."""
    speaker: str
    """The sender of the message; empty for facts and summaries."""
    conversation_id: str
    """The conversation it comes from; empty for a fact added by a user."""
    seq: int
    """The message's `seq` in that conversation; 0 for facts."""
    at: int
    """Its time in Unix milliseconds."""
    score: float
    """The score it was ranked by."""
    why: dict[str, float]
    """The features that weighed most: name of the feature, contribution to the score."""


class RecollectionsView(View):
    """The memories a reply used, the most relevant first."""

    items: list[RecollectionView]
    """The memories."""


class HitView(View):
    """A message found by a search."""

    message: MessageView
    """The whole message."""
    conversation_title: str
    """The title of the message's conversation."""
    character_ids: list[str]
    """The characters of that conversation."""
    snippet: str
    """The part of the message that matches."""
    marks: list[list[int]]
    """[from, to) of the matches in `snippet`, in characters (code points)."""


class HitsView(View):
    """The messages found, newest first. `nextCursor` continues the list; null at its end."""

    items: list[HitView]
    """The messages."""
    next_cursor: str | None
    """The cursor of the next page; null on the last one."""


class ReceiptView(View):
    """Proof that data was erased. `signature`: Ed25519 over the JSON of all other fields but `genuine`, keys sorted,
    without spaces, by this server's key (`publicKey` of the list of receipts)."""

    id: str
    """Starts with `rcp_`."""
    user_id: str
    """The user who had it erased."""
    what: Literal["fact", "message", "conversation", "user"]
    """The kind of thing that was erased."""
    target_digest: str
    """SHA-256 of the erased thing's id, in hex."""
    counts: dict[str, int]
    """Number of things erased with it, by kind."""
    at: int
    """When it was erased."""
    scrubbed: bool
    """Whether its bytes are also gone from the database's files."""
    signature: str
    """Base64."""


class ReceiptsView(View):
    """Receipts, newest first."""

    items: list[ReceiptView]
    """The receipts."""
    public_key: str
    """This server's Ed25519 key, 32 bytes in base64."""


def receipt_view(receipt: Receipt) -> ReceiptView:
    return ReceiptView(
        id=receipt.id,
        user_id=receipt.user_id,
        what=receipt.what,  # type: ignore[arg-type]
        target_digest=receipt.target_digest,
        counts=dict(receipt.counts),
        at=receipt.at,
        scrubbed=receipt.scrubbed,
        signature=receipt.signature,
    )


def fact_view(fact: Fact, *, resting: bool = False) -> FactView:
    return FactView(
        id=fact.id,
        character_id=fact.character_id,
        user_id=fact.user_id,
        text=fact.text,
        category=fact.category.value,
        realm=fact.realm.value,
        confidence=round(fact.confidence, 3),
        importance=round(fact.importance, 3),
        pinned=fact.pinned,
        reinforcements=fact.reinforcements,
        first_mentioned_at=fact.first_mentioned_at,
        last_reinforced_at=fact.last_reinforced_at,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        superseded_by=fact.superseded_by,
        message_ids=list(fact.message_ids),
        edited=fact.edited,
        resting=resting,
    )


def facts_view(facts: Sequence[Fact], limit: int, is_resting: Callable[[Fact], bool] = lambda _: False) -> FactsView:
    """`facts` holds up to one more than `limit`, to tell whether there are more."""
    return FactsView(
        items=[fact_view(fact, resting=is_resting(fact)) for fact in facts[:limit]], more=len(facts) > limit
    )


def relationship_view(relationship: Relationship) -> RelationshipView:
    return RelationshipView(
        level=round(relationship.level),
        level_name=standing(relationship.level),
        trust=round(relationship.trust),
        intimacy=round(relationship.intimacy),
        interactions=relationship.interactions,
        topics=list(relationship.topics),
        shared=list(relationship.shared),
        since=relationship.since,
        last_at=relationship.last_at,
    )


def bond_view(bonded: "RelationshipReport") -> BondView:
    history = [
        RelationshipPointView(
            at=at, level=round(point.level, 1), trust=round(point.trust, 1), intimacy=round(point.intimacy, 1)
        )
        for at, point in bonded.history
    ]
    return BondView(relationship=relationship_view(bonded.relationship), history=history)


def recollections_view(recalled: "Sequence[Recalled]") -> RecollectionsView:
    return RecollectionsView(
        items=[
            RecollectionView(
                id=each.id,
                kind=each.kind.value,
                text=each.text,
                speaker=each.speaker,
                conversation_id=each.conversation_id,
                seq=each.seq,
                at=each.at,
                score=each.score,
                why=dict(each.why),
            )
            for each in recalled
        ]
    )


def hits_view(searched: "Searched") -> HitsView:
    items = []
    for hit in searched.page.hits:
        conversation = searched.conversations[hit.conversation_id]
        items.append(
            HitView(
                message=message_view(hit.message),
                conversation_title=conversation.title,
                character_ids=list(conversation.character_ids),
                snippet=hit.snippet,
                marks=[list(mark) for mark in hit.marks],
            )
        )
    return HitsView(items=items, next_cursor=searched.page.next_cursor)
