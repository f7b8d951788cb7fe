"""Columns that many tables share, and the naming of keys."""

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(48)


def id_column() -> Column[str]:
    return Column("id", Id, primary_key=True)


def reference(
    name: str, target: str, *, nullable: bool = False, cascade: bool = True, at_commit: bool = False
) -> Column[str]:
    """Return a foreign key column. With `at_commit` it is checked at the end of the transaction, which spares SQLite a
    journal for each statement.
    """
    ondelete = "CASCADE" if cascade else "SET NULL"
    initially = "DEFERRED" if at_commit else None
    key = ForeignKey(f"{target}.id", ondelete=ondelete, deferrable=at_commit or None, initially=initially)
    return Column(name, Id, key, nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)
