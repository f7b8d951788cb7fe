"""Messages: send, read, change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from everkin.domain.errors import Invalid
from everkin.domain.message import MessageType
from everkin.interfaces.memory_views import ReceiptView, receipt_view
from everkin.interfaces.rest.bodies import MessageChange, NewMessage, ReadUpTo
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, Id, Seq, client_id_of
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import HistoryView, SaidView, StoppingView, history_view
from everkin.interfaces.rest.send_message import SayRequest, say, say_and_stream, say_and_wait
from everkin.interfaces.views import ConversationView, MessageView, conversation_view, entry_view, message_view

router = APIRouter(tags=["messages"])

_STREAM = (
    "Event `accepted` (MessageView: it is on disk), then `character:response` (CharacterResponse) for each step of each "
    "answer, up to the last one's end. A comment line every 15 s while nothing happens."
)


@router.post(
    "/conversations/{id}/messages",
    responses=shows(MessageView, 201, also={200: MessageView}, or_else=SaidView, stream=_STREAM),
    status_code=201,
)
async def post(
    app: CurrentApp,
    caller: CurrentUser,
    request: Request,
    id: Id,
    body: NewMessage,
    client_id: Annotated[str | None, Depends(client_id_of)],
    stream: bool = False,
    wait: bool = False,
) -> Response:
    """Sends a message. 201 once it is on disk; 200 when the same `clientId` was stored before. `stream=true` (or
    `Accept: text/event-stream`) streams the reply while it is generated; `wait=true` answers with a SaidView when all
    replies are complete. Disconnecting does not stop the reply."""
    if stream and wait:
        raise Invalid(
            "Ask for the answer as it is spoken (stream) or for all of it at once (wait), not both.", field="wait"
        )
    words = SayRequest(app, caller, id, body.content, MessageType(body.type), client_id)
    if stream or "text/event-stream" in request.headers.get("accept", ""):
        return await say_and_stream(words)
    return await (say_and_wait(words) if wait else say(words))


@router.get("/conversations/{id}/messages", responses=shows(HistoryView))
async def history(
    app: CurrentApp,
    caller: CurrentUser,
    id: Id,
    before: Seq = None,
    after: Seq = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The newest messages, those before a `seq`, or those after one; in order of `seq`."""
    if before is not None and after is not None:
        raise Invalid("Ask for messages before a seq or after one, not both.", field="after")
    _, unread = await app.conversations.get(caller, id)
    log = await app.conversations.history(caller, id, before=before, after=after, limit=limit)
    return render(history_view(log, unread, app.turns.live(log.conversation.id)))


@router.put("/conversations/{id}/messages/read", responses=shows(ConversationView))
async def read(app: CurrentApp, caller: CurrentUser, id: Id, body: ReadUpTo | None = None) -> Response:
    """Marks everything up to this `seq` as seen; without `upToSeq`, or without a body, every message so far."""
    await app.conversations.read(caller, id, body.up_to_seq if body is not None else None)
    return render(conversation_view(*await app.conversations.get(caller, id)))


@router.post("/conversations/{id}/stop", responses=shows(StoppingView))
async def stop(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Stops the reply in progress and those waiting; the text generated so far is kept."""
    return render(StoppingView(stopped=await app.turns.stop(caller, id)))


@router.get("/messages/{id}", responses=shows(MessageView))
async def get(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    return render(entry_view(await app.conversations.message(caller, id)))


@router.patch("/messages/{id}", responses=shows(MessageView))
async def edit(app: CurrentApp, caller: CurrentUser, id: Id, body: MessageChange) -> Response:
    """Changes a message's text; it is not answered again."""
    return render(entry_view(await app.conversations.edit(caller, id, body.content)))


@router.delete("/messages/{id}", responses=shows(ReceiptView))
async def delete(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Erases a message's text and all data derived from it; its place (`seq`) stays, empty. All participants get an
    event at once. The receipt proves it; deleting again returns the same one."""
    return render(receipt_view(await app.conversations.delete(caller, id)))


@router.post("/messages/{id}/retry", responses=shows(MessageView))
async def retry(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Requests a reply again after it failed, or was stopped before any text."""
    appended = await app.turns.retry(caller, id)
    return render(message_view(appended.message, appended.turns))


@router.post("/messages/{id}/continue", responses=shows(ConversationView))
async def go_on_from(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Continues the conversation from this message. Later messages are hidden but stay in the log and in memory;
    continuing from one of those shows them again."""
    conversation = await app.conversations.go_back_to(caller, id)
    return render(conversation_view(*await app.conversations.get(caller, conversation.id)))
