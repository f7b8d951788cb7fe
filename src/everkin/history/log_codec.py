"""Compresses a conversation's messages for idle periods to about a seventh of their size as objects. Pure.

Values are stored column by column, so that similar ones are adjacent, and each id once; both make the result small.
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
"""Compression level of zlib."""

_REFERENCES = frozenset(
    (  # noqa: SIM905
        "id conversation_id message_id parent_id reply_to sender_id turn_id character_id owner reply_id head_id"
    ).split()
)
"""Fields that hold ids, often the same one several times."""

_ID = re.compile(r"[a-z]{3}_[0-9a-f]{27}")


def pack(log: Log) -> bytes:
    """Return the log as bytes. `unpack` returns an equal log, as fields are stored by position and not by name."""
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
    """Return the log that `pack` encoded."""
    short, conversations, messages, turns, counts, more = _decoder().decode(zlib.decompress(packed))
    ids = [_long(each) for each in short]
    answers = iter(_things(Turn, turns, ids))
    said = zip(_things(Message, messages, ids), counts, strict=True)
    entries = tuple(LogEntry(message, tuple(next(answers) for _ in range(count))) for message, count in said)
    return Log(next(iter(_things(Conversation, conversations, ids))), entries, more)


def _columns(kind: type[Any], things: Sequence[Any], ids: dict[str, int]) -> list[list[Any]]:
    """Return the values field by field; ids are replaced by their index, new ones are added to `ids`."""
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
    """Return an id in binary: Everkin's own are mostly hexadecimal digits; others begin with a zero byte."""
    if _ID.fullmatch(name):
        return name[:3].encode() + bytes.fromhex(f"0{name[4:]}")
    return b"\0" + name.encode("utf-8", "surrogatepass")


def _long(short: bytes) -> str:
    if short.startswith(b"\0"):
        return short[1:].decode("utf-8", "surrogatepass")
    return f"{short[:3].decode()}_{short[3:].hex()[1:]}"


@cache
def _decoder() -> "msgspec.msgpack.Decoder[Any]":
    """Return the decoder, which validates and restores enums and tuples."""
    shapes = (_shape(kind) for kind in (Conversation, Message, Turn))
    return msgspec.msgpack.Decoder(types.GenericAlias(tuple, (list[bytes], *shapes, list[int], bool)))


def _shape(kind: type[Any]) -> Any:
    hints = typing.get_type_hints(kind)
    kinds = [int | None if field.name in _REFERENCES else hints[field.name] for field in dataclasses.fields(kind)]
    return types.GenericAlias(tuple, tuple(types.GenericAlias(list, (each,)) for each in kinds))
