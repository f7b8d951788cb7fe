"""Which erasures are still to be overwritten in the database's files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "unscrubbed",
        sa.Column("n", number, autoincrement=True, nullable=False),
        sa.Column("words", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_unscrubbed")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # With the default of 4 a merge that was begun waits until ever more small segments have gathered.
        op.execute("INSERT INTO message_index(message_index, rank) VALUES ('usermerge', 2)")
    # Whatever was erased before there was this list.
    op.execute("INSERT INTO unscrubbed (words) SELECT true WHERE EXISTS (SELECT 1 FROM messages)")
