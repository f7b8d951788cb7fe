"""Usage by day, user, character and model. Rows are only added to, so several nodes may write the same ones."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from typing import Any

from sqlalchemy import Connection, func, select

from everkin.domain.errors import EverkinError
from everkin.domain.ids import UserId
from everkin.domain.usage import Amounts, UsageKey, UsageQuestion, UsageTotal
from everkin.storage.sql import tables
from everkin.storage.sql.bulk import Bulk
from everkin.storage.sql.database import Database

MOST_TOTALS = 1000

_usage = tables.usage.c

_KEY = ("day", "user_id", "character_id", "model")
_AMOUNTS = tuple("turns" if field.name == "calls" else field.name for field in fields(Amounts))
_COLUMNS = {
    **dict.fromkeys(_KEY, "text"),
    **{name: "double precision" if name == "cost" else "bigint" for name in _AMOUNTS},
}

Rows = Mapping[UsageKey, Amounts]


class Usage:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._adding = _Adding(database.dialect)

    async def add(self, rows: Rows) -> None:
        """Add amounts to the stored ones. Rows of users who no longer exist are skipped.

        Raises StorageUnavailable if no row was added (or, when the connection was lost during the commit, perhaps all
        were).
        """
        if rows:
            await self._database.write(self._adding, rows)

    async def totals(self, question: UsageQuestion) -> list[UsageTotal]:
        """Return at most 1000 totals: by day in order of days, otherwise by highest cost, then most tokens."""
        key = _usage[_column(question.by)]
        sums = [func.sum(_usage[name]) for name in _AMOUNTS]
        tokens = func.sum(_usage.tokens_in + _usage.tokens_out)
        order = [key] if question.by == "day" else [func.sum(_usage.cost).desc(), tokens.desc(), key]
        query = select(key, *sums).where(_usage.day.between(question.since, question.until))
        if question.user_id is not None:
            query = query.where(_usage.user_id == question.user_id)
        query = query.group_by(key).order_by(*order).limit(MOST_TOTALS)
        return await self._database.read(
            lambda connection: [UsageTotal(row[0], _amounts(row[1:])) for row in connection.execute(query)]
        )

    async def spent(self, user_id: UserId, day: str) -> Amounts:
        """Return the total of one user on a day."""
        sums = [func.sum(_usage[name]) for name in _AMOUNTS]
        query = select(*sums).where(_usage.day == day, _usage.user_id == user_id)
        return await self._database.read(lambda connection: _amounts(connection.execute(query).one()))


class _Adding:
    """Adds rows in the order of their keys, so that nodes that add to the same ones cannot deadlock."""

    def __init__(self, dialect: str) -> None:
        names = ", ".join(_COLUMNS)
        changes = ", ".join(f"{name} = usage.{name} + excluded.{name}" for name in _AMOUNTS)
        template = (
            f"INSERT INTO usage ({names}) SELECT {names} FROM {{rows}} "
            "WHERE EXISTS (SELECT 1 FROM users WHERE users.id = v.user_id) "
            f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {changes}"
        )
        self._bulk = Bulk(dialect, template, _COLUMNS)

    def run(self, connection: Connection, items: Sequence[Rows]) -> Sequence[EverkinError | None]:
        for rows in items:
            self._bulk.write(connection, [(*key, *astuple(amounts)) for key, amounts in sorted(rows.items())])
        return [None] * len(items)


def _column(by: str) -> str:
    return by if by in ("day", "model") else f"{by}_id"


def _amounts(sums: Sequence[Any]) -> Amounts:
    """Convert sums: the database returns whole numbers as decimals, and null for no rows."""
    calls, failures, tokens_in, tokens_out, cost, first, generation = (value or 0 for value in sums)
    return Amounts(int(calls), int(failures), int(tokens_in), int(tokens_out), float(cost), int(first), int(generation))
