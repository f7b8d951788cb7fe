"""What people see of memory: facts, relationship, search, receipts. The same over REST and Socket.IO."""

from collections.abc import Sequence
from typing import Literal

from everkin.domain.memory import Fact, Relationship
from everkin.doors.views import View
from everkin.memory.levels import name_of_level


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


def fact_view(fact: Fact) -> FactView:
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
    )


def facts_view(facts: Sequence[Fact], limit: int) -> FactsView:
    """`facts`: up to one more than `limit`."""
    return FactsView(items=[fact_view(fact) for fact in facts[:limit]], more=len(facts) > limit)


def relationship_view(relationship: Relationship) -> RelationshipView:
    return RelationshipView(
        level=round(relationship.level),
        level_name=name_of_level(relationship.level),
        trust=round(relationship.trust),
        intimacy=round(relationship.intimacy),
        interactions=relationship.interactions,
        topics=list(relationship.topics),
        shared=list(relationship.shared),
        since=relationship.since,
        last_at=relationship.last_at,
    )
