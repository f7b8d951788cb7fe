"""web/src/wire.ts: every view and body as an interface, and the event maps socket.io-client's generics take."""

import textwrap
from collections.abc import Iterator

import msgspec

from everkin.interfaces import memory_views, views
from everkin.interfaces.sockets import wire

from .structs import shape, shapes_of, typescript

HEAD = """\
// Generated from src/everkin/interfaces/views.py and src/everkin/interfaces/sockets/wire.py by `python scripts/generate.py`.
// Do not edit: change the classes there and generate again.
"""


def wire_ts() -> str:
    asked = {request.body for request in wire.REQUESTS}
    interfaces = [_interface(cls, asked=cls in asked) for cls in shapes_of(views, memory_views, wire)]
    parts = [
        HEAD,
        *interfaces,
        _requests(),
        _events(),
        _names("REQUESTS", wire.REQUESTS),
        _names("EVENTS", wire.EVENTS),
    ]
    return "\n".join(parts)


def _interface(cls: type[msgspec.Struct], *, asked: bool) -> str:
    """A client may leave out what has a default; the server only where the class says `omit_defaults`."""
    of, sparse = shape(cls), asked or cls.__struct_config__.omit_defaults
    lines = [*_comment(of.doc, ""), f"export interface {of.name} {{"]
    for field in of.fields:
        mark = "?" if sparse and not field.required else ""
        lines += [*_comment(field.doc, "  "), f"  {field.name}{mark}: {typescript(field.type)};"]
    return "\n".join([*lines, "}", ""])


def _requests() -> str:
    lines = [
        "/** What a client may send, for `Socket<ServerToClientEvents, ClientToServerEvents>`. */",
        "export interface ClientToServerEvents {",
    ]
    for each in wire.REQUESTS:
        ack = f"(answer: {each.ack.__name__} | {wire.Refused.__name__}) => void"
        lines += [*_comment(each.doc, "  "), f'  "{each.name}": (body: {each.body.__name__}, ack: {ack}) => void;']
    return "\n".join([*lines, "}", ""])


def _events() -> str:
    lines = ["/** What the server sends. */", "export interface ServerToClientEvents {"]
    for each in wire.EVENTS:
        lines += [*_comment(each.doc, "  "), f'  "{each.name}": (body: {_name(each.body)}) => void;']
    return "\n".join([*lines, "}", ""])


def _names(constant: str, of: tuple[wire.Request, ...] | tuple[wire.Event, ...]) -> str:
    names = "".join(f'  "{each.name}",\n' for each in of)
    return f"export const {constant} = [\n{names}] as const;\n"


def _name(body: type[msgspec.Struct]) -> str:
    return body.__name__


def _comment(doc: str, indent: str) -> Iterator[str]:
    if not doc:
        return
    lines = "\n\n".join(textwrap.fill(" ".join(each.split()), 110) for each in doc.split("\n\n")).splitlines()
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
        return
    yield f"{indent}/**"
    yield from (f"{indent} * {line}".rstrip() for line in lines)
    yield f"{indent} */"
