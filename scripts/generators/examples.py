"""Example bodies for the docs: built from the types, filled with one small story, and proven by decoding them again."""

from typing import Any

import msgspec
import msgspec.inspect as mi

from .structs import Field, shape

CONVERSATION = "cnv_019a4c1d2e3a1b2c3d4e5f60718"
MESSAGE = "msg_019a4c1d2e4f60718293a4b5c6d"
REPLY = "msg_019a4c1d3b0e5f60718293a4b5c"
TURN = "trn_019a4c1d2e4b5c6d7e8f9010213"
CHARACTER = "chr_019a4c000001a2b3c4d5e6f7081"
PERSON = "usr_019a4c000000718293a4b5c6d7e"

STORY: dict[str, Any] = {
    "conversationId": CONVERSATION,
    "messageId": MESSAGE,
    "turnId": TURN,
    "characterId": CHARACTER,
    "characterIds": [CHARACTER],
    "userId": PERSON,
    "userIds": [PERSON],
    "senderId": PERSON,
    "by": CHARACTER,
    "content": "Is the kettle on?",
    "clientId": "3f0c9a52-7c1e-4f6d-9a44-5b1d0e8f2a61",
    "title": "Tea at the lighthouse",
    "lastMessagePreview": "Is the kettle on?",
    "seq": 4,
    "lastSeq": 4,
    "headId": MESSAGE,
    "broughtSeq": 4,
    "upToSeq": 4,
    "messageCount": 4,
    "missed": 2,
    "revision": 9,
    "lastRevision": 7,
    "attempt": 1,
    "stopped": 1,
    "at": 1795219200000,
    "createdAt": 1795219200000,
    "updatedAt": 1795219200000,
    "lastMessageAt": 1795219200000,
    "sentence": "Too many messages at once. Wait a moment.",
    "code": "rate_limited",
    "retryAfter": 12.5,
}
"""By the field's name on the wire; a field that is not named here is null, empty, false, 0 or its first literal."""

CHAPTERS: dict[str, dict[str, Any]] = {
    "MessageView": {"id": MESSAGE, "senderType": "user", "type": "text", "status": "sent"},
    "TurnView": {"id": TURN, "state": "pending"},
    "ConversationView": {"id": CONVERSATION, "status": "active"},
    "CharacterResponse": {"phase": "delta", "text": " and the wind is rising.", "offset": 12},
    "ProblemView": {},
    "TypingIndicator": {"isTyping": True, "userId": CHARACTER},
    "JoinConversation": {"offset": 12},
}
"""Where one Struct departs from the story."""

SPARSE: dict[str, frozenset[str]] = {
    "CharacterResponse": frozenset({"text", "offset"}),
}
"""The optional fields an example shows, of Structs whose optional fields exclude one another."""


def example(cls: type[msgspec.Struct]) -> str:
    """Indented JSON of one `cls`, decoded and encoded again without a change."""
    encoded = msgspec.json.encode(msgspec.convert(_built(cls), cls))
    if msgspec.json.encode(msgspec.json.decode(encoded, type=cls)) != encoded:
        raise ValueError(f"the example of {cls.__name__} does not survive decoding")
    return msgspec.json.format(encoded, indent=2).decode()


def _built(cls: type[msgspec.Struct]) -> dict[str, Any]:
    of, chapter = shape(cls), CHAPTERS.get(cls.__name__, {})
    shown = SPARSE.get(cls.__name__)
    fields = [field for field in of.fields if field.required or shown is None or field.name in shown]
    return {field.name: chapter.get(field.name, _told(field)) for field in fields}


def _told(field: Field) -> Any:
    mentions_struct = isinstance(field.type, mi.StructType | mi.ListType)
    return STORY[field.name] if field.name in STORY and not mentions_struct else _plain(field.type, field.name)


def _plain(kind: mi.Type, name: str) -> Any:
    match kind:
        case mi.StructType(cls=cls):
            return _built(cls)
        case mi.ListType(item_type=mi.StructType(cls=cls)):
            return [_built(cls)]
        case mi.ListType():
            return STORY.get(name, [])
        case mi.UnionType(includes_none=True):
            return None
        case mi.LiteralType(values=values):
            return values[0]
        case mi.StrType():
            return ""
        case mi.IntType() | mi.FloatType():
            return 0
        case mi.BoolType():
            return False
        case mi.DictType():
            return {}
    raise TypeError(f"no example for {kind}")
