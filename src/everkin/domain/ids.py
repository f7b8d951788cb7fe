"""Identifiers: a prefix for the kind, 11 hex digits of Unix milliseconds, 16 hex digits of random data (64 bits).

They sort by time of creation (to the millisecond) and cannot be guessed from one another.
"""

import os
import time
from typing import NewType

UserId = NewType("UserId", str)
CharacterId = NewType("CharacterId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
TurnId = NewType("TurnId", str)
MediaId = NewType("MediaId", str)

Millis = NewType("Millis", int)
"""A point in time in Unix milliseconds, UTC. The only form of time in the database and on the wire."""


def _fresh(prefix: str) -> str:
    return f"{prefix}_{time.time_ns() // 1_000_000:011x}{os.urandom(8).hex()}"


def new_user_id() -> UserId:
    return UserId(_fresh("usr"))


def new_character_id() -> CharacterId:
    return CharacterId(_fresh("chr"))


def new_conversation_id() -> ConversationId:
    return ConversationId(_fresh("cnv"))


def new_message_id() -> MessageId:
    return MessageId(_fresh("msg"))


def new_turn_id() -> TurnId:
    return TurnId(_fresh("trn"))


def new_media_id() -> MediaId:
    """Return a wholly random id (128 bits): knowing it is the only right needed to fetch the file."""
    return MediaId(f"med_{os.urandom(16).hex()}")


def new_node_id() -> str:
    return _fresh("nod")


def new_finding_id() -> str:
    return _fresh("fnd")


def new_summary_id() -> str:
    return _fresh("sum")


def new_bond_event_id() -> str:
    return _fresh("bnd")


def new_receipt_id() -> str:
    return _fresh("rcp")
