"""The whole schema. Times are Unix milliseconds; ids are text made by domain/ids.py; JSON columns hold objects.

`migrations/` builds it; tests/contracts checks that both agree. Tables that later rows of the plan fill (reports, audit) are
here from the start so that nothing has to be rebuilt.
"""

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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(48)


def _id() -> Column[str]:
    return Column("id", Id, primary_key=True)


def _ref(
    name: str, target: str, *, nullable: bool = False, cascade: bool = True, at_commit: bool = False
) -> Column[str]:
    """`at_commit`: checked when the transaction ends, which spares SQLite a journal for each statement."""
    ondelete = "CASCADE" if cascade else "SET NULL"
    initially = "DEFERRED" if at_commit else None
    key = ForeignKey(f"{target}.id", ondelete=ondelete, deferrable=at_commit or None, initially=initially)
    return Column(name, Id, key, nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


users = Table(
    "users",
    metadata,
    _id(),
    Column("login", String(128), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255)),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("settings", JSON, nullable=False),
    _at("created_at"),
    _at("last_seen_at", nullable=True),
    UniqueConstraint("issuer", "subject"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("family", String(48), nullable=False, index=True),
    _ref("user_id", "users"),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", nullable=True),
    Column("revoked", Boolean, nullable=False, server_default=text("false")),
)

denied_tokens = Table(
    "denied_tokens",
    metadata,
    Column("token_id", String(64), primary_key=True),
    _at("expires_at"),
)

media = Table(
    "media",
    metadata,
    _id(),
    _ref("owner_id", "users"),
    Column("content_type", String(64), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    _at("created_at"),
)

characters = Table(
    "characters",
    metadata,
    _id(),
    Column("slug", String(80), nullable=False, unique=True),
    _ref("owner_id", "users", nullable=True),
    Column("version", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("persona", JSON, nullable=False),
    _at("created_at"),
    _at("updated_at"),
    _at("deleted_at", nullable=True),
    Index("ix_characters_owner", "owner_id", "name"),
)

character_versions = Table(
    "character_versions",
    metadata,
    Column("character_id", Id, ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("persona", JSON, nullable=False),
    _ref("editor_id", "users", nullable=True, cascade=False),
    _at("created_at"),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    _ref("owner_id", "users"),
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
    _at("created_at"),
    _at("updated_at"),
    _at("last_message_at", nullable=True),
    # Not over last_message_at: every append would have to move the entry (and lose PostgreSQL its HOT updates).
    Index("ix_conversations_owner", "owner_id", "status"),
    postgresql_with={"fillfactor": "70"},  # every message rewrites its conversation's row: leave room beside it
)

participants = Table(
    "participants",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("last_read_seq", BigInteger, nullable=False, server_default=text("0")),
    _at("joined_at"),
    _at("left_at", nullable=True),
    Index("ix_participants_member", "member_id", "conversation_id"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    _ref("conversation_id", "conversations", at_commit=True),
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
    _at("created_at"),
    _at("delivered_at", nullable=True),
    _at("read_at", nullable=True),
    _at("edited_at", nullable=True),
    _at("deleted_at", nullable=True),
    _at("indexed_at", nullable=True),
    Column("aside", Boolean, nullable=False, server_default=text("false")),  # on a branch that is not the current one
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
    _id(),
    Column("conversation_id", Id, nullable=False),  # its message's; a second foreign key would only cost
    _ref("message_id", "messages", at_commit=True),
    Column("character_id", Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Id, nullable=False),
    _at("lease_until"),
    _at("created_at"),
    _at("ended_at", nullable=True),
    Column("reply_id", Id),
    Column("error_code", String(48)),
    Column("partial", Text, nullable=False),
    Column("metadata", JSON, nullable=False),
    UniqueConstraint("message_id", "character_id", "attempt"),
    # Few rows, and lease_until is not in it: renewing a lease touches no index.
    Index(
        "ix_turns_pending",
        "conversation_id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)

facts = Table(
    "facts",  # what one person said to several characters at once has the same id with each
    metadata,
    _id(),
    Column("character_id", Id, ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True),
    _ref("user_id", "users"),
    Column("text", Text, nullable=False),
    Column("category", String(24), nullable=False),
    Column("realm", String(24), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("importance", Float, nullable=False),
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    Column("reinforcements", Integer, nullable=False),
    _at("first_mentioned_at"),
    _at("last_reinforced_at"),
    _at("valid_from"),
    _at("valid_to", nullable=True),
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
    _id(),
    _ref("conversation_id", "conversations"),
    Column("head_id", Id),
    Column("from_seq", BigInteger, nullable=False),
    Column("to_seq", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("importance", Float, nullable=False),
    Column("model", String(120), nullable=False),
    _at("created_at"),
    Column("witnesses", JSON, nullable=False, server_default="[]"),
    Index("ix_summaries_conversation", "conversation_id", "to_seq"),
)

findings = Table(
    "findings",
    metadata,
    _id(),
    _ref("message_id", "messages", nullable=True),
    _ref("conversation_id", "conversations", nullable=True),
    _ref("user_id", "users"),
    _ref("character_id", "characters", nullable=True),
    Column("seq", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    _at("at"),
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
    Column("item_id", Id, primary_key=True),  # of a message, a fact or a summary; whoever deletes one deletes this too
    Column("kind", String(16), nullable=False),
    _ref("conversation_id", "conversations", nullable=True),
    _ref("character_id", "characters", nullable=True),
    _ref("user_id", "users", nullable=True),
    Column("embedder", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    _at("at"),
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
    Column("to_fold", Boolean, nullable=False),  # its facts are not yet what its findings amount to
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
    "message_words",  # words.py says what a word is. On SQLite the virtual table message_index stands over it
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, unique=True),
    _ref("conversation_id", "conversations"),
    Column("words", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index("ix_message_words_conversation", "conversation_id"),
)

receipts = Table(
    "receipts",  # of erasures. No foreign key: they outlive whom they are about
    metadata,
    _id(),
    Column("user_id", Id, nullable=False, index=True),
    Column("what", String(24), nullable=False),
    Column("target_digest", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
    _at("at"),
    Column("scrubbed", Boolean, nullable=False),
    Column("signature", Text, nullable=False),
)

relationship_events = Table(
    "relationship_events",
    metadata,
    _id(),
    _ref("character_id", "characters"),
    _ref("user_id", "users"),
    _ref("conversation_id", "conversations"),
    _ref("message_id", "messages", nullable=True),
    Column("kind", String(32), nullable=False),
    Column("amounts", JSON, nullable=False),
    _at("at"),
    Column("topic", String(120), nullable=False, server_default=""),
    Index("ix_relationship_events_pair", "character_id", "user_id", "at"),
    Index("ix_relationship_events_conversation", "conversation_id"),
    Index("ix_relationship_events_message", "message_id"),
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
    _id(),
    _ref("reporter_id", "users"),
    _ref("conversation_id", "conversations", nullable=True),
    _ref("message_id", "messages", nullable=True),
    Column("reason", String(64), nullable=False),
    Column("comment", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", Text, nullable=False),
    _at("created_at"),
    _at("decided_at", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _at("at"),
    Column("actor_id", Id),
    Column("action", String(48), nullable=False),
    Column("target", String(128), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
