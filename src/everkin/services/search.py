"""Search service: full-text search in the caller's messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from everkin.characters.service import CharacterService
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.errors import Invalid, NotFound
from everkin.domain.ids import CharacterId, ConversationId, Millis, UserId
from everkin.domain.message import SenderType
from everkin.domain.repositories import Conversations
from everkin.domain.search import SearchPage, SearchQuestion

KINDS = {"user": SenderType.USER, "character": SenderType.CHARACTER}
"""Keywords for `sender`. They take precedence over a character with the same slug; use its id instead."""


class Index(Protocol):
    """The search index. Implemented by storage/sql/message_search.py."""

    async def search(self, user_id: UserId, question: SearchQuestion) -> SearchPage:
        """Return a page of hits. Raises Invalid for a text without words and for an unknown cursor."""

    async def has_met(self, user_id: UserId, other_id: UserId) -> bool:
        """Return whether the other user takes part in a conversation of the first one."""


@dataclass(frozen=True, slots=True)
class Searched:
    """A page of hits with their conversations."""

    page: SearchPage
    """The hits."""
    conversations: Mapping[ConversationId, Conversation]
    """The conversations of the hits, by id."""


class SearchService:
    """Resolves the filters of a search and runs it."""

    def __init__(self, index: Index, conversations: Conversations, characters: CharacterService) -> None:
        self._index = index
        self._conversations = conversations
        self._characters = characters

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
        """Search the caller's messages; empty filters match everything.

        Args:
            character: Id or slug.
            sender: Id or slug of a character, a user's id, `me`, `user` (any user) or `character` (any character).
            since: Unix milliseconds.
            until: Unix milliseconds.
            cursor: From the previous page; empty for the first one.

        Raises:
            NotFound: Names the filter whose value the caller cannot see.
            Invalid: The text has no words, `since` is after `until`, or the cursor is from elsewhere.
        """
        if since is not None and until is not None and since > until:
            raise Invalid("since: comes after `until`.", field="since")
        said_by, said_by_kind = await self._sender(caller, sender)
        question = SearchQuestion(
            text,
            character_id=await self._characters.id_of(caller, character, "character") if character else None,
            conversation_id=await self._conversation(caller, conversation) if conversation else None,
            sender=said_by,
            sender_type=said_by_kind,
            since=Millis(since) if since is not None else None,
            until=Millis(until) if until is not None else None,
            limit=limit,
            cursor=cursor or None,
        )
        page = await self._index.search(caller.user_id, question)
        where = dict.fromkeys(hit.conversation_id for hit in page.hits)
        found = [await self._conversations.get(each, caller.user_id) for each in where]
        return Searched(page, {each.id: each for each in found})

    async def _conversation(self, caller: Caller, conversation_id: str) -> ConversationId:
        try:
            return (await self._conversations.get(ConversationId(conversation_id), caller.user_id)).id
        except NotFound:
            raise NotFound("conversation: there is no such conversation.", field="conversation") from None

    async def _sender(self, caller: Caller, sender: str) -> tuple[UserId | CharacterId | None, SenderType | None]:
        """Return the sender's id or the kind of sender; both None for any sender. Raises NotFound."""
        if not sender:
            return None, None
        if sender in KINDS:
            return None, KINDS[sender]
        if sender in ("me", caller.user_id):
            return caller.user_id, None
        if not sender.startswith("usr_"):
            return await self._characters.id_of(caller, sender, "sender"), None
        if not await self._index.has_met(caller.user_id, UserId(sender)):
            raise NotFound("sender: there is no such person in your conversations.", field="sender")
        return UserId(sender), None
