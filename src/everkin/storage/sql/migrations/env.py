"""Alembic's entry. Runs within the connection and transaction that migrating.py hands over."""

from alembic import context

from everkin.storage.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction is the caller's
    render_as_batch=True,
)
context.run_migrations()
