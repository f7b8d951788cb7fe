"""What characters call a person: the name they set, else the one they told the characters, else the default."""

from collections.abc import Sequence

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair
from everkin.turn.cast import Cast
from everkin.turn.moment import Forgetful, Remembers


class PersonNames:
    """The one place that decides it: for prompts, greetings and group scenes alike."""

    def __init__(self, cast: Cast, remembers: Remembers | None = None) -> None:
        self._cast = cast
        self._remembers = remembers or Forgetful()

    async def called(self, user_id: UserId, characters: Sequence[CharacterId]) -> str:
        """By and before these characters: a name that was told to some of them only is not used."""
        profile = await self._cast.profile(user_id)
        if profile.chosen:
            return profile.name
        told = {await self._remembers.called(Pair(each, user_id)) for each in characters}
        return (told.pop() if len(told) == 1 else "") or profile.name

    async def of(self, conversation: Conversation) -> dict[str, str]:
        """Of all who take part, by id. Before other people nobody is called by a name they told a character alone."""
        names = await self._cast.names(conversation)
        if len(conversation.user_ids) == 1:
            person = conversation.user_ids[0]
            names[person] = await self.called(person, conversation.character_ids)
        return names
