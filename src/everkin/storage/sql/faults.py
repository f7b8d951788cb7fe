"""What a driver's error means to the house. The only file that looks into database errors."""

import logging

from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from everkin.domain.errors import Conflict, EverkinError, Invalid, StorageUnavailable

log = logging.getLogger("everkin.storage")

_TRY_AGAIN = {"40001", "40P01"}
"""SQLSTATE of a serialization failure and of a deadlock: PostgreSQL undid everything and asks for another try."""

_DAMAGED = ("malformed", "not a database")


def is_collision(error: BaseException) -> bool:
    """Another node was in the way; the same transaction may succeed at once."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _TRY_AGAIN


def is_disconnection(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_outage(error: BaseException) -> bool:
    """The database itself (locked, full, gone, damaged), not one item, is the reason."""
    if isinstance(error, OperationalError | InterfaceError) or is_disconnection(error):
        return True
    return type(error) is DatabaseError and any(word in str(error.orig) for word in _DAMAGED)


def translated(error: Exception) -> Exception:
    """As one of the house's errors where it has a meaning there; else the error itself, which is a defect of ours."""
    if isinstance(error, EverkinError):
        return error
    if is_outage(error):
        log.error("the database refused: %s", reason(error))
        return StorageUnavailable()
    if isinstance(error, IntegrityError):
        return Conflict()
    if isinstance(error, DataError | UnicodeEncodeError):
        return Invalid("The database cannot store this: a text is too long, or holds a character it does not know.")
    return error


def reason(error: Exception) -> str:
    """For the log: the driver's own first line, without the statement and its values (they may hold chat text)."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"
