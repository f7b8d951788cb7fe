"""Account removal: deletes the data that belongs to a user alone and blanks the user's messages in shared
conversations.
"""

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from everkin.domain.ids import Millis, UserId
from everkin.domain.memory import Pair
from everkin.domain.message import MessageType
from everkin.storage.sql import tables
from everkin.storage.sql.changes import last_words
from everkin.storage.sql.derivatives import Taken, remove_facts, take_back
from everkin.storage.sql.rows import preview_of
from everkin.storage.sql.unit_of_work import ConversationState, UnitOfWork

NAMELESS = "Somebody who left"

_facts = tables.facts.c
_members = tables.participants.c
_messages = tables.messages.c
_asked = tables.messages.alias("asked")
"""The messages again, for a question about them inside a statement that changes them."""


def leave(connection: Connection, ledger: UnitOfWork, user_id: UserId, at: Millis, taken: Taken) -> None:
    """Delete a user. The user's own conversations must have been erased before."""
    shared = select(_members.conversation_id).where(_members.member_id == user_id)
    standings = ledger.open(connection, connection.execute(shared).scalars().all())
    for standing in standings.values():
        _fall_silent(connection, standing, user_id, at, taken)
    ledger.keep(connection, standings)
    remembering = select(tables.memory_pairs.c.character_id).where(tables.memory_pairs.c.user_id == user_id)
    taken.gone.update(Pair(each, user_id) for each in connection.execute(remembering).scalars())
    own = connection.execute(select(_facts.id).where(_facts.user_id == user_id)).scalars().all()
    remove_facts(connection, own, taken)
    taken.gone.update(pair for pair in taken.pairs if pair.user_id == user_id)
    _count(connection, user_id, taken)
    connection.execute(delete(tables.users).where(tables.users.c.id == user_id))


def _fall_silent(
    connection: Connection, standing: ConversationState, user_id: UserId, at: Millis, taken: Taken
) -> None:
    """Blank the user's messages in one conversation, and the lines with where to find help that followed them. All
    its summaries are deleted too, since they may name the user.
    """
    here = _messages.conversation_id == standing.id
    own = here & (_messages.sender_id == user_id)
    said = connection.execute(select(_messages.id).where(own)).scalars().all()
    other = _asked.c
    answered = select(other.id).where(other.conversation_id == standing.id, other.sender_id == user_id)
    help_notes = here & (_messages.type == MessageType.SYSTEM.value) & _messages.reply_to.in_(answered)
    mine = own | help_notes
    take_back(connection, standing, said, taken, from_seq=1, read_again=False)
    revision = standing.step(at)
    deleted_at = func.coalesce(_messages.deleted_at, at)
    blank: dict[str, object] = {
        "content": "",
        "metadata": {},
        "client_id": None,
        "revision": revision,
        "deleted_at": deleted_at,
    }
    standing.message_count -= _left(connection, mine)
    connection.execute(update(tables.messages).where(mine).values(blank))
    turns = update(tables.turns).where(tables.turns.c.message_id.in_(answered))
    connection.execute(turns.values(partial="", metadata={}))
    name = update(tables.participants).where(_members.conversation_id == standing.id, _members.member_id == user_id)
    connection.execute(name.values(name=NAMELESS, left_at=at))
    people = [each for each in standing.user_ids if each != user_id]
    standing.user_ids = tuple(people)
    row = tables.conversations.c.id == standing.id
    connection.execute(update(tables.conversations).where(row).values(user_ids=people))
    standing.preview = preview_of(last_words(connection, standing))
    if not standing.custom_title:
        standing.title = ""
    taken.counts["messages"] += len(said)


def _left(connection: Connection, mine: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(tables.messages).where(mine, _messages.deleted_at.is_(None))
    return int(connection.execute(query).scalar_one())


def _count(connection: Connection, user_id: UserId, taken: Taken) -> None:
    """Count the rows that the database deletes by cascade together with the account."""
    owned = {
        "findings": tables.findings.c.user_id,
        "media": tables.media.c.owner_id,
        "characters": tables.characters.c.owner_id,
        "usage": tables.usage.c.user_id,
        "tokens": tables.refresh_tokens.c.user_id,
    }
    for name, owner in owned.items():
        query = select(func.count()).select_from(owner.table).where(owner == user_id)
        taken.counts[name] += connection.execute(query).scalar_one()
    taken.counts["accounts"] += 1
