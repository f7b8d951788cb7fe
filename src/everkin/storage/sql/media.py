"""Pictures. Ids cannot be guessed, so knowing one grants access."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from everkin.domain.errors import NotFound
from everkin.domain.ids import MediaId, Millis, UserId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem

_media = tables.media.c


@dataclass(frozen=True, slots=True)
class _Picture:
    id: MediaId
    """The picture's id."""
    owner_id: UserId
    """The user it belongs to."""
    content_type: str
    """MIME type."""
    content: bytes
    """The file's bytes."""
    at: Millis
    """Unix milliseconds."""


class Media:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = PerItem(_put)
        self._delete = PerItem(_delete)

    async def put(self, media_id: MediaId, owner_id: UserId, content_type: str, content: bytes, at: Millis) -> None:
        await self._database.write(self._put, _Picture(media_id, owner_id, content_type, content, at))

    async def get(self, media_id: MediaId) -> tuple[str, bytes]:
        query = select(_media.content_type, _media.bytes).where(_media.id == media_id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise NotFound()
        return row[0], bytes(row[1])

    async def delete(self, media_id: MediaId, owner_id: UserId) -> None:
        await self._database.write(self._delete, (media_id, owner_id))


def _put(connection: Connection, picture: _Picture) -> None:
    values = {
        "id": picture.id,
        "owner_id": picture.owner_id,
        "content_type": picture.content_type,
        "bytes": picture.content,
        "created_at": picture.at,
    }
    connection.execute(insert(tables.media).values(values))


def _delete(connection: Connection, owned: tuple[MediaId, UserId]) -> None:
    media_id, owner_id = owned
    connection.execute(delete(tables.media).where(_media.id == media_id, _media.owner_id == owner_id))
