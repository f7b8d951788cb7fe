"""The conversation repository (domain/repositories.py): creates, changes and reads conversations. conversation_list.py
lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from everkin.domain.conversation import ARCHIVED_AT, ARCHIVED_BY, Conversation, ConversationQuery, ConversationStatus
from everkin.domain.errors import Forbidden, Invalid, NotFound
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import Erased
from everkin.domain.message import MessageStatus, MessageType, SenderType
from everkin.domain.record import ConversationPage
from everkin.storage.sql import log, tables
from everkin.storage.sql.branches import Absence, Branches, Switch
from everkin.storage.sql.conversation_list import find
from everkin.storage.sql.database import Database
from everkin.storage.sql.finish import LONGEST_TITLE
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.read_receipts import unread
from everkin.storage.sql.rows import preview_of
from everkin.storage.sql.turns import Stopping
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

Greeting = tuple[MessageId, CharacterId, str]


@dataclass(frozen=True, slots=True)
class _New:
    id: ConversationId
    """The conversation's id."""
    owner_id: UserId
    """The user who starts it."""
    character_ids: tuple[CharacterId, ...]
    """Participating characters, in order, without duplicates."""
    user_ids: tuple[UserId, ...]
    """Participating users, in order, without duplicates."""
    title: str
    """The custom title; "" if none was given."""
    greeting: Greeting | None
    """Id, character and text of the first message; None for none."""
    at: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class _Change:
    id: ConversationId
    """The conversation's id."""
    user_id: UserId
    """The user who asks."""
    at: Millis
    """Unix milliseconds."""
    title: str | None
    """The new title; "" returns to generated titles, None changes nothing."""
    status: ConversationStatus | None
    """The new status; None changes nothing."""
    metadata: Mapping[str, Any] | None
    """Replaces the metadata; None changes nothing."""


class Conversations:
    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        self._database = database
        self._ledger = ledger
        self._stopping = Stopping(ledger)
        self._create = PerItem(_create)
        self._update = PerItem(self._change)
        branches = Branches(ledger)
        self._switch = PerItem(branches.switch)
        self._absent = PerItem(branches.absent)

    async def create(
        self,
        conversation_id: ConversationId,
        owner_id: UserId,
        character_ids: Sequence[CharacterId],
        user_ids: Sequence[UserId],
        title: str,
        greeting: Greeting | None,
        at: Millis,
    ) -> Conversation:
        """Create a conversation. A non-empty `title` is a custom one, which is never generated anew."""
        _check_title(title)
        characters, users = tuple(dict.fromkeys(character_ids)), tuple(dict.fromkeys(user_ids))
        new = _New(conversation_id, owner_id, characters, users, title, greeting, at)
        return await self._database.write(self._create, new)

    async def get(self, conversation_id: ConversationId, user_id: UserId | None) -> Conversation:
        return await self._database.read(lambda connection: log.conversation(connection, conversation_id, user_id))

    async def unread(self, conversation_id: ConversationId, user_id: UserId) -> int:
        def count(connection: Connection) -> int:
            log.conversation(connection, conversation_id, user_id)
            return unread(connection, [conversation_id], user_id).get(conversation_id, 0)

        return await self._database.read(count)

    async def find(self, user_id: UserId, query: ConversationQuery) -> ConversationPage:
        return await self._database.read(lambda connection: find(connection, user_id, query))

    async def update(
        self,
        conversation_id: ConversationId,
        user_id: UserId,
        at: Millis,
        *,
        title: str | None = None,
        status: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Conversation:
        """Change a conversation. An empty title returns it to generated titles; `metadata` replaces the former one.

        Only the owner may delete; deleting stops pending turns. Raises NotFound; Forbidden; Invalid.
        """
        _check_title(title or "")
        change = _Change(conversation_id, user_id, at, title, _status_of(status), metadata)
        return await self._database.write(self._update, change)

    async def switch(
        self, conversation_id: ConversationId, user_id: UserId, head_id: MessageId, at: Millis
    ) -> tuple[Conversation, Erased]:
        """Make a message the head. Messages that are not between it and the first one become off-branch: they are not
        shown to a model and not remembered. Pending turns are stopped.

        Raises NotFound; Conflict for a deleted message or an archived conversation.
        """
        return await self._database.write(self._switch, Switch(conversation_id, user_id, head_id, at))

    async def absent(
        self, conversation_id: ConversationId, user_id: UserId, character_id: CharacterId, away: bool, at: Millis
    ) -> Conversation:
        """Record that a character leaves the scene or returns. The character does not remember messages sent in
        between.
        """
        return await self._database.write(self._absent, Absence(conversation_id, user_id, character_id, away, at))

    def _change(self, connection: Connection, change: _Change) -> Conversation:
        standing = self._ledger.open(connection, [change.id]).get(change.id)
        if standing is None or not standing.seen_by(change.user_id):
            raise NotFound()
        if change.title is not None:
            standing.title, standing.custom_title = change.title, change.title != ""
        if change.status is ConversationStatus.DELETED:
            self._delete(connection, standing, change)
        elif change.status is not None:
            standing.status = change.status
            _by_a_person(connection, standing)
        if change.metadata is not None:
            standing.metadata = dict(change.metadata)
            mine = tables.conversations.c.id == change.id
            connection.execute(update(tables.conversations).where(mine).values(metadata=standing.metadata))
        standing.step(change.at)
        self._ledger.keep(connection, {standing.id: standing})
        return standing.frozen()

    def _delete(self, connection: Connection, standing: ConversationState, change: _Change) -> None:
        if standing.owner_id != change.user_id:
            raise Forbidden("Only who began this conversation may delete it.")
        self._stopping.within(connection, standing, change.at)
        standing.status = ConversationStatus.DELETED


def _by_a_person(connection: Connection, standing: ConversationState) -> None:
    """Remove the marks of automatic archiving, as a user has now chosen the status."""
    if ARCHIVED_BY in standing.metadata:
        kept = {name: each for name, each in standing.metadata.items() if name not in (ARCHIVED_BY, ARCHIVED_AT)}
        standing.metadata = kept
        mine = tables.conversations.c.id == standing.id
        connection.execute(update(tables.conversations).where(mine).values(metadata=kept))


def _create(connection: Connection, new: _New) -> Conversation:
    cast = _names_of_characters(connection, new)
    people = _names_of_people(connection, new)
    conversation = _conversation(new)
    connection.execute(insert(tables.conversations).values(_conversation_values(conversation)))
    members = [
        {"conversation_id": new.id, "member_id": member_id, "kind": kind, "name": name, "joined_at": new.at}
        for kind, names in (("user", people), ("character", cast))
        for member_id, name in names.items()
    ]
    connection.execute(insert(tables.participants), members)
    if new.greeting is not None:
        connection.execute(insert(tables.messages).values(_greeting_values(new, new.greeting)))
    return conversation


def _conversation(new: _New) -> Conversation:
    greeting = new.greeting
    return Conversation(
        id=new.id,
        owner_id=new.owner_id,
        character_ids=new.character_ids,
        user_ids=new.user_ids,
        title=new.title,
        custom_title=new.title != "",
        status=ConversationStatus.ACTIVE,
        head_id=greeting[0] if greeting else None,
        last_seq=1 if greeting else 0,
        revision=1,
        message_count=1 if greeting else 0,
        created_at=new.at,
        updated_at=new.at,
        last_message_at=new.at if greeting else None,
        last_message_preview=preview_of(greeting[2]) if greeting else "",
    )


def _conversation_values(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "owner_id": conversation.owner_id,
        "character_ids": list(conversation.character_ids),
        "user_ids": list(conversation.user_ids),
        "title": conversation.title,
        "custom_title": conversation.custom_title,
        "status": conversation.status.value,
        "head_id": conversation.head_id,
        "last_seq": conversation.last_seq,
        "revision": conversation.revision,
        "message_count": conversation.message_count,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "last_message_at": conversation.last_message_at,
        "last_message_preview": conversation.last_message_preview,
        "metadata": {},
    }


def _greeting_values(new: _New, greeting: Greeting) -> dict[str, Any]:
    message_id, character_id, content = greeting
    return {
        "id": message_id,
        "conversation_id": new.id,
        "seq": 1,
        "revision": 1,
        "sender_type": SenderType.CHARACTER.value,
        "sender_id": character_id,
        "type": MessageType.TEXT.value,
        "content": content,
        "status": MessageStatus.SENT.value,
        "created_at": new.at,
        "metadata": {},
    }


def _names_of_characters(connection: Connection, new: _New) -> dict[str, str]:
    characters = tables.characters.c
    allowed = or_(characters.owner_id == new.owner_id, characters.owner_id.is_(None))
    query = select(characters.id, characters.name).where(allowed, characters.deleted_at.is_(None))
    return _all_of(connection, query.where(characters.id.in_(new.character_ids)), new.character_ids)


def _names_of_people(connection: Connection, new: _New) -> dict[str, str]:
    query = select(tables.users.c.id, tables.users.c.name).where(tables.users.c.id.in_(new.user_ids))
    return _all_of(connection, query, new.user_ids)


def _all_of(connection: Connection, query: Any, ids: Sequence[str]) -> dict[str, str]:
    names = {row[0]: row[1] for row in connection.execute(query)}
    if any(each not in names for each in ids):
        raise NotFound("One of those who should take part does not exist.")
    return {each: names[each] for each in ids}


def _check_title(title: str) -> None:
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"A title has at most {LONGEST_TITLE} characters.", field="title", limit=LONGEST_TITLE)


def _status_of(status: str | None) -> ConversationStatus | None:
    try:
        return None if status is None else ConversationStatus(status)
    except ValueError:
        raise Invalid("A conversation is active, archived or deleted.", field="status") from None
