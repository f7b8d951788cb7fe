"""Checks of `everkin doctor` on the database. They migrate no schema and create no file."""

import asyncio
import sqlite3
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, text

from everkin.cli.findings import Finding, ok, problem, warning
from everkin.domain.caller import Role
from everkin.domain.errors import StartError
from everkin.settings import Settings
from everkin.storage.sql import tables
from everkin.storage.sql.engines import OLDEST_SQLITE, Address, make_engine
from everkin.storage.sql.faults import reason
from everkin.storage.sql.migrate import HEAD, VERSIONS

BUSY_SECONDS = 5.0
"""How long to wait for a lock of another process."""

_WRITES_NOTHING = "UPDATE users SET login = login WHERE 1 = 0"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    findings: tuple[Finding, ...]
    """The findings."""
    owner_password: bool | None = None
    """Whether the owner can sign in with a password; None: there is no owner yet, or it is unknown."""
    current_schema: bool = False
    """Whether the schema is this version's, so that no migration is due."""


async def examine_record(settings: Settings) -> RecordFacts:
    url, data = settings.storage.database_url, settings.storage.data
    if not url and not (data / "everkin.db").is_file():
        return RecordFacts((*_sqlite_version(), ok("record", "There is none yet; the first `everkin serve` makes it.")))
    try:
        address = Address.of(url, data)
    except StartError as error:
        return RecordFacts((problem("record", error.sentence),))
    version = _sqlite_version() if address.dialect == "sqlite" else ()
    found = await asyncio.to_thread(_ask, address)
    return replace(found, findings=(*version, *found.findings))


def _ask(address: Address) -> RecordFacts:
    try:
        engine = make_engine(address, "write", BUSY_SECONDS)
        with engine.connect() as connection:
            version = _version(connection)
            schema = _schema(version)
            if version not in VERSIONS:
                return RecordFacts((ok("record", f"{_place(address)} answers."), schema))
            connection.execute(text(_WRITES_NOTHING))
            password = _owner_password(connection)
            connection.rollback()
    except StartError as error:
        return RecordFacts((problem("record", error.sentence),))
    except Exception as error:  # noqa: BLE001  drivers raise any kind of exception; the operator gets the reason
        return RecordFacts((problem("record", f"{address.complaint} ({reason(error)})"),))
    return RecordFacts(
        (ok("record", f"{_place(address)} answers and can be written."), schema), password, version == HEAD
    )


def _schema(version: str | None) -> Finding:
    if version == HEAD:
        return ok("schema", f"It is current ({HEAD}).")
    if version is None or version in VERSIONS:
        return warning("schema", f"It is at {version or 'nothing'}; the next `everkin serve` brings it to {HEAD}.")
    return problem("schema", f"A newer Everkin wrote it ({version}; this one knows {HEAD}). Update Everkin.")


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _owner_password(connection: Connection) -> bool | None:
    users = tables.users.c
    query = select(users.password_hash).where(users.role == Role.OWNER.value).order_by(users.created_at).limit(1)
    row = connection.execute(query).first()
    return None if row is None else bool(row.password_hash)


def _sqlite_version() -> tuple[Finding, ...]:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE[:2]))
        return (problem("sqlite", f"SQLite {sqlite3.sqlite_version} is too old; {needed} is needed. Update Python."),)
    return (ok("sqlite", f"SQLite {sqlite3.sqlite_version}."),)


def _place(address: Address) -> str:
    return str(address.url.database) if address.dialect == "sqlite" else f"PostgreSQL at {address.url.host}"
