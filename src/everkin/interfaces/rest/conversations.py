"""Conversations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.conversation import ConversationQuery, ConversationStatus
from everkin.domain.errors import Invalid
from everkin.interfaces.rest.bodies import AskedCharacter, Attendance, ConversationChange, NewConversation
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, Id, SearchText
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import ConversationsView, conversations_view
from everkin.interfaces.views import ConversationView, MessageView, conversation_view, message_view

router = APIRouter(prefix="/conversations", tags=["conversations"])


@router.post("", responses=shows(ConversationView, 201), status_code=201)
async def create(app: CurrentApp, caller: CurrentUser, body: NewConversation) -> Response:
    """Starts a conversation. The character's greeting becomes the first message."""
    characters = body.characters()
    if not characters:
        raise Invalid("Say who to talk with: characterId, or characterIds.", field="characterId")
    people = await app.accounts.people(caller, body.participants)
    made = await app.conversations.create(caller, characters, body.title, people)
    return render(await _view(app, caller, made.id), 201, {"location": f"/api/v1/conversations/{made.id}"})


@router.get("", responses=shows(ConversationsView))
async def find(
    app: CurrentApp,
    caller: CurrentUser,
    status: Literal["active", "archived", "all"] = "active",
    character_id: Annotated[str, Query(alias="characterId", max_length=80, pattern=r"^[A-Za-z0-9_-]+$")] = "",
    q: SearchText = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, pattern=r"^[\x21-\x7e]+$")] = None,
) -> Response:
    """Newest first. `characterId`: an id or slug; `q` searches titles and the names of characters; `cursor` is the
    `nextCursor` of the page before."""
    wanted = None if status == "all" else ConversationStatus(status)
    query = ConversationQuery(wanted, None, q, limit, cursor)
    return render(conversations_view(await app.conversations.find(caller, query, character_id)))


@router.get("/{id}", responses=shows(ConversationView))
async def get(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    return render(await _view(app, caller, id))


@router.put("/{id}", responses=shows(ConversationView))
async def change(app: CurrentApp, caller: CurrentUser, id: Id, body: ConversationChange) -> Response:
    """Sets a new title, a new status, or how the next speaker is chosen: natural, list, mentioned, manual."""
    body.check_not_empty()
    if body.title is not None:
        await app.conversations.rename(caller, id, body.title)
    if body.status is not None:
        await app.conversations.set_status(caller, id, ConversationStatus(body.status))
    if body.speaking is not None:
        await app.conversations.set_speaking(caller, id, body.speaking)
    return render(await _view(app, caller, id))


@router.delete("/{id}", responses=shows(None, 204), status_code=204)
async def delete(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Deletes the conversation permanently; replies in progress are stopped."""
    await app.conversations.set_status(caller, id, ConversationStatus.DELETED)
    return Response(status_code=204)


@router.post("/{id}/archive", responses=shows(ConversationView))
async def archive(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Archives the conversation: it can be read, but takes no new messages."""
    await app.conversations.set_status(caller, id, ConversationStatus.ARCHIVED)
    return render(await _view(app, caller, id))


@router.post("/{id}/restore", responses=shows(ConversationView))
async def restore(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    await app.conversations.set_status(caller, id, ConversationStatus.ACTIVE)
    return render(await _view(app, caller, id))


async def _view(app: App, caller: Caller, id: str) -> ConversationView:
    return conversation_view(*await app.conversations.get(caller, id))


@router.post("/{id}/ask", responses=shows(MessageView, 202), status_code=202)
async def ask(app: CurrentApp, caller: CurrentUser, id: Id, body: AskedCharacter) -> Response:
    """Asks one of the characters to answer the newest message. The reply comes as events, and is in the history."""
    asked = await app.turns.ask(caller, id, body.character_id)
    return render(message_view(asked.message, asked.turns), 202)


@router.put("/{id}/characters/{character_id}", responses=shows(ConversationView))
async def attend(app: CurrentApp, caller: CurrentUser, id: Id, character_id: Id, body: Attendance) -> Response:
    """Removes a character from the scene (`present: false`) or brings it back; it neither sees nor remembers messages
    sent while it is away."""
    await app.conversations.send_away(caller, id, character_id, away=not body.present)
    return render(await _view(app, caller, id))
