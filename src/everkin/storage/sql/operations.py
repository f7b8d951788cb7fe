"""What a write is: an operation over all items that wait for it."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from everkin.domain.errors import EverkinError

I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


class Operation(Protocol[I_contra, R_co]):
    def run(self, connection: Connection, items: Sequence[I_contra]) -> Sequence[R_co | EverkinError]:
        """Writes all items within the transaction that is open; index by index what became of each.

        An item that is refused returns its error and must have written nothing, unless what it wrote belongs to the
        refusal. Runs in the writer's thread, and again from the start when the transaction has to be repeated.
        """


class NonTransactional(Generic[R]):
    """Work that cannot be part of a transaction, such as VACUUM: done alone, between two of them, on the driver's own
    connection. What else waits to be written waits for it."""

    def __init__(self, work: Callable[[Any], R]) -> None:
        self._work = work

    def run(self, connection: Connection, items: Sequence[None]) -> Sequence[R]:
        """`connection` has begun nothing."""
        return [self._work(connection.connection.driver_connection) for _ in items]


class PerItem(Generic[I, R]):
    """An operation that takes its items one by one. What a raised EverkinError left behind is undone; an error that
    `work` returns is a refusal whose own writes stay."""

    def __init__(self, work: Callable[[Connection, I], R | EverkinError]) -> None:
        self._work = work

    def run(self, connection: Connection, items: Sequence[I]) -> Sequence[R | EverkinError]:
        return [self._one(connection, item) for item in items]

    def _one(self, connection: Connection, item: I) -> R | EverkinError:
        """The savepoint has one name: SQLAlchemy's own are numbered, and each number would be a statement of its own to
        prepare, in place of one that is used again."""
        connection.exec_driver_sql("SAVEPOINT item")
        result: R | EverkinError
        try:
            result = self._work(connection, item)
        except EverkinError as refusal:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT item")
            result = refusal
        connection.exec_driver_sql("RELEASE SAVEPOINT item")
        return result
