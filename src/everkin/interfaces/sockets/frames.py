"""Socket.IO packets as text: requests of clients, and frames to send. One frame is encoded once for all receivers."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from engineio.packet import MESSAGE, Packet

from everkin.domain.errors import Invalid

_EVENT = re.compile(r"2(?:/,)?(\d{0,15})(\[.*)", re.DOTALL)
_PLACE = re.compile(r"at `\$((?:\.\w+|\[\.\.\.\])+)`")
_MISSING = re.compile(r"field `(\w+)`")
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_LONGEST_FIELD = 120
_arguments = msgspec.json.Decoder(list[msgspec.Raw])
_name = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()


class Malformed(Exception):
    """Not a packet of the protocol: the socket is closed."""


class Frame(Packet):  # type: ignore[misc]
    """An Engine.IO message, ready to send. `size` in bytes."""

    def __init__(self, text: bytes) -> None:
        super().__init__(MESSAGE, text.decode())
        self.size = len(text)


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """A client's request."""

    ack_id: int | None
    """The id of the acknowledgement; None if the client asked for none."""
    name: str
    """The event's name; empty if the packet's JSON is not [name, body]."""
    body: msgspec.Raw | None
    """The undecoded body; None if there is none."""


def event_frame(name: str, body: msgspec.Struct) -> Frame:
    return Frame(b'2["%b",%b]' % (name.encode(), _encoder.encode(body)))


def ack_frame(ack_id: int, body: msgspec.Struct) -> Frame:
    return Frame(b"3%d[%b]" % (ack_id, _encoder.encode(body)))


def asked_in(text: str) -> ClientEvent:
    """Parse an EVENT packet. If its JSON is not [name, body], the name is empty. Raises Malformed for text that is not
    an EVENT packet of the default namespace."""
    match = _EVENT.fullmatch(text)
    if match is None:
        raise Malformed
    ack_id = int(match[1]) if match[1] else None
    try:
        name, *arguments = _arguments.decode(match[2])
        if len(arguments) > 1:
            return ClientEvent(ack_id, "", None)
        return ClientEvent(ack_id, _name.decode(name), arguments[0] if arguments else None)
    except (ValueError, RecursionError):
        return ClientEvent(ack_id, "", None)


def body_of(asked: ClientEvent, kind: type[Any]) -> Any:
    """Decode the body of a request as a `kind`. Raises Invalid, with the field, when it does not fit."""
    if asked.body is None:
        raise Invalid(f"{asked.name} needs a body: one JSON object.")
    try:
        return msgspec.json.decode(asked.body, type=kind)
    except msgspec.ValidationError as error:
        raise _misfit(asked.name, str(error), kind) from None
    except (ValueError, RecursionError):
        raise Invalid(f"The body of {asked.name} is not valid JSON.") from None


def _misfit(name: str, complaint: str, kind: type[Any]) -> Invalid:
    """Turn msgspec's error into Invalid. It names types and fields, never a value, so its text may be passed on."""
    if unknown := _UNKNOWN.search(complaint):
        field = unknown[1][:_LONGEST_FIELD]
        known = ", ".join(kind.__struct_encode_fields__)
        return Invalid(f"{field}: is not a field of {name}. Known here: {known}.", field=field)
    found = _PLACE.search(complaint) or _MISSING.search(complaint)
    place = found[1].lstrip(".") if found else None
    return Invalid(f"The body of {name} does not fit: {complaint}.", field=place)
