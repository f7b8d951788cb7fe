"""Schema versions: upgrades an older database and refuses a newer one."""

from pathlib import Path

from sqlalchemy import Connection, text

from everkin.domain.errors import StartError
from everkin.storage.sql.database import Database

VERSIONS = ("0001", "0002", "0003", "0004")
"""All versions, oldest first; `migrations/versions` holds a file for each."""

HEAD = VERSIONS[-1]

_LOCK = 7_310_419_204_112_026
"""PostgreSQL advisory lock, so that only one node upgrades at a time."""


async def migrate(database: Database) -> None:
    """Upgrade the database. If it is current this costs one read, and Alembic is not imported.

    Raises StartError for a newer database.
    """
    if await database.read(_version) != HEAD:
        await database.change(_upgrade)


def _version(connection: Connection) -> str | None:
    """Return the schema version, None for an empty database. Raises StartError for a newer one."""
    found = connection.execute(text(_TABLES[connection.dialect.name])).first()
    if found is None:
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version not in VERSIONS:
        raise StartError(
            f"This record was written by a newer Everkin (its schema is {version}, this one knows {HEAD}). "
            "Update Everkin, or choose another data folder."
        )
    return version


_TABLES = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'",
    "postgresql": "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL",
}


def _upgrade(connection: Connection) -> None:
    """Upgrade in the open transaction, so that a database is never left between two versions."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _version(connection) == HEAD:
        return  # another node has upgraded it
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
