"""Examples of memory responses, for OpenAPI."""

from everkin.interfaces.memory_views import (
    BondView,
    FactsView,
    FactView,
    HitsView,
    HitView,
    ReceiptsView,
    ReceiptView,
    RecollectionsView,
    RecollectionView,
    RelationshipPointView,
    RelationshipView,
)
from everkin.interfaces.views import MessageView, View

_AT = 1_800_000_000_000
_FACT_ID = "fnd_6d1f0b7c2a4e93d85f61c0ab9e27"


def memory_examples(message: MessageView, character: str) -> tuple[View, ...]:
    fact = FactView(
        id=_FACT_ID,
        character_id=character,
        user_id=message.sender_id,
        text="lives in Leeds",
        category="personal",
        realm="real",
        confidence=0.9,
        importance=0.7,
        pinned=False,
        reinforcements=2,
        first_mentioned_at=_AT - 864_000_000,
        last_reinforced_at=_AT,
        valid_from=_AT - 864_000_000,
        valid_to=None,
        superseded_by=None,
        message_ids=[message.id],
        edited=False,
    )
    bond = RelationshipView(
        level=34,
        level_name="friend",
        trust=31,
        intimacy=22,
        interactions=210,
        topics=["work", "music"],
        shared=["opened up about family"],
        since=_AT - 8_640_000_000,
        last_at=_AT,
    )
    recollection = RecollectionView(
        id=_FACT_ID,
        kind="fact",
        text="lives in Leeds",
        speaker="",
        conversation_id="",
        seq=0,
        at=_AT,
        score=2.41,
        why={"words": 1.3, "meaning": 0.9},
    )
    receipt = ReceiptView(
        id="rcp_1a3185c5000a0b1c2d3e4f50617",
        user_id=message.sender_id,
        what="conversation",
        target_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        counts={"messages": 42, "facts": 3},
        at=_AT,
        scrubbed=True,
        signature="c2lnbmF0dXJl",
    )
    hit = HitView(
        message=message,
        conversation_title="The night of the storm",
        character_ids=[character],
        snippet="Good evening! Is the kettle on?",
        marks=[[21, 27]],
    )
    return (
        fact,
        FactsView(items=[fact]),
        bond,
        BondView(relationship=bond, history=[RelationshipPointView(at=_AT, level=34.2, trust=31.0, intimacy=22.4)]),
        recollection,
        RecollectionsView(items=[recollection]),
        receipt,
        ReceiptsView(items=[receipt], public_key="cHVibGljIGtleQ=="),
        hit,
        HitsView(items=[hit], next_cursor=None),
    )
