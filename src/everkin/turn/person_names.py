"""What characters call a person: the name they set, else the one they told the characters, else the default."""

from collections.abc import Sequence

from everkin.characters.service import CharacterService
from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair
from everkin.turn.memory_port import MemoryPort, NoMemory


class PersonNames:
    """The one place that decides it: for prompts, greetings and group scenes alike."""

    def __init__(self, characters: CharacterService, remembers: MemoryPort | None = None) -> None:
        self._characters = characters
        self._remembers = remembers or NoMemory()

    async def called(self, user_id: UserId, characters: Sequence[CharacterId]) -> str:
        """By and before these characters: a name that was told to some of them only is not used."""
        profile = await self._characters.profile(user_id)
        if profile.chosen:
            return profile.name
        told = {await self._remembers.called(Pair(each, user_id)) for each in characters}
        return (told.pop() if len(told) == 1 else "") or profile.name

    async def of(self, conversation: Conversation) -> dict[str, str]:
        """Of all who take part, by id. Before other people nobody is called by a name they told a character alone."""
        names = await self._characters.names(conversation)
        if len(conversation.user_ids) == 1:
            person = conversation.user_ids[0]
            names[person] = await self.called(person, conversation.character_ids)
        return names
