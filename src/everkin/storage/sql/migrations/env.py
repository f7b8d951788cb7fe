"""Alembic's entry point. Runs within the connection and transaction passed by migrate.py."""

from alembic import context

from everkin.storage.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller owns the transaction
    render_as_batch=True,
)
context.run_migrations()
