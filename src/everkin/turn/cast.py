"""The cast: characters, as people may see and change them, and as the runtime knows them."""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from everkin.domain.caller import Caller
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation
from everkin.domain.errors import Conflict, Forbidden, Invalid, NotFound
from everkin.domain.ids import CharacterId, MediaId, UserId, new_character_id, new_media_id
from everkin.kit.clock import Clock
from everkin.turn.avatars import reencode
from everkin.turn.ports import Characters, Media, People

V = TypeVar("V")

FRESH_SECONDS = 30.0
"""How long another node's edit of a character or a person's new name may go unnoticed."""

MEDIA_PATH = "/media/"


class Cast:
    def __init__(self, characters: Characters, media: Media, people: People, clock: Clock, size: int = 4096) -> None:
        self._characters = characters
        self._media = media
        self._people = people
        self._clock = clock
        self._size = size
        self._known: OrderedDict[str, tuple[float, Character]] = OrderedDict()
        self._names: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def find(self, caller: Caller, text: str = "", tag: str = "") -> Sequence[Character]:
        return await self._characters.find(caller.user_id, text, tag)

    async def get(self, caller: Caller, id_or_slug: str) -> Character:
        return await self._characters.get(id_or_slug, caller.user_id)

    async def create(self, caller: Caller, persona: Persona) -> Character:
        """The slug is made from the name and kept unique."""
        base = slug_of(persona.name)
        new_id = new_character_id()
        for slug in (base, f"{base}-{new_id[-4:]}", new_id.replace("_", "-")):
            try:
                return await self._characters.create(new_id, slug, caller.user_id, persona, self._clock.now())
            except Conflict:
                continue
        raise Conflict("No free name could be found for this character. Try again.")

    async def update(self, caller: Caller, id_or_slug: str, persona: Persona) -> Character:
        """Forbidden for a starter character unless the caller owns the house."""
        character = await self.get(caller, id_or_slug)
        if not self.editable(caller, character):
            raise Forbidden("This character comes with Everkin; only the owner of this house may change it.")
        changed = await self._characters.update(character.id, caller.user_id, persona, self._clock.now())
        self._remember(changed)
        return changed

    async def delete(self, caller: Caller, id_or_slug: str) -> None:
        character = await self.get(caller, id_or_slug)
        if not self.editable(caller, character):
            raise Forbidden("This character comes with Everkin; only the owner of this house may remove it.")
        await self._characters.delete(character.id, caller.user_id, self._clock.now())

    def editable(self, caller: Caller, character: Character) -> bool:
        return character.owner_id == caller.user_id or (character.owner_id is None and caller.is_owner)

    async def set_avatar(self, caller: Caller, id_or_slug: str, image: bytes) -> Character:
        """PNG, JPEG, WebP or GIF up to 5 MiB and 4096 x 4096; stored re-encoded as WebP of at most 512 x 512."""
        character = await self.get(caller, id_or_slug)
        if not self.editable(caller, character):
            raise Forbidden("This character comes with Everkin; only the owner of this house may change it.")
        picture = await reencode(image)
        media_id = new_media_id()
        await self._media.put(media_id, caller.user_id, "image/webp", picture, self._clock.now())
        before = character.persona.avatar
        changed = await self.update(caller, character.id, replace(character.persona, avatar=f"{MEDIA_PATH}{media_id}"))
        if before.startswith(MEDIA_PATH):
            await self._media.delete(MediaId(before.removeprefix(MEDIA_PATH)), caller.user_id)
        return changed

    async def media(self, media_id: str) -> tuple[str, bytes]:
        """(content type, bytes). Media ids cannot be guessed; knowing one is the right to see it."""
        return await self._media.get(MediaId(media_id))

    # -- for the runtime, without a check of rights --------------------------------------------------------------------

    async def known(self, character_id: CharacterId) -> Character:
        """At most FRESH_SECONDS old. Characters deleted from the lists are still known to their conversations."""
        kept = self._known.get(character_id)
        if kept is not None and kept[0] > self._clock.monotonic():
            return kept[1]
        character = await self._characters.get(character_id, None)
        self._remember(character)
        return character

    async def names(self, conversation: Conversation) -> dict[str, str]:
        """Who takes part, by id of user or character, as they are called."""
        named: dict[str, str] = {}
        for user_id in conversation.user_ids:
            named[user_id] = await self._person(user_id)
        for character_id in conversation.character_ids:
            named[character_id] = (await self.known(character_id)).name
        return named

    async def _person(self, user_id: UserId) -> str:
        kept = self._names.get(user_id)
        if kept is not None and kept[0] > self._clock.monotonic():
            return kept[1]
        try:
            name = (await self._people.get(user_id)).name
        except NotFound:
            name = "Somebody"
        self._keep(self._names, user_id, name)
        return name

    def _remember(self, character: Character) -> None:
        self._keep(self._known, character.id, character)

    def _keep(self, shelf: OrderedDict[str, tuple[float, V]], key: str, value: V) -> None:
        shelf[key] = (self._clock.monotonic() + FRESH_SECONDS, value)
        shelf.move_to_end(key)
        while len(shelf) > self._size:
            shelf.popitem(last=False)


def slug_of(name: str) -> str:
    """`Doña Inés` -> `dona-ines`; a name without Latin letters becomes `character`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "character"


def check_characters_given(references: Sequence[str], most: int) -> None:
    if not 1 <= len(references) <= most:
        raise Invalid(f"A conversation takes 1 to {most} characters.", field="characterIds")
