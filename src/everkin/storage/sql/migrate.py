"""The schema's versions: an older record is brought up, a newer one is refused."""

from pathlib import Path

from sqlalchemy import Connection, text

from everkin.domain.errors import StartError
from everkin.storage.sql.database import Database

VERSIONS = ("0001", "0002", "0003", "0004")
"""Every version there ever was, oldest first; `migrations/versions` holds a file for each."""

HEAD = VERSIONS[-1]

_LOCK = 7_310_419_204_112_026
"""The advisory lock that nodes of one PostgreSQL database take in turn."""


async def migrate(database: Database) -> None:
    """Cheap when nothing is to be done: one read, and Alembic stays unimported. StartError for a newer record."""
    if await database.read(_version) != HEAD:
        await database.change(_upgrade)


def _version(connection: Connection) -> str | None:
    """None: an empty database."""
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
    """All in the transaction that is open, so a record is never left between two versions."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _version(connection) == HEAD:
        return  # another node was first
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
