"""A log as bytes, for the hours in which nobody writes in it: about a seventh of its size as objects. Pure.

Column by column, so that like stands beside like, and each id once: that is what makes it small.
"""

import dataclasses
import re
import types
import typing
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

from everkin.domain.conversation import Conversation
from everkin.domain.message import Message
from everkin.domain.record import Log, LogEntry
from everkin.domain.turn import Turn

LEVEL = 6

_REFERENCES = frozenset(
    "id conversation_id message_id parent_id reply_to sender_id turn_id character_id owner reply_id head_id".split()  # noqa: SIM905
)
"""Fields that name something, often the same thing."""

_ID = re.compile(r"[a-z]{3}_[0-9a-f]{27}")


def pack(log: Log) -> bytes:
    """`unpack` gives an equal log back, whatever the fields of the domain are by then called."""
    ids: dict[str, int] = {}
    turns = [turn for entry in log.entries for turn in entry.turns]
    columns = [
        _columns(kind, things, ids)
        for kind, things in (
            (Conversation, [log.conversation]),
            (Message, [entry.message for entry in log.entries]),
            (Turn, turns),
        )
    ]
    counts = [len(entry.turns) for entry in log.entries]
    whole = ([_short(each) for each in ids], *columns, counts, log.more)
    return zlib.compress(msgspec.msgpack.encode(whole), LEVEL)


def unpack(packed: bytes) -> Log:
    short, conversations, messages, turns, counts, more = _decoder().decode(zlib.decompress(packed))
    ids = [_long(each) for each in short]
    answers = iter(_things(Turn, turns, ids))
    said = zip(_things(Message, messages, ids), counts, strict=True)
    entries = tuple(LogEntry(message, tuple(next(answers) for _ in range(count))) for message, count in said)
    return Log(next(iter(_things(Conversation, conversations, ids))), entries, more)


def _columns(kind: type[Any], things: Sequence[Any], ids: dict[str, int]) -> list[list[Any]]:
    """Fills `ids` up: each id's place."""
    columns = []
    for field in dataclasses.fields(kind):
        values = [getattr(thing, field.name) for thing in things]
        if field.name in _REFERENCES:
            values = [None if value is None else ids.setdefault(value, len(ids)) for value in values]
        columns.append(values)
    return columns


T = typing.TypeVar("T")


def _things(kind: type[T], columns: Sequence[Sequence[Any]], ids: Sequence[str]) -> Iterable[T]:
    named = [
        [None if value is None else ids[value] for value in column] if field.name in _REFERENCES else column
        for field, column in zip(dataclasses.fields(kind), columns, strict=True)  # type: ignore[arg-type]
    ]
    return (kind(*values) for values in zip(*named, strict=True))


def _short(name: str) -> bytes:
    """Our own ids are mostly hexadecimal digits; anything else begins with a zero."""
    if _ID.fullmatch(name):
        return name[:3].encode() + bytes.fromhex(f"0{name[4:]}")
    return b"\0" + name.encode("utf-8", "surrogatepass")


def _long(short: bytes) -> str:
    if short.startswith(b"\0"):
        return short[1:].decode("utf-8", "surrogatepass")
    return f"{short[:3].decode()}_{short[3:].hex()[1:]}"


@cache
def _decoder() -> "msgspec.msgpack.Decoder[Any]":
    """Checks and restores enums and tuples while it decodes."""
    shapes = (_shape(kind) for kind in (Conversation, Message, Turn))
    return msgspec.msgpack.Decoder(types.GenericAlias(tuple, (list[bytes], *shapes, list[int], bool)))


def _shape(kind: type[Any]) -> Any:
    hints = typing.get_type_hints(kind)
    kinds = [int | None if field.name in _REFERENCES else hints[field.name] for field in dataclasses.fields(kind)]
    return types.GenericAlias(tuple, tuple(types.GenericAlias(list, (each,)) for each in kinds))
