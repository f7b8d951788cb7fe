"""The record of accounts, in memory: what security/ports.py promises, in its plainest form."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from argon2 import PasswordHasher

from everkin.domain.caller import User
from everkin.domain.errors import Conflict, NotFound, Unauthenticated
from everkin.domain.ids import Millis, UserId
from everkin.kit.clock import ManualClock
from everkin.security.accounts import Accounts, AccountsConfig
from everkin.security.external import ExternalIssuer
from everkin.security.passwords import Passwords
from everkin.storage.local.counts import LocalCounts

SECRET = b"0123456789abcdef0123456789abcdef"
PASSWORD = "three quiet herons"


class UsersInMemory:
    def __init__(self) -> None:
        self.by_id: dict[UserId, User] = {}
        self.asked = 0

    async def create(self, user: User) -> User:
        for known in self.by_id.values():
            same_subject = user.subject is not None and (known.issuer, known.subject) == (user.issuer, user.subject)
            if known.login == user.login or same_subject:
                raise Conflict
        self.by_id[user.id] = user
        return user

    async def get(self, user_id: UserId) -> User:
        self.asked += 1
        if user_id not in self.by_id:
            raise NotFound
        return self.by_id[user_id]

    async def by_login(self, login: str) -> User | None:
        return next((user for user in self.by_id.values() if user.login == login), None)

    async def by_subject(self, issuer: str, subject: str) -> User | None:
        everyone = self.by_id.values()
        return next((user for user in everyone if (user.issuer, user.subject) == (issuer, subject)), None)

    async def first_owner(self) -> User | None:
        return next((user for user in self.by_id.values() if user.role.value == "owner"), None)

    async def set_password(self, user_id: UserId, password_hash: str) -> None:
        self.by_id[user_id] = replace(self.by_id[user_id], password_hash=password_hash)

    async def list(self) -> list[User]:
        return list(self.by_id.values())

    def switch_off(self, user_id: UserId) -> None:
        self.by_id[user_id] = replace(self.by_id[user_id], disabled=True)


@dataclass
class _Refresh:
    family: str
    user_id: UserId
    expires_at: Millis
    created_at: Millis
    used: bool = False
    revoked: bool = False


class TokensInMemory:
    def __init__(self) -> None:
        self.refresh: dict[str, _Refresh] = {}
        self.denied_until: dict[str, Millis] = {}
        self.asked = 0

    async def store_refresh(self, digest: str, family: str, user_id: UserId, expires_at: Millis, at: Millis) -> None:
        self.refresh[digest] = _Refresh(family, user_id, expires_at, at)

    async def use_refresh(self, digest: str, at: Millis) -> tuple[UserId, str] | None:
        known = self.refresh.get(digest)
        if known is None:
            return None
        if known.used:
            await self.revoke_family(known.family)
            raise Unauthenticated
        if known.revoked or known.expires_at <= at:
            return None
        known.used = True
        return known.user_id, known.family

    async def knows_refresh(self, digest: str) -> bool:
        return digest in self.refresh

    async def revoke_family(self, family: str) -> None:
        for each in self.refresh.values():
            each.revoked = each.revoked or each.family == family

    async def revoke_user(self, user_id: UserId, since: Millis, until: Millis) -> None:
        for each in self.refresh.values():
            each.revoked = each.revoked or each.user_id == user_id
            if each.user_id == user_id and each.created_at >= since:
                await self.deny(each.family, until)

    async def deny(self, token_id: str, expires_at: Millis) -> bool:
        new = token_id not in self.denied_until
        self.denied_until.setdefault(token_id, expires_at)
        return new

    async def denied(self, token_id: str) -> bool:
        return token_id in self.denied_until

    async def denials(self, now: Millis) -> frozenset[str]:
        self.asked += 1
        return frozenset(token_id for token_id, expires_at in self.denied_until.items() if expires_at > now)

    async def forget_expired(self, now: Millis) -> int:
        old = [token_id for token_id, expires_at in self.denied_until.items() if expires_at <= now]
        for token_id in old:
            del self.denied_until[token_id]
        return len(old)


class CountingHasher(PasswordHasher):
    """A real argon2id, made cheap, that counts its checks. `seen`: the hashes it checked against, in order."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.seen: list[str | bytes] = []

    @property
    def checked(self) -> int:
        return len(self.seen)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.seen.append(hash)
        return bool(super().verify(hash, password))


class Desk:
    """Accounts with everything around it at hand."""

    def __init__(
        self, *, signup: bool = False, external: ExternalIssuer | None = None, clock: ManualClock | None = None
    ):
        self.clock = clock or ManualClock()
        self.users = UsersInMemory()
        self.tokens = TokensInMemory()
        self.hasher = CountingHasher()
        config = AccountsConfig(SECRET, signup=signup)
        self.accounts = self.another(config, external)

    def another(self, config: AccountsConfig | None = None, external: ExternalIssuer | None = None) -> Accounts:
        """A second node over the same record."""
        return Accounts(
            self.users,
            self.tokens,
            self.clock,
            config or AccountsConfig(SECRET),
            LocalCounts(self.clock),
            external=external,
            passwords=Passwords(self.hasher),
        )


def hand_signed(claims: Mapping[str, Any], key: bytes, **header: Any) -> str:
    """HS256 with a key that a decent library refuses to sign with."""
    parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", **header}, claims)]
    return ".".join([*parts, _base64(hmac.new(key, ".".join(parts).encode(), hashlib.sha256).digest())])


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
