"""The newest attempt of each character to answer a message: the turns of a message that users see."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from everkin.domain.ids import CharacterId, MessageId
from everkin.domain.turn import Turn
from everkin.storage.sql.bulk import Bulk
from everkin.storage.sql.rows import TURN, names, turn_of

Newest = Mapping[MessageId, tuple[Turn, ...]]


class NewestTurns:
    def __init__(self, dialect: str) -> None:
        self._select = Bulk(
            dialect,
            f"SELECT {names(TURN)} FROM {{rows}} JOIN turns ON turns.message_id = v.id ORDER BY turns.attempt",
            {"id": "text"},
        )

    def of(
        self, connection: Connection, message_ids: Collection[MessageId], cast: Sequence[CharacterId] = ()
    ) -> Newest:
        """Return the newest turns by message, in the order of `cast`. Messages without turns are left out."""
        if not message_ids:
            return {}
        found: dict[MessageId, dict[CharacterId, Turn]] = {}
        for row in self._select.read(connection, [(each,) for each in message_ids]):
            turn = turn_of(row)
            found.setdefault(turn.message_id, {})[turn.character_id] = turn
        places = {character_id: place for place, character_id in enumerate(cast)}
        return {message_id: _in_order(turns, places) for message_id, turns in found.items()}


def _in_order(turns: Mapping[CharacterId, Turn], places: Mapping[CharacterId, int]) -> tuple[Turn, ...]:
    return tuple(
        sorted(turns.values(), key=lambda turn: (places.get(turn.character_id, len(places)), turn.character_id))
    )
