"""docs/events.md: every Socket.IO event with its fields, its acknowledgement and an example."""

from collections.abc import Iterator

import msgspec

from everkin.interfaces import memory_views, views
from everkin.interfaces.sockets import wire

from .examples import example
from .structs import reachable, shape, shapes_of, typescript

HEAD = """\
<!-- Generated from src/everkin/interfaces/sockets/wire.py by `python scripts/generate.py`. Do not edit. -->
# Socket.IO events

Connect to `WEBSOCKET_PATH` (`/socket.io`) with any Socket.IO client (protocol 5) and an access token:

```js
const socket = io("http://127.0.0.1:8484", { auth: { token }, transports: ["websocket"] });
socket.on("message:received", (message) => console.log(message.content));
const { conversation } = await socket.emitWithAck("conversation:join", { conversationId, lastSeq: 0 });
const { message } = await socket.emitWithAck("message:send", { conversationId, content: "Hello!", clientId });
```

* **Bodies** are one JSON object, in camelCase. A field that a request does not know, or of the wrong kind, is refused with
  code `invalid` and its name in `field`; so is a second body. Times are Unix milliseconds.
* **Acknowledgements.** Every request is answered through the Socket.IO acknowledgement: with what stands below, or with
  [`Refused`](#refused). A request that asked for no acknowledgement is answered only when it is refused, by the event
  [`error`](#error).
* **Signing in.** A connection without a good token is refused: `connect_error`, whose `data` is a
  [`ProblemView`](#problemview). The right is checked again on every event; when the token expires or its user signs out
  the socket gets `error` with code `unauthenticated` and is closed. Refresh the token over REST and connect again.
* **The delivery promise.** An acknowledged message is on disk. Sending it again with the same `clientId` never doubles
  it. Each message of a conversation has the next `seq`; there are no gaps. Each message of a person gets exactly one
  reply or one visible failure. After a reconnect, `conversation:join` with your `lastSeq` (and `lastRevision`, `turnId`
  and `offset`) brings precisely what you missed, an answer in flight included, from the right character onward.
* **Slow readers.** A client that does not read is closed once `SOCKET_OUTBOX_BYTES` wait for it; it joins again with
  `lastSeq` and loses nothing.
"""


def events_md() -> str:
    direct = {each.body for each in wire.EVENTS} | {r.body for r in wire.REQUESTS} | {r.ack for r in wire.REQUESTS}
    named = reachable([*direct, wire.Refused])
    shared = [
        cls for cls in shapes_of(views, memory_views, wire) if cls.__name__ in named and cls not in _shown_inline()
    ]
    parts = [
        HEAD,
        "## From the client\n",
        *(_request(each) for each in wire.REQUESTS),
        "## From the server\n",
        *(_event(each) for each in wire.EVENTS),
        "## Shapes\n",
        *(_shape(cls) for cls in shared),
    ]
    return "\n".join(parts)


def _shown_inline() -> set[type[msgspec.Struct]]:
    """Bodies that one request or event only uses are explained there; the others once, under Shapes."""
    inline: set[type[msgspec.Struct]] = {each.body for each in wire.EVENTS if issubclass(each.body, wire.Body)}
    inline |= {each.body for each in wire.REQUESTS}
    return inline - {wire.Receipt, wire.InConversation}


def _request(each: wire.Request) -> str:
    lines = [f"### {each.name}", "", f"Client to server. {each.doc}", "", *_body(each.body)]
    lines += [f"Acknowledged with {_link(each.ack)} or {_link(wire.Refused)}:", "", *_json(each.ack)]
    return "\n".join(lines)


def _event(each: wire.Event) -> str:
    return "\n".join([f"### {each.name}", "", f"Server to client. {each.doc}", "", *_body(each.body)])


def _body(cls: type[msgspec.Struct]) -> Iterator[str]:
    if cls in _shown_inline():
        yield from _explained(cls)
    else:
        yield from (f"The body is a {_link(cls)}.", "")
    yield from _json(cls)


def _shape(cls: type[msgspec.Struct]) -> str:
    return "\n".join([f"### {cls.__name__}", "", *_explained(cls)])


def _explained(cls: type[msgspec.Struct]) -> Iterator[str]:
    of = shape(cls)
    if of.doc:
        yield from (of.doc, "")
    yield from ("| Field | Type | Meaning |", "| --- | --- | --- |")
    asked = cls in {each.body for each in wire.REQUESTS} or cls.__struct_config__.omit_defaults
    for field in of.fields:
        optional = "" if field.required or not asked else "Optional. "
        kind = typescript(field.type).replace("|", "\\|")
        yield f"| `{field.name}` | `{kind}` | {optional}{field.doc} |"
    yield ""


def _json(cls: type[msgspec.Struct]) -> Iterator[str]:
    yield from ("```json", example(cls), "```", "")


def _link(cls: type[msgspec.Struct]) -> str:
    return f"[`{cls.__name__}`](#{cls.__name__.lower()})"
