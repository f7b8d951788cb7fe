"""Character service: users read and change characters; the runtime reads characters and user profiles."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from everkin.cache.entities import EntityCaches, Profile
from everkin.characters.avatars import reencode
from everkin.domain.age import is_adult
from everkin.domain.caller import Caller
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation
from everkin.domain.errors import Conflict, Forbidden, Invalid, NotFound
from everkin.domain.ids import CharacterId, MediaId, UserId, new_character_id, new_media_id
from everkin.domain.repositories import Characters, Media
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

V = TypeVar("V")

MEDIA_PATH = "/media/"
"""Path prefix of stored pictures in `Persona.avatar`."""

DECODED_AT_ONCE = 2
"""Pictures decoded concurrently; each takes up to 130 MiB of memory meanwhile."""


class CharacterService:
    """Operations on characters. Those of a caller check access; those for the runtime do not."""

    def __init__(
        self,
        characters: Characters,
        media: Media,
        shelves: EntityCaches,
        clock: Clock,
        originals: Mapping[str, Persona] | None = None,
    ) -> None:
        """`originals` are the personas of the starter characters as shipped, by slug."""
        self._originals = originals or {}
        self._characters = characters
        self._media = media
        self._shelves = shelves
        self._clock = clock
        self._tasks = Tasks("cast")
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    async def find(self, caller: Caller, text: str = "", tag: str = "") -> Sequence[Character]:
        """Return the characters the caller can see, filtered by text and tag; "" for no filter."""
        return await self._characters.find(caller.user_id, text, tag)

    async def get(self, caller: Caller, id_or_slug: str) -> Character:
        """Return a character the caller can see. Raises NotFound."""
        return await self._characters.get(id_or_slug, caller.user_id)

    async def look_at(self, caller: Caller, id_or_slug: str) -> Character:
        """Return a character as `get`, or one that takes part in a conversation of the caller.

        The latter may be deleted; if it belongs to another user, only name, avatar, accent and tagline are set. Raises
        NotFound.
        """
        try:
            return await self.get(caller, id_or_slug)
        except NotFound:
            character = await self._characters.met(id_or_slug, caller.user_id)
        return character if character.owner_id in (None, caller.user_id) else _face_of(character)

    async def id_of(self, caller: Caller, id_or_slug: str, field: str) -> CharacterId:
        """Return the id of a character given in the request field `field`.

        Raises NotFound, with the field, if `look_at` does not find it.
        """
        try:
            return (await self.look_at(caller, id_or_slug)).id
        except NotFound:
            raise NotFound(f"{field}: there is no such character. Give its id or its slug.", field=field) from None

    async def create(self, caller: Caller, persona: Persona) -> Character:
        """Create a character; its slug is derived from the name and made unique. Raises Invalid, Conflict."""
        _check_name(persona)
        base = slug_of(persona.name)
        new_id = new_character_id()
        for slug in (base, f"{base}-{new_id[-4:]}", new_id.replace("_", "-")):
            try:
                return await self._characters.create(new_id, slug, caller.user_id, persona, self._clock.now())
            except Conflict:
                continue
        raise Conflict("No free name could be found for this character. Try again.")

    async def update(self, caller: Caller, id_or_slug: str, change: Callable[[Persona], Persona]) -> Character:
        """Apply `change` to the current persona and store the result as a new version.

        Raises:
            NotFound, Invalid: No such character; it would have no name.
            Forbidden: It is a starter character and the caller is not the owner of this installation.
            Conflict: Concurrent changes prevailed three times.
        """
        for last in (False, False, True):
            character = await self.get(caller, id_or_slug)
            if not self.editable(caller, character):
                raise Forbidden("This character comes with Everkin; only the owner of this house may change it.")
            persona = change(character.persona)
            _check_name(persona)
            update = self._characters.update(
                character.id, caller.user_id, persona, self._clock.now(), version=character.version
            )
            try:
                return await self._changing(character.id, update)
            except Conflict:
                if last:
                    raise
        raise AssertionError("unreachable")

    async def restore(self, caller: Caller, id_or_slug: str) -> Character:
        """Restore a changed or deleted starter character as shipped, as a new version; an unchanged one stays as it is.

        Raises:
            NotFound: No such character.
            Forbidden: The caller is not the owner of this installation.
            Conflict: It is not a starter character.
        """
        character = await self._characters.get(id_or_slug, None)
        if character.owner_id not in (None, caller.user_id):
            raise NotFound("There is no such character.")
        original = self._original_of(character)
        if original is None:
            raise Conflict("Only the characters that come with Everkin have an original to go back to.")
        if not caller.is_owner:
            raise Forbidden("This character comes with Everkin; only the owner of this house may restore it.")
        restored = self._characters.restore(character.id, original, self._clock.now())
        return await self._changing(character.id, restored)

    def restorable(self, caller: Caller, character: Character) -> bool:
        """Whether the caller may restore the character and that would change it."""
        return caller.is_owner and self._original_of(character) not in (None, character.persona)

    def _original_of(self, character: Character) -> Persona | None:
        return self._originals.get(character.slug) if character.owner_id is None else None

    async def delete(self, caller: Caller, id_or_slug: str) -> None:
        """Delete a character from the lists; its conversations keep it. Raises NotFound, Forbidden."""
        character = await self.get(caller, id_or_slug)
        if not self.editable(caller, character):
            raise Forbidden("This character comes with Everkin; only the owner of this house may remove it.")
        await self._changing(character.id, self._characters.delete(character.id, caller.user_id, self._clock.now()))

    def editable(self, caller: Caller, character: Character) -> bool:
        """Whether the caller may change the character."""
        return character.owner_id == caller.user_id or (character.owner_id is None and caller.is_owner)

    async def set_avatar(self, caller: Caller, id_or_slug: str, image: bytes) -> Character:
        """Set the avatar from PNG, JPEG, WebP or GIF of up to 5 MiB and 4096 x 4096.

        It is stored re-encoded as WebP of at most 512 x 512. Raises NotFound, Forbidden, TooLong, Invalid.
        """
        character = await self.get(caller, id_or_slug)
        if not self.editable(caller, character):
            raise Forbidden("This character comes with Everkin; only the owner of this house may change it.")
        async with self._decoding:
            picture = await reencode(image)
        media_id = new_media_id()
        await self._media.put(media_id, caller.user_id, "image/webp", picture, self._clock.now())
        before = character.persona.avatar
        changed = await self.update(
            caller, character.id, lambda persona: replace(persona, avatar=f"{MEDIA_PATH}{media_id}")
        )
        if before.startswith(MEDIA_PATH):
            await self._media.delete(MediaId(before.removeprefix(MEDIA_PATH)), caller.user_id)
        return changed

    async def media(self, media_id: str) -> tuple[str, bytes]:
        """Return (content type, bytes). Performs no access check, since media ids cannot be guessed. Raises
        NotFound."""
        return await self._media.get(MediaId(media_id))

    # -- for the runtime, without access checks -----------------------------------------------------------------------

    async def known(self, character_id: CharacterId) -> Character:
        """Return a character from the cache, including one deleted from the lists.

        A change is visible at once on the node that made it, soon after on others (docs/cache.md).
        """
        return await self._shelves.characters.get(character_id)

    async def profile(self, user_id: UserId) -> Profile:
        """Return a user's profile from the cache (docs/cache.md), also for a deleted account."""
        return await self._shelves.profiles.get(user_id)

    async def names(self, conversation: Conversation) -> dict[str, str]:
        """Return the participants' names by id of user or character."""
        named: dict[str, str] = {}
        for user_id in conversation.user_ids:
            named[user_id] = (await self.profile(user_id)).name
        for character_id in conversation.character_ids:
            named[character_id] = (await self.known(character_id)).name
        return named

    async def grown(self, conversation: Conversation) -> bool:
        """Whether all users of the conversation are known to be adults."""
        now = self._clock.now()
        known = [await self._shelves.settings.get(user_id) for user_id in conversation.user_ids]
        return bool(known) and all(is_adult(each.birth_year, now) for each in known)

    @property
    def changing(self) -> int:
        """Number of changes under way."""
        return len(self._tasks)

    async def close(self) -> None:
        """Wait up to 10 seconds for changes under way."""
        await self._tasks.drain(10.0)

    async def _changing(self, character_id: CharacterId, change: Coroutine[Any, Any, V]) -> V:
        """Finish a change and its cache invalidation even if the caller is cancelled."""
        return await asyncio.shield(self._tasks.start(self._change(character_id, change)))

    async def _change(self, character_id: CharacterId, change: Coroutine[Any, Any, V]) -> V:
        try:
            return await change
        finally:
            await self._shelves.characters.changed(character_id)


def _check_name(persona: Persona) -> None:
    if not persona.name.strip():
        raise Invalid("A character needs a name.", field="name")


def _face_of(character: Character) -> Character:
    persona = character.persona
    face = Persona(persona.name, tagline=persona.tagline, avatar=persona.avatar, accent=persona.accent)
    return replace(character, persona=face)


_NO_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """Return the slug of a name: `Doña Inés` -> `dona-ines`; without Latin letters `character`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NO_SLUG.sub("-", plain).strip("-")[:60] or "character"


def check_characters_given(references: Sequence[str], most: int) -> None:
    """Raise Invalid unless 1 to `most` characters are given."""
    if not 1 <= len(references) <= most:
        raise Invalid(f"A conversation takes 1 to {most} characters.", field="characterIds")
