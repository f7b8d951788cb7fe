"""The whole schema. Times are Unix milliseconds; ids are text made by domain/ids.py; JSON columns hold objects.

`migrations/` builds it; tests/contracts checks that both agree. The tables `reports` and `audit` are not written yet;
they exist so that they need no later migration.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from everkin.storage.sql.columns import Id, id_column, metadata, moment, reference
from everkin.storage.sql.memory_tables import (
    embeddings,
    fact_sources,
    facts,
    findings,
    memory_pairs,
    message_words,
    receipts,
    relationship_events,
    summaries,
    unrecalled,
    unscrubbed,
)

__all__ = [
    "audit",
    "character_versions",
    "characters",
    "conversations",
    "denied_tokens",
    "embeddings",
    "fact_sources",
    "facts",
    "findings",
    "media",
    "memory_pairs",
    "message_words",
    "messages",
    "metadata",
    "participants",
    "probes",
    "receipts",
    "refresh_tokens",
    "relationship_events",
    "reports",
    "summaries",
    "turns",
    "unrecalled",
    "unscrubbed",
    "usage",
    "users",
]

users = Table(
    "users",
    metadata,
    id_column(),
    Column("login", String(128), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255)),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("settings", JSON, nullable=False),
    moment("created_at"),
    moment("last_seen_at", nullable=True),
    UniqueConstraint("issuer", "subject"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("family", String(48), nullable=False, index=True),
    reference("user_id", "users"),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    Column("revoked", Boolean, nullable=False, server_default=text("false")),
)

denied_tokens = Table(
    "denied_tokens",
    metadata,
    Column("token_id", String(64), primary_key=True),
    moment("expires_at"),
)

media = Table(
    "media",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("content_type", String(64), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    moment("created_at"),
)

characters = Table(
    "characters",
    metadata,
    id_column(),
    Column("slug", String(80), nullable=False, unique=True),
    reference("owner_id", "users", nullable=True),
    Column("version", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("persona", JSON, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
    Index("ix_characters_owner", "owner_id", "name"),
)

character_versions = Table(
    "character_versions",
    metadata,
    Column("character_id", Id, ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("persona", JSON, nullable=False),
    reference("editor_id", "users", nullable=True, cascade=False),
    moment("created_at"),
)

conversations = Table(
    "conversations",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("title", String(200), nullable=False),
    Column("custom_title", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("character_ids", JSON, nullable=False),
    Column("user_ids", JSON, nullable=False),
    Column("head_id", Id),
    Column("last_seq", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("message_count", Integer, nullable=False),
    Column("last_message_preview", String(200), nullable=False),
    Column("digested_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("summarised_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("indexed_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("amended", BigInteger, nullable=False, server_default=text("0")),  # domain/memory.py: Work
    Column("metadata", JSON, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("last_message_at", nullable=True),
    # No index over last_message_at: every append would have to move the entry (and PostgreSQL would lose HOT updates).
    Index("ix_conversations_owner", "owner_id", "status"),
    postgresql_with={"fillfactor": "70"},  # each message rewrites its conversation's row: leave room beside it
)

participants = Table(
    "participants",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("last_read_seq", BigInteger, nullable=False, server_default=text("0")),
    moment("joined_at"),
    moment("left_at", nullable=True),
    Index("ix_participants_member", "member_id", "conversation_id"),
)

messages = Table(
    "messages",
    metadata,
    id_column(),
    reference("conversation_id", "conversations", at_commit=True),
    Column("seq", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("parent_id", Id),
    Column("reply_to", Id),
    Column("sender_type", String(16), nullable=False),
    Column("sender_id", Id, nullable=False),
    Column("type", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("client_id", String(64)),
    Column("turn_id", Id),
    Column("metadata", JSON, nullable=False),
    moment("created_at"),
    moment("delivered_at", nullable=True),
    moment("read_at", nullable=True),
    moment("edited_at", nullable=True),
    moment("deleted_at", nullable=True),
    moment("indexed_at", nullable=True),
    Column("aside", Boolean, nullable=False, server_default=text("false")),  # off-branch
    UniqueConstraint("conversation_id", "seq"),
    Index(
        "uq_messages_client_id",
        "sender_id",
        "client_id",
        "conversation_id",
        unique=True,
        sqlite_where=text("client_id IS NOT NULL"),
        postgresql_where=text("client_id IS NOT NULL"),
    ),
)

turns = Table(
    "turns",
    metadata,
    id_column(),
    Column("conversation_id", Id, nullable=False),  # equals its message's; a second foreign key would only add cost
    reference("message_id", "messages", at_commit=True),
    Column("character_id", Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Id, nullable=False),
    moment("lease_until"),
    moment("created_at"),
    moment("ended_at", nullable=True),
    Column("reply_id", Id),
    Column("error_code", String(48)),
    Column("partial", Text, nullable=False),
    Column("metadata", JSON, nullable=False),
    UniqueConstraint("message_id", "character_id", "attempt"),
    # Few rows, and without lease_until, so that renewing a lease touches no index.
    Index(
        "ix_turns_pending",
        "conversation_id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)

usage = Table(
    "usage",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("character_id", Id, primary_key=True),
    Column("model", String(120), primary_key=True),
    Column("turns", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("cost", Float, nullable=False),
    Column("first_token_ms", BigInteger, nullable=False),
    Column("generation_ms", BigInteger, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    id_column(),
    reference("reporter_id", "users"),
    reference("conversation_id", "conversations", nullable=True),
    reference("message_id", "messages", nullable=True),
    Column("reason", String(64), nullable=False),
    Column("comment", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", Text, nullable=False),
    moment("created_at"),
    moment("decided_at", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    moment("at"),
    Column("actor_id", Id),
    Column("action", String(48), nullable=False),
    Column("target", String(128), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

probes = Table(
    "probes",
    metadata,
    id_column(),
    moment("at"),
    Column("content", LargeBinary, nullable=False),
)
