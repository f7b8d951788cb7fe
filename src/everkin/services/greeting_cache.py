"""Greeting cache: greetings generated ahead of time, in the cache that all nodes share."""

from collections.abc import Sequence

import msgspec

from everkin.cache.port import TTL_GREETING, Cache, greeting_key
from everkin.domain.character import Character
from everkin.domain.ids import Millis, UserId
from everkin.kit.clock import Clock

MOST = 4
"""Greetings kept per user; older ones are dropped. A user rarely opens more characters within two minutes."""


class _Made(msgspec.Struct, frozen=True):
    """A greeting with the inputs it was generated from; it is used only while all of them still apply."""

    character_id: str
    """The character's id."""
    version: int
    """The character's version."""
    called: str
    """The name by which the character addresses the user."""
    text: str
    """The greeting."""
    until: Millis
    """When it expires, in Unix milliseconds."""


class GreetingCache:
    """Stores at most four greetings per user; taking one removes it.

    Two nodes that take the same greeting at the same moment both get it, which is acceptable: it fits both
    conversations.
    """

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(list[_Made])

    async def keep(self, user_id: UserId, character: Character, called: str, text: str) -> None:
        """Store a greeting, replacing an earlier one of the same character."""
        until = Millis(self._clock.now() + round(TTL_GREETING * 1000))
        others = [made for made in await self._all(user_id) if made.character_id != character.id]
        await self._put(user_id, [*others, _Made(character.id, character.version, called, text, until)][-MOST:])

    async def holds(self, user_id: UserId, character: Character, called: str) -> bool:
        """Whether a usable greeting is stored."""
        return any(_is_for(made, character, called) for made in await self._all(user_id))

    async def take(self, user_id: UserId, character: Character, called: str) -> str:
        """Remove and return a usable greeting; empty when there is none."""
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
        """Store the list, even if it is empty: a deleted key would reject the next greeting for a while."""
        await self._cache.set(greeting_key(user_id), self._encoder.encode(made), TTL_GREETING)


def _is_for(made: _Made, character: Character, called: str) -> bool:
    return (made.character_id, made.version, made.called) == (character.id, character.version, called)
