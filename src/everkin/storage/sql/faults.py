"""What a driver's error means to the house. The only file that looks into database errors.

They come wrapped by SQLAlchemy or bare from a driver (bulk.py); both name their classes as the DB-API does.
"""

import logging

from sqlalchemy.exc import DBAPIError

from everkin.domain.errors import Conflict, EverkinError, Invalid, StorageUnavailable

log = logging.getLogger("everkin.storage")

_TRY_AGAIN = ("40001", "40P01")
"""SQLSTATE of a serialization failure and of a deadlock: PostgreSQL undid everything and asks for another try."""

_GONE = ("08", "57P")
"""SQLSTATE classes of a lost connection and of a server that shuts down or starts up."""

_DAMAGED = ("malformed", "not a database")


def is_collision(error: BaseException) -> bool:
    """Another node was in the way; the same transaction may succeed at once."""
    return _sqlstate(error) in _TRY_AGAIN


def is_disconnection(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not _kinds(error) & {"OperationalError", "InterfaceError"} or _is_sqlite(error):
        return False
    state = _sqlstate(error)
    return state is None or state.startswith(_GONE)


def is_outage(error: BaseException) -> bool:
    """The database itself (locked, full, gone, damaged), not one item, is the reason."""
    if _kinds(error) & {"OperationalError", "InterfaceError"} or is_disconnection(error):
        return True
    return "DatabaseError" in _kinds(error) and any(word in str(_bare(error)) for word in _DAMAGED)


def translated(error: Exception) -> Exception:
    """As one of the house's errors where it has a meaning there; else the error itself, which is a defect of ours."""
    if isinstance(error, EverkinError):
        return error
    if is_outage(error):
        log.error("the database refused: %s", reason(error))
        return StorageUnavailable()
    if "IntegrityError" in _kinds(error):
        return Conflict()
    if "DataError" in _kinds(error) or isinstance(error, UnicodeEncodeError):
        return Invalid("The database cannot store this: a text is too long, or holds a character it does not know.")
    return error


def _bare(error: BaseException) -> BaseException:
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _sqlstate(error: BaseException) -> str | None:
    state: str | None = getattr(_bare(error), "sqlstate", None)
    return state


def _is_sqlite(error: BaseException) -> bool:
    return type(_bare(error)).__module__ == "sqlite3"


def reason(error: Exception) -> str:
    """For the log: the driver's own first line, without the statement and its values (they may hold chat text)."""
    cause = _bare(error)
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"
