"""Write operations: an operation processes all items that wait for it."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from everkin.domain.errors import EverkinError

I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


class Operation(Protocol[I_contra, R_co]):
    """A write that takes items of one kind."""

    def run(self, connection: Connection, items: Sequence[I_contra]) -> Sequence[R_co | EverkinError]:
        """Write all items in the open transaction, and return a result for each, by index.

        A rejected item returns its error and must have written no rows, except those that belong to the rejection. Runs
        in the writer's thread, and again from the start if the transaction has to be repeated.
        """


class NonTransactional(Generic[R]):
    """Work that cannot be part of a transaction, such as VACUUM. It runs alone, between two transactions, on the
    driver's own connection; other writes wait for it.
    """

    def __init__(self, work: Callable[[Any], R]) -> None:
        self._work = work

    def run(self, connection: Connection, items: Sequence[None]) -> Sequence[R]:
        """Run the work. `connection` is in no transaction."""
        return [self._work(connection.connection.driver_connection) for _ in items]


class PerItem(Generic[I, R]):
    """An operation that takes its items one by one. Writes of an item that raises an EverkinError are rolled back; an
    error that `work` returns is a rejection whose own writes are kept.
    """

    def __init__(self, work: Callable[[Connection, I], R | EverkinError]) -> None:
        self._work = work

    def run(self, connection: Connection, items: Sequence[I]) -> Sequence[R | EverkinError]:
        return [self._one(connection, item) for item in items]

    def _one(self, connection: Connection, item: I) -> R | EverkinError:
        """Run one item in a savepoint.

        The savepoint's name is fixed: SQLAlchemy numbers its own, and each number would be another statement to prepare
        instead of one that is reused.
        """
        connection.exec_driver_sql("SAVEPOINT item")
        result: R | EverkinError
        try:
            result = self._work(connection, item)
        except EverkinError as refusal:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT item")
            result = refusal
        connection.exec_driver_sql("RELEASE SAVEPOINT item")
        return result
