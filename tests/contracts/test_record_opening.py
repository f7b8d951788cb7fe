"""Opening the record: addresses, migrations, and what is said when it cannot be."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import DBAPIError

from everkin.domain.errors import StartError, StorageUnavailable
from everkin.storage.sql import migrate, tables
from everkin.storage.sql.database import open_database
from everkin.storage.sql.engines import Address
from everkin.storage.sql.record import Record, open_record
from everkin.storage.sql.tables import metadata
from tests.contracts.record_scene import Scene


async def test_tables_and_migrations_agree(record: Record) -> None:
    def ours(_: object, name: str | None, *rest: object) -> bool:
        """Each database's own index of words is known to its migration alone."""
        return not (name or "").startswith(("message_index", "ix_message_words_words"))

    def differences(connection):  # type: ignore[no-untyped-def]
        options = {"compare_type": True, "include_object": ours}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert await record.database.change(differences) == []


def test_the_versions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    scripts = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(scripts)) == migrate.VERSIONS


async def test_a_newer_record_is_refused(database_url: str, tmp_path: Path) -> None:
    async with open_record(database_url, tmp_path) as record:
        await record.database.change(_set_version("9999"))
    try:
        with pytest.raises(StartError, match="newer Everkin"):
            async with open_record(database_url, tmp_path):
                pass
    finally:
        database = await open_database(database_url, tmp_path)
        await database.change(_set_version(migrate.HEAD))
        await database.close()


def _set_version(version: str):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute(
        text("UPDATE alembic_version SET version_num = :version"), {"version": version}
    ).close()


async def test_two_nodes_may_start_at_once(empty_postgres: str, tmp_path: Path) -> None:
    databases = [await open_database(empty_postgres, tmp_path) for _ in range(3)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(migrate.migrate(database) for database in databases))
        await asyncio.gather(*(Record(database).users.list() for database in databases))
    for database in databases:
        await database.close()


def test_a_current_record_opens_without_alembic(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copytree(sqlite_template, tmp_path, dirs_exist_ok=True)
    program = (
        "import asyncio, pathlib, sys\n"
        "from everkin.storage.sql.record import open_record\n"
        "async def main():\n"
        f"    async with open_record('', pathlib.Path({str(tmp_path)!r})): pass\n"
        "asyncio.run(main())\n"
        "print([name for name in ('alembic', 'psycopg', 'mako') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "sqlite:///elsewhere.db", "nonsense", "postgresql://host:port/name"]
)
async def test_an_address_of_no_use(url: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="DATABASE_URL") as refused:
        await open_database(url, tmp_path)
    assert "postgresql://" in refused.value.sentence


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_both_spellings_of_postgresql(scheme: str) -> None:
    address = Address.of(f"{scheme}://me:secret@db.example:5433/kin?sslmode=require", Path())
    assert address.dialect == "postgresql"
    expected = make_url("postgresql+psycopg://me:secret@db.example:5433/kin?sslmode=require")
    assert address.url == expected
    assert "secret" not in address.complaint


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="does not answer") as refused:
        await open_database("postgresql://me:secret@127.0.0.1:1/kin", tmp_path)
    assert "secret" not in refused.value.sentence


async def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StartError, match=r"everkin\[postgres\]"):
        await open_database("postgresql://127.0.0.1/kin", tmp_path)


async def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StartError, match="EVERKIN_DATA"):
        await open_database("", tmp_path / "file" / "data")


async def test_the_data_folder_is_the_owners_alone(tmp_path: Path) -> None:
    async with open_record("", tmp_path / "new" / "data"):
        pass
    assert (tmp_path / "new" / "data").stat().st_mode & 0o077 == 0


async def test_what_was_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    async with open_record("", tmp_path) as record:
        scene = await Scene.set_up(record)
        secret = await scene.say("the secret word is periwinkle")
        await scene.say("something else")
        await record.messages.delete(secret.message.id, scene.anna.id, scene.now())
    assert b"periwinkle" not in on_disk(tmp_path)


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_readers_cannot_write(record: Record) -> None:
    values = {"token_id": "x", "expires_at": 1}
    with pytest.raises((StorageUnavailable, DBAPIError)):
        await record.database.read(lambda connection: connection.execute(insert(tables.denied_tokens).values(values)))
    assert not await record.tokens.denied("x")
