"""What memory needs: findings, vectors, words, branches, receipts of erasures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0002"
down_revision = "0001"

_TOLD = {
    "users": ("login", "name"),
    "participants": ("name",),
    "conversations": ("title", "last_message_preview"),
    "messages": ("content",),
    "turns": ("partial",),
    "facts": ("text", "slot", "value"),
    "findings": ("text", "slot", "value"),
    "summaries": ("text",),
    "relationship_events": ("topic",),
    "embeddings": ("vector",),
    "message_words": ("words",),
}
"""Columns that hold what people said. PostgreSQL keeps samples of columns in pg_statistic, where an erasure does not reach."""


def upgrade() -> None:
    _columns()
    _facts()
    _findings()
    _recall()
    _forgetting()
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_index()
    else:
        _postgresql_index()


def _columns() -> None:
    zero, no = sa.text("0"), sa.text("false")
    op.add_column("conversations", sa.Column("indexed_seq", sa.BigInteger(), server_default=zero, nullable=False))
    op.add_column("conversations", sa.Column("amended", sa.BigInteger(), server_default=zero, nullable=False))
    op.add_column("messages", sa.Column("aside", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("summaries", sa.Column("witnesses", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("relationship_events", sa.Column("topic", sa.String(length=120), server_default="", nullable=False))


def _facts() -> None:
    """Made anew: nothing has ever been written there."""
    op.drop_table("fact_sources")
    op.drop_table("facts")
    op.create_table(
        "facts",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("character_id", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.String(length=48), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("realm", sa.String(length=24), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("importance", sa.Float(), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reinforcements", sa.Integer(), nullable=False),
        sa.Column("first_mentioned_at", sa.BigInteger(), nullable=False),
        sa.Column("last_reinforced_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("superseded_by", sa.String(length=48), nullable=True),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("slot", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("edited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _key("facts", "character_id", "characters"),
        _key("facts", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", "character_id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_pair", "facts", ["character_id", "user_id", "valid_to"], unique=False)
    op.create_table(
        "fact_sources",
        sa.Column("fact_id", sa.String(length=48), nullable=False),
        sa.Column("character_id", sa.String(length=48), nullable=False),
        sa.Column("message_id", sa.String(length=48), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_id", "character_id"],
            ["facts.id", "facts.character_id"],
            name=op.f("fk_fact_sources_fact"),
            ondelete="CASCADE",
        ),
        _key("fact_sources", "message_id", "messages"),
        sa.PrimaryKeyConstraint("fact_id", "character_id", "message_id", name=op.f("pk_fact_sources")),
    )
    op.create_index("ix_fact_sources_message", "fact_sources", ["message_id"], unique=False)


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("message_id", sa.String(length=48), nullable=True),
        sa.Column("conversation_id", sa.String(length=48), nullable=True),
        sa.Column("user_id", sa.String(length=48), nullable=False),
        sa.Column("character_id", sa.String(length=48), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=48), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("realm", sa.String(length=24), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("importance", sa.Float(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        _key("findings", "message_id", "messages"),
        _key("findings", "conversation_id", "conversations"),
        _key("findings", "user_id", "users"),
        _key("findings", "character_id", "characters"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_user", "findings", ["user_id", "at"])
    op.create_index("ix_findings_message", "findings", ["message_id"])
    op.create_index("ix_findings_conversation", "findings", ["conversation_id"])
    for name in ("conversation", "message"):
        op.create_index(f"ix_relationship_events_{name}", "relationship_events", [f"{name}_id"])


def _recall() -> None:
    op.create_table(
        "embeddings",
        sa.Column("item_id", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=48), nullable=True),
        sa.Column("character_id", sa.String(length=48), nullable=True),
        sa.Column("user_id", sa.String(length=48), nullable=True),
        sa.Column("embedder", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _key("embeddings", "conversation_id", "conversations"),
        _key("embeddings", "character_id", "characters"),
        _key("embeddings", "user_id", "users"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_embeddings")),
    )
    op.create_index("ix_embeddings_conversation", "embeddings", ["conversation_id"])
    op.create_index("ix_embeddings_pair", "embeddings", ["character_id", "user_id"])
    op.create_table(
        "memory_pairs",
        sa.Column("character_id", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.String(length=48), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("to_fold", sa.Boolean(), nullable=False),
        _key("memory_pairs", "character_id", "characters"),
        _key("memory_pairs", "user_id", "users"),
        sa.PrimaryKeyConstraint("character_id", "user_id", name=op.f("pk_memory_pairs")),
    )
    op.create_index(
        "ix_memory_pairs_to_fold",
        "memory_pairs",
        ["user_id"],
        sqlite_where=sa.text("to_fold"),
        postgresql_where=sa.text("to_fold"),
    )
    op.create_table(
        "message_words",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=48), nullable=False),
        sa.Column("conversation_id", sa.String(length=48), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        _key("message_words", "message_id", "messages"),
        _key("message_words", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_message_words")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_words_message_id")),
    )
    op.create_index("ix_message_words_conversation", "message_words", ["conversation_id"])


def _forgetting() -> None:
    op.create_table(
        "unrecalled",
        sa.Column("message_id", sa.String(length=48), nullable=False),
        _key("unrecalled", "message_id", "messages"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_unrecalled")),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.String(length=48), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("target_digest", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("scrubbed", sa.Boolean(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_user_id"), "receipts", ["user_id"])


def _sqlite_index() -> None:
    """Kept by triggers, which also run for rows that a foreign key takes along."""
    op.execute(
        "CREATE VIRTUAL TABLE message_index USING fts5"
        "(words, content='message_words', content_rowid='n', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "CREATE TRIGGER message_words_added AFTER INSERT ON message_words BEGIN "
        "INSERT INTO message_index(rowid, words) VALUES (new.n, new.words); END"
    )
    op.execute(
        "CREATE TRIGGER message_words_removed AFTER DELETE ON message_words BEGIN "
        "INSERT INTO message_index(message_index, rowid, words) VALUES ('delete', old.n, old.words); END"
    )


def _postgresql_index() -> None:
    op.create_index("ix_message_words_words", "message_words", ["words"], postgresql_using="gin")
    for table, columns in _TOLD.items():
        changes = ", ".join(f"ALTER COLUMN {column} SET STATISTICS 0" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")
