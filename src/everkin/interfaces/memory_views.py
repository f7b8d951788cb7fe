"""What people see of memory: facts, relationship, search, receipts. The same over REST and Socket.IO."""

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
    """One thing a character remembers of a person."""

    id: str
    """Starts with `fnd_`: the id of the first finding it rests on."""
    character_id: str
    """Who remembers."""
    user_id: str
    """Whom it is about."""
    text: str
    """In the third person, without the name: "lives in Leeds"."""
    category: Literal["preference", "personal", "relationship", "event"]
    """What kind of thing it is."""
    realm: Literal["real", "persona", "story", "hypothetical"]
    """What it is true of; only `real` belongs to the biography."""
    confidence: float
    """0..1: how sure it is."""
    importance: float
    """0..1: how much it matters."""
    pinned: bool
    """A pinned fact is always in mind."""
    reinforcements: int
    """How often it was said again."""
    first_mentioned_at: int
    """When it was first said."""
    last_reinforced_at: int
    """When it was last said."""
    valid_from: int
    """Since when it is so, as far as is known."""
    valid_to: int | None
    """Until when it was so; null: it still is."""
    superseded_by: str | None
    """The fact that took its place."""
    message_ids: list[str]
    """The messages it comes from; empty where a person added it."""
    edited: bool
    """A person put it into these words."""
    resting: bool = False
    """Of little importance and not said for long: not in mind any more, until it is said again, pinned or edited."""


class FactsView(View):
    """`character` remembers these, newest first. `more`: there are further ones."""

    items: list[FactView]
    """The facts."""
    more: bool = False
    """Ask again with a larger `limit`."""


class RelationshipView(View):
    """Each number 0..100."""

    level: int
    """How close all in all."""
    level_name: str
    """The same in a word: stranger, acquaintance, friend..."""
    trust: int
    """How much is confided."""
    intimacy: int
    """How much is shared of what is felt."""
    interactions: int
    """Exchanges so far."""
    topics: list[str]
    """What you talk about most."""
    shared: list[str]
    """What you went through together."""
    since: int | None
    """When you met; null: you have not."""
    last_at: int | None
    """When you last spoke."""


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
    """How close you are, and how it came about."""

    relationship: RelationshipView
    """As it stands now."""
    history: list[RelationshipPointView]
    """One point for each day since you met, oldest first; at most 366."""


class RecollectionView(View):
    """Something a character had in mind for a reply, and why."""

    id: str
    """A fact's, a message's or a summary's id."""
    kind: Literal["message", "fact", "summary"]
    """What it is."""
    text: str | None
    """What was recalled; null: it has been forgotten since."""
    speaker: str
    """Who said it; empty for facts and summaries."""
    conversation_id: str
    """Where it was said; empty for what a person added."""
    seq: int
    """Its place there; 0 for facts."""
    at: int
    """When."""
    score: float
    """What it was ranked by."""
    why: dict[str, float]
    """What weighed most: name of the feature, contribution to the score."""


class RecollectionsView(View):
    """What a reply drew on, the most fitting first."""

    items: list[RecollectionView]
    """The memories."""


class HitView(View):
    """A message that was found."""

    message: MessageView
    """The whole message."""
    conversation_title: str
    """The title of its conversation."""
    character_ids: list[str]
    """Who takes part there."""
    snippet: str
    """The part of it that fits."""
    marks: list[list[int]]
    """[from, to) of what fits in `snippet`, in characters (code points)."""


class HitsView(View):
    """What was found, the newest first. `nextCursor` continues the list; null at its end."""

    items: list[HitView]
    """The messages."""
    next_cursor: str | None
    """For the next page."""


class ReceiptView(View):
    """Proof that something was forgotten. `signature`: Ed25519 over the JSON of all other fields but `genuine`, keys sorted,
    without spaces, by the house's key (`publicKey` of the list of receipts)."""

    id: str
    """Starts with `rcp_`."""
    user_id: str
    """Who had it forgotten."""
    what: Literal["fact", "message", "conversation", "user"]
    """What kind of thing."""
    target_digest: str
    """SHA-256 of its id, in hex."""
    counts: dict[str, int]
    """How many of each kind of thing went with it."""
    at: int
    """When."""
    scrubbed: bool
    """Its bytes are gone from the database's files, too."""
    signature: str
    """Base64."""


class ReceiptsView(View):
    """Newest first."""

    items: list[ReceiptView]
    """The receipts."""
    public_key: str
    """The house's Ed25519 key, 32 bytes in base64."""


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
    """`facts`: up to one more than `limit`."""
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
