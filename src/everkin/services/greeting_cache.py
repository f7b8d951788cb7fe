"""Greetings made ahead, in the cache that all nodes share: the node that says one need not be the one that made it."""

from collections.abc import Sequence

import msgspec

from everkin.cache.port import TTL_GREETING, Cache, greeting_key
from everkin.domain.character import Character
from everkin.domain.ids import Millis, UserId
from everkin.kit.clock import Clock

MOST = 4
"""Characters one person looks at in two minutes and might begin a conversation with; older greetings give way."""


class _Made(msgspec.Struct, frozen=True):
    """A greeting, and what it was made from: with another of these it is not said."""

    character_id: str
    version: int
    """Of the character."""
    called: str
    """What the character called the person."""
    text: str
    until: Millis


class GreetingCache:
    """Each is said once where one node says it. Two that take the same one in the same moment both get it, which is no
    harm: it was true for either."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(list[_Made])

    async def keep(self, user_id: UserId, character: Character, called: str, text: str) -> None:
        until = Millis(self._clock.now() + round(TTL_GREETING * 1000))
        others = [made for made in await self._all(user_id) if made.character_id != character.id]
        await self._put(user_id, [*others, _Made(character.id, character.version, called, text, until)][-MOST:])

    async def holds(self, user_id: UserId, character: Character, called: str) -> bool:
        return any(_is_for(made, character, called) for made in await self._all(user_id))

    async def take(self, user_id: UserId, character: Character, called: str) -> str:
        """Empty when there is none."""
        made = await self._all(user_id)
        found = next((each for each in made if _is_for(each, character, called)), None)
        if found is None:
            return ""
        await self._put(user_id, [each for each in made if each is not found])
        return found.text

    async def _all(self, user_id: UserId) -> list[_Made]:
        kept = await self._cache.get(greeting_key(user_id))
        try:
            made = self._decoder.decode(kept) if kept else []
        except msgspec.DecodeError:  # another version of Everkin wrote it
            return []
        return [each for each in made if each.until > self._clock.now()]

    async def _put(self, user_id: UserId, made: Sequence[_Made]) -> None:
        """Also when nothing is left: a deleted key would keep the next greeting out for a while."""
        await self._cache.set(greeting_key(user_id), self._encoder.encode(made), TTL_GREETING)


def _is_for(made: _Made, character: Character, called: str) -> bool:
    return (made.character_id, made.version, made.called) == (character.id, character.version, called)
