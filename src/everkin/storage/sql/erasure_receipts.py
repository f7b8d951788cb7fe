"""Receipts of erasures. They are kept after the user they concern is gone."""

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from everkin.domain.ids import UserId
from everkin.domain.receipt import Receipt
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.rows import Row, document

_FIELDS = tuple(field.name for field in dataclasses.fields(Receipt))
_COUNTS, _SCRUBBED = _FIELDS.index("counts"), _FIELDS.index("scrubbed")


class ErasureReceipts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._keep = PerItem(_keep)

    async def keep(self, receipt: Receipt) -> None:
        await self._database.write(self._keep, receipt)

    async def of_user(self, user_id: UserId) -> Sequence[Receipt]:
        """Return a user's receipts, newest first."""
        columns = [tables.receipts.c[name] for name in _FIELDS]
        query = select(*columns).where(tables.receipts.c.user_id == user_id)
        ordered = query.order_by(tables.receipts.c.at.desc(), tables.receipts.c.id.desc())
        return await self._database.read(lambda connection: [_receipt(row) for row in connection.execute(ordered)])


def _keep(connection: Connection, receipt: Receipt) -> None:
    values = {name: getattr(receipt, name) for name in _FIELDS} | {"counts": dict(receipt.counts)}
    connection.execute(insert(tables.receipts).values(values))


def _receipt(row: Row) -> Receipt:
    values = list(row)
    values[_COUNTS], values[_SCRUBBED] = document(values[_COUNTS]), bool(values[_SCRUBBED])
    return Receipt(*values)
