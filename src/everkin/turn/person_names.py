"""Person names: the name by which characters address a user."""

from collections.abc import Sequence

from everkin.characters.service import CharacterService
from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair
from everkin.turn.memory_port import MemoryPort, NoMemory


class PersonNames:
    """Resolves names for prompts, greetings and group scenes: the name set in the profile, else the one given to the
    characters in conversation, else the default."""

    def __init__(self, characters: CharacterService, remembers: MemoryPort | None = None) -> None:
        self._characters = characters
        self._remembers = remembers or NoMemory()

    async def called(self, user_id: UserId, characters: Sequence[CharacterId]) -> str:
        """Return the user's name for these characters. A name given to only some of them is not used."""
        profile = await self._characters.profile(user_id)
        if profile.chosen:
            return profile.name
        told = {await self._remembers.called(Pair(each, user_id)) for each in characters}
        return (told.pop() if len(told) == 1 else "") or profile.name

    async def of(self, conversation: Conversation) -> dict[str, str]:
        """Return the names of all participants by id. With several users, names given to a character in conversation
        are not used."""
        names = await self._characters.names(conversation)
        if len(conversation.user_ids) == 1:
            person = conversation.user_ids[0]
            names[person] = await self.called(person, conversation.character_ids)
        return names
