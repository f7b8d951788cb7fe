"""Characters and their pictures."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.interfaces.rest.character_bodies import CharacterBody, CharacterChange, WholeCharacter
from everkin.interfaces.rest.dependencies import CurrentApp, CurrentUser, Id, SearchText, read_bytes
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import CharactersView
from everkin.interfaces.views import CharacterView, character_view

LARGEST_AVATAR = 5 * 2**20

router = APIRouter(prefix="/characters", tags=["characters"])
media = APIRouter(tags=["characters"])


@router.get("", responses=shows(CharactersView))
async def find(app: CurrentApp, caller: CurrentUser, q: SearchText = "", tag: SearchText = "") -> Response:
    """Your own characters and the starters. `q` searches names and descriptions; `tag` matches one tag exactly."""
    found = await app.characters.find(caller, q, tag)
    return render(CharactersView(items=[_view(app, caller, each) for each in found]))


@router.post("", responses=shows(CharacterView, 201), status_code=201)
async def create(app: CurrentApp, caller: CurrentUser, body: CharacterBody) -> Response:
    character = await app.characters.create(caller, body.persona())
    return render(_view(app, caller, character), 201, {"location": f"/api/v1/characters/{character.id}"})


@router.get("/{id}", responses=shows(CharacterView))
async def get(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """By id or slug; also a deleted character, or one of another user, while you share a conversation with it. A
    greeting is prepared, in case a conversation follows."""
    character = await app.characters.look_at(caller, id)
    app.greetings.prepare(caller, character)
    return render(_view(app, caller, character))


@router.put("/{id}", responses=shows(CharacterView))
async def replace(app: CurrentApp, caller: CurrentUser, id: Id, body: WholeCharacter) -> Response:
    """Replaces the whole persona, with every field; it becomes the next version. Only the owner changes starters."""
    return render(_view(app, caller, await app.characters.update(caller, id, body.persona)))


@router.patch("/{id}", responses=shows(CharacterView))
async def change(app: CurrentApp, caller: CurrentUser, id: Id, body: CharacterChange) -> Response:
    """Changes the given fields only; null resets a field to its default. The result becomes the next version."""
    return render(_view(app, caller, await app.characters.update(caller, id, body.persona)))


@router.post("/{id}/restore", responses=shows(CharacterView))
async def restore(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Restores a changed or deleted starter, by id or slug, to the version that came with Everkin, as its next version.
    For the owner only."""
    return render(_view(app, caller, await app.characters.restore(caller, id)))


@router.delete("/{id}", responses=shows(None, 204), status_code=204)
async def delete(app: CurrentApp, caller: CurrentUser, id: Id) -> Response:
    """Deletes a character. Conversations it took part in keep it."""
    await app.characters.delete(caller, id)
    return Response(status_code=204)


@router.put(
    "/{id}/avatar",
    responses=shows(CharacterView),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "image/*": {"schema": {"type": "string", "format": "binary"}, "example": "the picture's bytes"}
            },
        }
    },
)
async def set_avatar(app: CurrentApp, caller: CurrentUser, id: Id, request: Request) -> Response:
    """Uploads the picture as the body: PNG, JPEG, WebP or GIF, up to 5 MiB and 4096 x 4096."""
    sentence = "The picture is larger than 5 MiB. Send a smaller one."
    image = await read_bytes(request, LARGEST_AVATAR, sentence)
    return render(_view(app, caller, await app.characters.set_avatar(caller, id, image)))


@media.get(
    "/media/{id}",
    response_class=Response,
    responses={200: {"description": "The picture", "content": {"image/webp": {}}}},
)
async def picture(app: CurrentApp, id: Id) -> Response:
    """Needs no token: the id cannot be guessed. A picture never changes; another picture has another id."""
    content_type, content = await app.characters.media(id)
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(content, 200, headers, content_type)


def _view(app: App, caller: Caller, character: Character) -> CharacterView:
    characters = app.characters
    return character_view(
        character, editable=characters.editable(caller, character), restorable=characters.restorable(caller, character)
    )
