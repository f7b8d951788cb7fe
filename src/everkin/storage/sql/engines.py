"""Addresses and engines: drivers, pragmas and isolation levels. A driver is imported only if its database is used."""

import importlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from everkin.domain.errors import StartError

Dialect = Literal["sqlite", "postgresql"]
Mode = Literal["read", "write"]

OLDEST_SQLITE = (3, 35, 0)

READERS = 4
"""Number of read connections, beside the one for writes."""

_WRITE_CACHE_KIB, _READ_CACHE_KIB = 8192, 4096
"""KiB of pages that one SQLite connection caches. The operating system caches the file's pages in addition."""

AUTOCHECKPOINT = 4000
"""Pages in SQLite's write-ahead log at which a commit copies them to the database file."""

_SQLITE = ("foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY")
_SQLITE_MODE: dict[Mode, tuple[str, ...]] = {
    "write": (
        f"cache_size = -{_WRITE_CACHE_KIB}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "journal_size_limit = 67108864",
        f"wal_autocheckpoint = {AUTOCHECKPOINT}",
    ),
    "read": (f"cache_size = -{_READ_CACHE_KIB}", "query_only = ON"),
}

POSTGRESQL_TIMEOUTS = ("SET statement_timeout = '15s'", "SET lock_timeout = '10s'")

_POSTGRESQL = (
    # An acknowledged write is on disk even if the server's default is weaker; a stronger setting of the server is kept.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    *POSTGRESQL_TIMEOUTS,
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET jit = off",
)
_POSTGRESQL_MODE: dict[Mode, tuple[str, ...]] = {
    # The writer finds all its rows by key. A plan made while a table was small must not scan it once it has grown.
    "write": ("SET enable_seqscan = off", "SET enable_hashjoin = off", "SET enable_mergejoin = off"),
    "read": (),
}


def page_cache_limit(readers: int = READERS) -> int:
    """Return how many bytes of database pages all SQLite connections together may cache."""
    return (_WRITE_CACHE_KIB + readers * _READ_CACHE_KIB) * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """The location of the database."""

    dialect: Dialect
    """"sqlite" or "postgresql"."""
    url: URL
    """The address with the driver's name."""
    complaint: str
    """The error sentence for when it cannot be opened."""

    @classmethod
    def of(cls, url: str, data: Path) -> "Address":
        if not url:
            return cls._in_folder(data)
        scheme = url.partition("://")[0].partition("+")[0]
        if scheme not in ("postgres", "postgresql"):
            raise StartError(
                "DATABASE_URL should look like postgresql://user:password@host/name. "
                "Unset it to keep everything in the data folder (SQLite)."
            )
        return cls._of_server(url)

    @classmethod
    def _in_folder(cls, data: Path) -> "Address":
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StartError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed. Update Python.")
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartError(f"The data folder {data} cannot be made ({error.strerror}). Set EVERKIN_DATA.") from error
        path = data / "everkin.db"
        complaint = f"{path} cannot be opened. Check that the folder is writable and no other program locks the file."
        return cls("sqlite", URL.create("sqlite+pysqlite", database=str(path)), complaint)

    @classmethod
    def _of_server(cls, url: str) -> "Address":
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise StartError("DATABASE_URL cannot be read. Write postgresql://user:password@host:5432/name.") from error
        place = f"{parsed.host or parsed.query.get('host') or 'localhost'}"
        complaint = f"PostgreSQL at {place} does not answer. Check that it runs, and DATABASE_URL."
        return cls("postgresql", parsed.set(drivername="postgresql+psycopg"), complaint)


def make_engine(address: Address, mode: Mode, busy_seconds: float) -> Engine:
    """Return an engine without a pool: the writer and each reader keep one connection for their lifetime."""
    if address.dialect == "sqlite":
        return _sqlite(address, mode, busy_seconds)
    return _postgresql(address, mode)


def _sqlite(address: Address, mode: Mode, busy_seconds: float) -> Engine:
    # isolation_level None leaves BEGIN to Everkin; the driver would begin only at the first write, and with a weaker
    # lock.
    connect = {"check_same_thread": False, "isolation_level": None, "timeout": busy_seconds, "cached_statements": 128}
    engine = _engine(address.url, connect)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.create_function("folded", 1, _folded, deterministic=True)
        for pragma in (*_SQLITE, *_SQLITE_MODE[mode]):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")

    return engine


def _postgresql(address: Address, mode: Mode) -> Engine:
    try:
        importlib.import_module("psycopg")
    except ImportError as error:
        raise StartError("PostgreSQL needs one more package: pip install 'everkin[postgres]'.") from error
    connect = {"connect_timeout": 5, "application_name": "everkin", "tcp_user_timeout": 15_000, "keepalives_idle": 30}
    given = {key: value for key, value in connect.items() if key not in address.url.query}
    if mode == "read":
        engine = _engine(address.url, given, isolation_level="REPEATABLE READ")
    else:
        engine = _engine(address.url, given, isolation_level="READ COMMITTED")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.read_only = mode == "read"
        autocommit, connection.autocommit = connection.autocommit, True
        for statement in (*_POSTGRESQL, *_POSTGRESQL_MODE[mode]):
            connection.execute(statement)
        connection.autocommit = autocommit

    return engine


def _engine(url: URL, connect: dict[str, Any], **options: Any) -> Engine:
    return create_engine(
        url,
        connect_args=connect,
        poolclass=NullPool,
        query_cache_size=200,
        json_serializer=encoded,
        json_deserializer=msgspec.json.decode,
        hide_parameters=True,  # values may be message text and would appear in logs
        **options,
    )


def encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _folded(value: str | None) -> str | None:
    return None if value is None else value.casefold()
