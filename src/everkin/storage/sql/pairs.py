"""The memory state of each pair of character and user. A transaction that writes data a pair can recall must also call
`move`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, select, text, update

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair, PairState, pairs_of
from everkin.storage.sql import tables
from everkin.storage.sql.rows import CONVERSATION, conversation_of

_pairs = tables.memory_pairs.c

_MOVE = text(
    "INSERT INTO memory_pairs (character_id, user_id, version, epoch, to_fold) "
    "VALUES (:character_id, :user_id, 1, :epochs, :to_fold) ON CONFLICT (character_id, user_id) DO UPDATE SET "
    "version = memory_pairs.version + 1, epoch = memory_pairs.epoch + :epochs, "
    "to_fold = (memory_pairs.to_fold OR :to_fold)"
)


def move(connection: Connection, pairs: Iterable[Pair], *, taken: bool = False, to_fold: bool = False) -> None:
    """Raise the version of pairs, adding pairs that are new. `taken` means that data was removed or changed, which ends
    the epoch; `to_fold` that facts must be folded anew.

    Rows are locked in the order of their keys, so that nodes of one database cannot deadlock.
    """
    for character_id, user_id in sorted({(pair.character_id, pair.user_id) for pair in pairs}):
        values = {"character_id": character_id, "user_id": user_id, "epochs": int(taken), "to_fold": to_fold}
        connection.execute(_MOVE, values)


def state(connection: Connection, pair: Pair, *, lock: bool = False) -> PairState:
    query = select(_pairs.version, _pairs.epoch).where(_is(pair))
    row = connection.execute(query.with_for_update() if lock else query).first()
    return PairState() if row is None else PairState(row[0], row[1])


def folded(connection: Connection, pair: Pair) -> None:
    connection.execute(update(tables.memory_pairs).where(_is(pair)).values(to_fold=False))


def waiting(connection: Connection, limit: int) -> Sequence[Pair]:
    rows = connection.execute(select(_pairs.character_id, _pairs.user_id).where(_pairs.to_fold).limit(limit))
    return [Pair(CharacterId(row[0]), UserId(row[1])) for row in rows]


def existing(connection: Connection, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Leave out pairs whose user or character no longer exists."""
    asked = sorted({(pair.character_id, pair.user_id) for pair in pairs})
    users, characters = {user for _, user in asked}, {character for character, _ in asked}
    people = set(connection.execute(select(tables.users.c.id).where(tables.users.c.id.in_(users))).scalars())
    query = select(tables.characters.c.id).where(tables.characters.c.id.in_(characters))
    cast = set(connection.execute(query).scalars())
    return tuple(Pair(CharacterId(one), UserId(two)) for one, two in asked if one in cast and two in people)


def _is(pair: Pair) -> ColumnElement[bool]:
    return and_(_pairs.character_id == pair.character_id, _pairs.user_id == pair.user_id)


def of_conversations(connection: Connection, conversation_ids: Iterable[str]) -> list[Pair]:
    asked = set(conversation_ids)
    rows = connection.execute(select(*CONVERSATION).where(tables.conversations.c.id.in_(asked)))
    return sorted({pair for row in rows for pair in pairs_of(conversation_of(row))}, key=lambda pair: pair.character_id)


def conversation(connection: Connection, conversation_id: str) -> Conversation:
    query = select(*CONVERSATION).where(tables.conversations.c.id == conversation_id)
    return conversation_of(connection.execute(query).one())


def known(connection: Connection) -> list[Pair]:
    query = select(tables.memory_pairs.c.character_id, tables.memory_pairs.c.user_id)
    return [Pair(*row) for row in connection.execute(query)]
