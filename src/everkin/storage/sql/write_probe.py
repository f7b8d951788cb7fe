"""Write probe: tests with a real transaction that needs disk space whether the database can be written."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_

from everkin.domain.ids import Millis
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem

ROOM_BYTES = 16 * 1024
"""Bytes written: about a long message and its reply."""

_LEFT_BEHIND_MS = 60_000
"""Milliseconds after which a row must belong to a process that has ended."""

_probes = tables.probes.c


@dataclass(frozen=True, slots=True)
class _Probe:
    id: str
    """Random id."""
    at: Millis
    """Unix milliseconds."""
    previous: str
    """Id of this process's last row; "" for none."""


class WriteProbe:
    """Keeps one row. The next is inserted before the last is deleted, so that there must be room for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._write = PerItem(_write)
        self._previous = ""

    async def write(self, at: Millis) -> None:
        """Return once the row is on disk. Waits as long as other writes do. Raises StorageUnavailable."""
        probe = _Probe(secrets.token_hex(8), at, self._previous)
        await self._database.write(self._write, probe)
        self._previous = probe.id


def _write(connection: Connection, probe: _Probe) -> None:
    connection.execute(insert(tables.probes).values(id=probe.id, at=probe.at, content=bytes(ROOM_BYTES)))
    old = or_(_probes.id == probe.previous, _probes.at < probe.at - _LEFT_BEHIND_MS)
    connection.execute(delete(tables.probes).where(old))
