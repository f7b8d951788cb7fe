"""Refresh tokens, stored only as digests, and the deny-list of access tokens."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, text, update

from everkin.domain.errors import EverkinError, Unauthenticated
from everkin.domain.ids import Millis, UserId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem

_refresh = tables.refresh_tokens.c
_denied = tables.denied_tokens.c


@dataclass(frozen=True, slots=True)
class _Refresh:
    digest: str
    """Digest of the token; the token itself is not stored."""
    family: str
    """Id shared by all tokens that descend from one sign-in."""
    user_id: UserId
    """The user's id."""
    expires_at: Millis
    """Unix milliseconds."""
    created_at: Millis
    """Unix milliseconds."""


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._store = PerItem(_store)
        self._use = PerItem(_use)
        self._revoke_family = PerItem(_revoke_family)
        self._revoke_user = PerItem(_revoke_user)
        self._deny = PerItem(_deny)
        self._forget = PerItem(_forget)

    async def store_refresh(self, digest: str, family: str, user_id: UserId, expires_at: Millis, at: Millis) -> None:
        await self._database.write(self._store, _Refresh(digest, family, user_id, expires_at, at))

    async def use_refresh(self, digest: str, at: Millis) -> tuple[UserId, str] | None:
        """Use a token once, and return its user and family. Return None if it is unknown, expired or of a revoked
        family.

        Raises Unauthenticated if it was used before, and revokes its family.
        """
        return await self._database.write(self._use, (digest, at))

    async def knows_refresh(self, digest: str) -> bool:
        query = select(1).where(_refresh.digest == digest)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def revoke_family(self, family: str) -> None:
        await self._database.write(self._revoke_family, family)

    async def revoke_user(self, user_id: UserId, since: Millis, until: Millis) -> None:
        await self._database.write(self._revoke_user, (user_id, since, until))

    async def deny(self, token_id: str, expires_at: Millis) -> bool:
        """Deny an access token. Return False if it was denied before; the primary key decides, also between nodes."""
        return await self._database.write(self._deny, (token_id, expires_at))

    async def denied(self, token_id: str) -> bool:
        query = select(1).where(_denied.token_id == token_id)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def denials(self, now: Millis) -> frozenset[str]:
        query = select(_denied.token_id).where(_denied.expires_at > now)
        return await self._database.read(lambda connection: frozenset(connection.scalars(query)))

    async def forget_expired(self, now: Millis) -> int:
        """Delete expired tokens and denials, and return the number of rows."""
        return await self._database.write(self._forget, now)


def _store(connection: Connection, token: _Refresh) -> None:
    values = {
        "digest": token.digest,
        "family": token.family,
        "user_id": token.user_id,
        "expires_at": token.expires_at,
        "created_at": token.created_at,
    }
    connection.execute(insert(tables.refresh_tokens).values(values))


def _use(connection: Connection, asked: tuple[str, Millis]) -> tuple[UserId, str] | EverkinError | None:
    digest, at = asked
    row = connection.execute(select(tables.refresh_tokens).where(_refresh.digest == digest).with_for_update()).first()
    if row is None:
        return None
    if row.used_at is not None:
        _revoke_family(connection, row.family)
        return Unauthenticated("This sign-in was used twice and is closed. Please sign in again.")
    if row.revoked or row.expires_at <= at:
        return None
    connection.execute(update(tables.refresh_tokens).where(_refresh.digest == digest).values(used_at=at))
    return UserId(row.user_id), row.family


def _revoke_family(connection: Connection, family: str) -> None:
    connection.execute(update(tables.refresh_tokens).where(_refresh.family == family).values(revoked=True))


def _revoke_user(connection: Connection, asked: tuple[UserId, Millis, Millis]) -> None:
    user_id, since, until = asked
    connection.execute(update(tables.refresh_tokens).where(_refresh.user_id == user_id).values(revoked=True))
    recent = select(_refresh.family).where(_refresh.user_id == user_id, _refresh.created_at >= since).distinct()
    for family in connection.scalars(recent).all():
        _deny(connection, (family, until))


def _deny(connection: Connection, asked: tuple[str, Millis]) -> bool:
    token_id, expires_at = asked
    done = connection.execute(
        text("INSERT INTO denied_tokens (token_id, expires_at) VALUES (:id, :at) ON CONFLICT (token_id) DO NOTHING"),
        {"id": token_id, "at": expires_at},
    )
    return done.rowcount == 1


def _forget(connection: Connection, now: Millis) -> int:
    tokens = connection.execute(delete(tables.refresh_tokens).where(_refresh.expires_at <= now)).rowcount
    denials = connection.execute(delete(tables.denied_tokens).where(_denied.expires_at <= now)).rowcount
    return tokens + denials
