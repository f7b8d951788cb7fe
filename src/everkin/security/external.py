"""Tokens of an external issuer (such as Supabase), checked with the keys it publishes (JWKS)."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import msgspec

from everkin.domain.errors import StartError, Unauthenticated, Unavailable
from everkin.domain.ids import Millis
from everkin.kit.clock import Clock
from everkin.security.loopback import is_loopback
from everkin.security.tokens import BAD_TOKEN, SIGNATURE_AND_NAMES, check_times

log = logging.getLogger("everkin.accounts")

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""The algorithm by type of key, regardless of the algorithm named in the token."""

REFETCH_SECONDS = 60.0
STALE_SECONDS = 900.0
_LONGEST_KEY_SET = 256 * 1024


@dataclass(frozen=True, slots=True)
class ExternalConfig:
    issuer: str
    """The issuer's address, as its tokens name it."""
    audience: str
    """The audience its tokens must name."""
    jwks_url: str = ""
    """Empty: ISSUER/.well-known/jwks.json."""

    @property
    def keys_url(self) -> str:
        return self.jwks_url or f"{self.issuer.rstrip('/')}/.well-known/jwks.json"


@dataclass(frozen=True, slots=True)
class ExternalClaims:
    issuer: str
    """The issuer's address."""
    subject: str
    """The issuer's id of the user, 1 to 255 characters."""
    name: str
    """A name for the user."""
    token_id: str
    """A digest of the token, because not every issuer numbers its tokens."""
    expires_at: Millis
    """When the token ends."""


class ExternalIssuer:
    """Checks tokens with the issuer's keys. Keys are fetched when first needed, again after 15 minutes or for an
    unknown key id, and at most once a minute. While the issuer cannot be reached, the known keys stay in use; without
    any, checks raise Unavailable."""

    def __init__(self, config: ExternalConfig, session: aiohttp.ClientSession, clock: Clock) -> None:
        address = urlsplit(config.keys_url)
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname or "")):
            raise StartError(f"JWT_JWKS_URL must begin with https:// (or be on this machine), but is {config.keys_url}")
        self._config = config
        self._session = session
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()

    async def read(self, token: str) -> ExternalClaims:
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHMS[key.key_type or ""]],
                audience=self._config.audience,
                issuer=self._config.issuer,
                options={**SIGNATURE_AND_NAMES, "require": ["iss", "aud", "sub", "exp"]},
            )
        except BAD_TOKEN:
            raise Unauthenticated from None
        subject = claims["sub"]
        if not 1 <= len(subject) <= 255:
            raise Unauthenticated
        expires_at = check_times(claims, self._clock.now())
        digest = hashlib.sha256(token.encode()).hexdigest()
        return ExternalClaims(self._config.issuer, subject, _name(claims), f"x{digest[:40]}", expires_at)

    async def _key(self, kid: str) -> jwt.PyJWK:
        stale = self._age(self._fetched_at) >= STALE_SECONDS and not self._fetching.locked()
        if kid not in self._keys or stale:
            await self._refetch()
        if not self._keys:
            raise Unavailable("The sign-in service that issued this token cannot be reached. Try again in a moment.")
        if kid not in self._keys:
            raise Unauthenticated
        return self._keys[kid]

    async def _refetch(self) -> None:
        async with self._fetching:
            if self._age(self._tried_at) < REFETCH_SECONDS:
                return
            self._tried_at = self._clock.monotonic()
            try:
                self._keys = _usable(await self._fetch())
                self._fetched_at = self._tried_at
            except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, jwt.PyJWTError, ValueError) as error:
                log.warning("the keys of %s cannot be fetched: %s", self._config.issuer, type(error).__name__)

    async def _fetch(self) -> "_KeySet":
        timeout = aiohttp.ClientTimeout(total=5)
        async with self._session.get(self._config.keys_url, timeout=timeout, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            body = await response.content.read(_LONGEST_KEY_SET)
            while chunk := await response.content.read(_LONGEST_KEY_SET):
                body += chunk
                if len(body) > _LONGEST_KEY_SET:
                    raise ValueError("the key set is too large")
        return msgspec.json.decode(body, type=_KeySet)

    def _age(self, at: float | None) -> float:
        return float("inf") if at is None else self._clock.monotonic() - at


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]
    """The published keys."""


def _usable(published: _KeySet) -> dict[str, jwt.PyJWK]:
    """Return the public keys for checking signatures, by key id. A shared secret (`oct`) does not belong in a published
    set and is ignored."""
    return {str(key.get("kid", "")): jwt.PyJWK(key, ALGORITHMS[key["kty"]]) for key in published.keys if _fits(key)}


def _fits(key: Mapping[str, Any]) -> bool:
    algorithm = ALGORITHMS.get(str(key.get("kty")))
    return (
        algorithm is not None
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
        and (algorithm != "ES256" or key.get("crv") == "P-256")
    )


def _name(claims: Mapping[str, Any]) -> str:
    about = claims.get("user_metadata")
    known = about if isinstance(about, Mapping) else {}
    for candidate in (known.get("full_name"), known.get("name"), claims.get("name"), claims.get("email")):
        shown = "".join(filter(str.isprintable, candidate)) if isinstance(candidate, str) else ""
        if name := shown.partition("@")[0].strip():
            return name[:120]
    return "Friend"
