"""Bulk statements: one statement for many rows, so that a batch of any size costs a few driver calls.

Besides round trips this saves lock changes: the driver releases the GIL once per statement, and a busy event loop is
slow to return it.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Connection, Integer
from sqlalchemy.types import TypeEngine

Row = Sequence[Any]

MOST_ROWS = 512
"""Rows in one statement. SQLite takes 32 766 parameters, and the widest table has 20 columns."""


class Bulk:
    """A statement for many rows. `template` is SQL in which `{rows}` stands for a table `v` with the given `columns`
    (name to PostgreSQL type).

    Values are given as tuples in the order of `columns`, those of type json as their text. The first column is never
    null.
    """

    def __init__(self, dialect: str, template: str, columns: Mapping[str, str]) -> None:
        self._template = template
        self._names = tuple(columns)
        self._documents = tuple(index for index, kind in enumerate(columns.values()) if kind == "json")
        self._statements: dict[int, str] = {}
        self._sqlite = dialect == "sqlite"
        if not self._sqlite:
            shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self._statements[0] = template.format(rows=f"json_to_recordset(%s::json) AS v({shape})")

    def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), MOST_ROWS):
            self._execute(connection, rows[start : start + MOST_ROWS]).close()

    def read(self, connection: Connection, rows: Sequence[Row]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(rows), MOST_ROWS):
            cursor = self._execute(connection, rows[start : start + MOST_ROWS])
            found += cursor.fetchall()
            cursor.close()
        return found

    def _execute(self, connection: Connection, rows: Sequence[Row]) -> Any:
        """Run one statement on the driver's cursor; the driver's own errors are raised.

        SQLAlchemy is bypassed because it adds only cost to a statement this plain, and this is the hottest path of the
        storage.
        """
        cursor = connection.connection.cursor()
        cursor.execute(*(self._on_sqlite(rows) if self._sqlite else (self._statements[0], (self._document(rows),))))
        return cursor

    def _on_sqlite(self, rows: Sequence[Row]) -> tuple[str, Row]:
        """Return the statement and its parameters.

        Rows are padded with nulls to a power of two, so that few statements serve every length and stay prepared.
        """
        size = 1 << (len(rows) - 1).bit_length()
        statement = self._statements.get(size)
        if statement is None:
            statement = self._statements[size] = self._template.format(rows=self._values(size))
        padding = (None,) * ((size - len(rows)) * len(self._names))
        return statement, (*chain.from_iterable(rows), *padding)

    def _values(self, size: int) -> str:
        row = f"({', '.join('?' * len(self._names))})"
        named = ", ".join(f"column{number} AS {name}" for number, name in enumerate(self._names, 1))
        return f"(SELECT {named} FROM (VALUES {', '.join([row] * size)}) WHERE column1 IS NOT NULL) AS v"

    def _document(self, rows: Sequence[Row]) -> str:
        return msgspec.json.encode([self._object(row) for row in rows]).decode()

    def _object(self, row: Row) -> dict[str, Any]:
        values = dict(zip(self._names, row, strict=True))
        for index in self._documents:
            values[self._names[index]] = msgspec.Raw(row[index].encode())
        return values


def inserting(dialect: str, table: str, columns: Mapping[str, str]) -> Bulk:
    names = ", ".join(columns)
    return Bulk(dialect, f"INSERT{_or(dialect)} INTO {table} ({names}) SELECT {names} FROM {{rows}}", columns)


def updating(dialect: str, table: str, columns: Mapping[str, str]) -> Bulk:
    """Return an update statement. The first column is the key."""
    key, *others = columns
    changes = ", ".join(f"{name} = v.{name}" for name in others)
    return Bulk(
        dialect, f"UPDATE{_or(dialect)} {table} SET {changes} FROM {{rows}} WHERE {table}.{key} = v.{key}", columns
    )


def _or(dialect: str) -> str:
    """Return the conflict clause.

    A failed statement is followed by ROLLBACK, so SQLite need not be able to undo it alone, for which it would keep a
    copy of every page touched.
    """
    return " OR FAIL" if dialect == "sqlite" else ""


def kinds(columns: Sequence[Column[Any]]) -> dict[str, str]:
    """Return the columns as name to PostgreSQL type, as `Bulk` takes them."""
    return {column.name: _kind(column.type) for column in columns}


def _kind(type_: TypeEngine[Any]) -> str:
    known = {Integer: "bigint", JSON: "json", Boolean: "boolean"}
    return next((name for kind, name in known.items() if isinstance(type_, kind)), "text")
