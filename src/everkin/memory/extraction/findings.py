"""Conversion of extracted facts to stored findings (pure)."""

from everkin.domain.ids import ConversationId, UserId
from everkin.domain.memory import Finding
from everkin.memory.extraction.english.rules import Found


def as_finding(
    found: Found,
    finding_id: str,
    user_id: UserId,
    conversation_id: ConversationId | None = None,
    witnesses: tuple[str, ...] = (),
) -> Finding:
    """Return a finding. `witnesses`: ids of the characters and users who were present when the message was sent."""
    return Finding(
        id=finding_id,
        user_id=user_id,
        conversation_id=conversation_id,
        message_id=found.message_id,
        seq=found.seq,
        n=found.n,
        at=found.at,
        text=found.text,
        category=found.category,
        realm=found.realm,
        confidence=found.confidence,
        importance=found.importance,
        slot=found.slot,
        value=found.value,
        ended=found.ended,
        witnesses=witnesses,
        source=found.source,
    )
