"""Read-through caches of entities that turns read often: characters, user profiles and user settings."""

from dataclasses import dataclass

from everkin.cache.port import TTL_CHARACTER, TTL_PROFILE, TTL_SETTINGS, Cache, character_key, profile_key, settings_key
from everkin.cache.read_through import ReadThroughCache
from everkin.domain.character import Character
from everkin.domain.errors import NotFound
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.repositories import Characters, People
from everkin.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties of a user that characters may know. Never data from which a token or password could be derived."""

    id: UserId
    """The user's id."""
    name: str
    """Display name."""
    chosen: bool = True
    """True: the name was set. False: a default, and a character may know a better one."""


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """The settings of a user that turns need."""

    birth_year: int | None = None
    """Year of birth; None: never stated."""


class CharacterCache:
    """Characters by id."""

    def __init__(self, characters: Characters, cache: Cache, clock: Clock) -> None:
        self.shelved = ReadThroughCache(Character, TTL_CHARACTER, cache, clock)
        self._characters = characters
        self._cache = cache

    async def get(self, character_id: CharacterId) -> Character:
        """Return a character, also one that was deleted from the lists. Raises NotFound."""
        return await self.shelved.get(character_key(character_id), lambda: self._characters.get(character_id, None))

    async def changed(self, character_id: CharacterId) -> None:
        """Invalidate the copies; to be called after the change is committed."""
        await self._cache.delete(character_key(character_id))


class ProfileCache:
    """User profiles by id."""

    def __init__(self, people: People, cache: Cache, clock: Clock) -> None:
        self.shelved = ReadThroughCache(Profile, TTL_PROFILE, cache, clock)
        self._people = people
        self._cache = cache

    async def get(self, user_id: UserId) -> Profile:
        """Return a user's profile; one with the name "Somebody" for a deleted account."""
        return await self.shelved.get(profile_key(user_id), lambda: self._load(user_id))

    async def changed(self, user_id: UserId) -> None:
        """Invalidate the copies; to be called after the change is committed."""
        await self._cache.delete(profile_key(user_id))

    async def _load(self, user_id: UserId) -> Profile:
        try:
            user = await self._people.get(user_id)
            return Profile(user_id, user.name, user.has_chosen_name)
        except NotFound:
            return Profile(user_id, "Somebody")


class SettingsCache:
    """User settings by id."""

    def __init__(self, people: People, cache: Cache, clock: Clock) -> None:
        self.shelved = ReadThroughCache(PersonSettings, TTL_SETTINGS, cache, clock)
        self._people = people
        self._cache = cache

    async def get(self, user_id: UserId) -> PersonSettings:
        """Return a user's settings; the defaults for a deleted account."""
        return await self.shelved.get(settings_key(user_id), lambda: self._load(user_id))

    async def changed(self, user_id: UserId) -> None:
        """Invalidate the copies; to be called after the change is committed."""
        await self._cache.delete(settings_key(user_id))

    async def _load(self, user_id: UserId) -> PersonSettings:
        try:
            return PersonSettings((await self._people.get(user_id)).birth_year)
        except NotFound:
            return PersonSettings()


class EntityCaches:
    """The entity caches of one process."""

    def __init__(self, characters: Characters, people: People, cache: Cache, clock: Clock) -> None:
        self.cache = cache
        self.characters = CharacterCache(characters, cache, clock)
        self.profiles = ProfileCache(people, cache, clock)
        self.settings = SettingsCache(people, cache, clock)

    def near(self) -> tuple[int, int, int]:
        """Return (hits, misses, copies) of the copies in this process."""
        tiers = (self.characters.shelved, self.profiles.shelved, self.settings.shelved)
        return sum(each.hits for each in tiers), sum(each.misses for each in tiers), sum(len(each) for each in tiers)
