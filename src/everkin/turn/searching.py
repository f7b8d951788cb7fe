"""Searching: what was said, found again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, Millis, UserId
from everkin.domain.search import SearchPage, SearchQuestion
from everkin.turn.ports import Conversations


class Index(Protocol):
    """Fulfilled by storage/sql/searching.py."""

    async def search(self, user_id: UserId, question: SearchQuestion) -> SearchPage: ...


@dataclass(frozen=True, slots=True)
class Searched:
    """With the conversations the hits are of."""

    page: SearchPage
    conversations: Mapping[ConversationId, Conversation]


class Searching:
    def __init__(self, index: Index, conversations: Conversations) -> None:
        self._index = index
        self._conversations = conversations

    async def search(
        self,
        caller: Caller,
        text: str,
        *,
        character: str = "",
        conversation: str = "",
        sender: str = "",
        since: int | None = None,
        until: int | None = None,
        limit: int = 20,
        cursor: str = "",
    ) -> Searched:
        """Empty filters ask for everything of the caller's. Invalid for a foreign cursor."""
        question = SearchQuestion(
            text,
            character_id=CharacterId(character) if character else None,
            conversation_id=ConversationId(conversation) if conversation else None,
            sender=sender or None,
            since=Millis(since) if since is not None else None,
            until=Millis(until) if until is not None else None,
            limit=limit,
            cursor=cursor or None,
        )
        page = await self._index.search(caller.user_id, question)
        where = dict.fromkeys(hit.conversation_id for hit in page.hits)
        found = [await self._conversations.get(each, caller.user_id) for each in where]
        return Searched(page, {each.id: each for each in found})
