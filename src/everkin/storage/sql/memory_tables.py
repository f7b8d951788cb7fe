"""Tables of memory: findings, facts, summaries, vectors, the word index, and records of erasures."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from everkin.storage.sql.columns import Id, id_column, metadata, moment, reference

facts = Table(
    "facts",  # a fact mentioned to several characters at once has the same id with each
    metadata,
    id_column(),
    Column("character_id", Id, ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True),
    reference("user_id", "users"),
    Column("text", Text, nullable=False),
    Column("category", String(24), nullable=False),
    Column("realm", String(24), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("importance", Float, nullable=False),
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    Column("reinforcements", Integer, nullable=False),
    moment("first_mentioned_at"),
    moment("last_reinforced_at"),
    moment("valid_from"),
    moment("valid_to", nullable=True),
    Column("superseded_by", Id),
    Column("witnesses", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("slot", Text, nullable=False, server_default=""),
    Column("value", Text, nullable=False, server_default=""),
    Column("edited", Boolean, nullable=False, server_default=text("false")),
    Index("ix_facts_pair", "character_id", "user_id", "valid_to"),
)

fact_sources = Table(
    "fact_sources",
    metadata,
    Column("fact_id", Id, primary_key=True),
    Column("character_id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    ForeignKeyConstraint(
        ["fact_id", "character_id"], ["facts.id", "facts.character_id"], ondelete="CASCADE", name="fk_fact_sources_fact"
    ),
    Index("ix_fact_sources_message", "message_id"),
)

summaries = Table(
    "summaries",
    metadata,
    id_column(),
    reference("conversation_id", "conversations"),
    Column("head_id", Id),
    Column("from_seq", BigInteger, nullable=False),
    Column("to_seq", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("importance", Float, nullable=False),
    Column("model", String(120), nullable=False),
    moment("created_at"),
    Column("witnesses", JSON, nullable=False, server_default="[]"),
    Index("ix_summaries_conversation", "conversation_id", "to_seq"),
)

findings = Table(
    "findings",
    metadata,
    id_column(),
    reference("message_id", "messages", nullable=True),
    reference("conversation_id", "conversations", nullable=True),
    reference("user_id", "users"),
    reference("character_id", "characters", nullable=True),
    Column("seq", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    moment("at"),
    Column("op", String(16), nullable=False),
    Column("target", String(48), nullable=False),
    Column("text", Text, nullable=False),
    Column("category", String(24), nullable=False),
    Column("realm", String(24), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("importance", Float, nullable=False),
    Column("slot", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("witnesses", JSON, nullable=False),
    Column("source", String(120), nullable=False),
    Index("ix_findings_user", "user_id", "at"),
    Index("ix_findings_message", "message_id"),
    Index("ix_findings_conversation", "conversation_id"),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("item_id", Id, primary_key=True),  # of a message, fact or summary; deleting one must delete this too
    Column("kind", String(16), nullable=False),
    reference("conversation_id", "conversations", nullable=True),
    reference("character_id", "characters", nullable=True),
    reference("user_id", "users", nullable=True),
    Column("embedder", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    moment("at"),
    Index("ix_embeddings_conversation", "conversation_id"),
    Index("ix_embeddings_pair", "character_id", "user_id"),
)

memory_pairs = Table(
    "memory_pairs",
    metadata,
    Column("character_id", Id, ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("to_fold", Boolean, nullable=False),  # its facts do not match its findings yet
    Index(
        "ix_memory_pairs_to_fold",
        "user_id",
        sqlite_where=text("to_fold"),
        postgresql_where=text("to_fold"),
    ),
)

unrecalled = Table(
    "unrecalled",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
)

message_words = Table(
    "message_words",  # words.py defines a word. On SQLite the virtual table message_index is built on it
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, unique=True),
    reference("conversation_id", "conversations"),
    Column("words", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index("ix_message_words_conversation", "conversation_id"),
)

receipts = Table(
    "receipts",  # of erasures. No foreign key, as receipts are kept after the user is gone
    metadata,
    id_column(),
    Column("user_id", Id, nullable=False, index=True),
    Column("what", String(24), nullable=False),
    Column("target_digest", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
    moment("at"),
    Column("scrubbed", Boolean, nullable=False),
    Column("signature", Text, nullable=False),
)

unscrubbed = Table(
    "unscrubbed",  # one row per erasure whose bytes may still be in the database's files
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("words", Boolean, nullable=False),  # words were deleted from the search index
    Column("steps", BigInteger, nullable=False, server_default=text("0")),  # steps of the current scrub, on SQLite
    sqlite_autoincrement=True,  # a settled number is never reused
)

relationship_events = Table(
    "relationship_events",
    metadata,
    id_column(),
    reference("character_id", "characters"),
    reference("user_id", "users"),
    reference("conversation_id", "conversations"),
    reference("message_id", "messages", nullable=True),
    Column("kind", String(32), nullable=False),
    Column("amounts", JSON, nullable=False),
    moment("at"),
    Column("topic", String(120), nullable=False, server_default=""),
    Index("ix_relationship_events_pair", "character_id", "user_id", "at"),
    Index("ix_relationship_events_conversation", "conversation_id"),
    Index("ix_relationship_events_message", "message_id"),
)
