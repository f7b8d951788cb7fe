"""Classification of driver errors. No other file inspects database errors.

Errors come wrapped by SQLAlchemy or directly from a driver (bulk.py); both name their classes as the DB-API does.
"""

import logging

from sqlalchemy.exc import DBAPIError

from everkin.domain.errors import Conflict, EverkinError, Invalid, StorageUnavailable

log = logging.getLogger("everkin.storage")

_TRY_AGAIN = ("40001", "40P01")
"""SQLSTATE of a serialization failure and of a deadlock: PostgreSQL rolled back and the transaction should be
retried.
"""

_GONE = ("08", "57P")
"""SQLSTATE classes of a lost connection and of a server that shuts down or starts up."""

_DAMAGED = ("malformed", "not a database")


def is_collision(error: BaseException) -> bool:
    """Return whether another node interfered, so that the same transaction may succeed if retried at once."""
    return _sqlstate(error) in _TRY_AGAIN


def is_disconnection(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not _kinds(error) & {"OperationalError", "InterfaceError"} or _is_sqlite(error):
        return False
    state = _sqlstate(error)
    return state is None or state.startswith(_GONE)


def is_outage(error: BaseException) -> bool:
    """Return whether the database (locked, full, gone, damaged) is the cause, rather than one item."""
    if _kinds(error) & {"OperationalError", "InterfaceError"} or is_disconnection(error):
        return True
    return "DatabaseError" in _kinds(error) and any(word in str(_bare(error)) for word in _DAMAGED)


def translated(error: Exception) -> Exception:
    """Return the matching domain error; the error itself if there is none, which means a bug in Everkin."""
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
    """Return the driver's first line for the log, without the statement and its values, as they may hold message
    text.
    """
    cause = _bare(error)
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"
