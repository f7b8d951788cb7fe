"""Sign-in keys: each lets the owner sign in once, without a password, through an address that Everkin printed.

A key is stateless: its time of expiry (8 bytes, Unix milliseconds), 12 random bytes, and the first 16 bytes of the
HMAC-SHA256 of both under a key derived from the server's secret; 48 url-safe base64 characters in all. A used key is
denied in the database until it expires, so it works once over all nodes and restarts.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from everkin.domain.errors import Unauthenticated
from everkin.domain.ids import Millis
from everkin.kit.clock import Clock
from everkin.security.ports import Tokens
from everkin.security.tokens import LEEWAY_SECONDS

START_SECONDS = 7 * 24 * 3600
"""Life of the key that is printed when the server starts: a service's log may be read days later."""

LINK_SECONDS = 3600
"""Life of a key that was requested (`everkin link`)."""

_HOW = "Open the address that Everkin printed when it started, or run `everkin link` on its machine for a fresh one."
_FRESH = "Run `everkin link` on its machine for a fresh address."
_NONCE_BYTES = 12
_MAC_BYTES = 16
_BODY_BYTES = 8 + _NONCE_BYTES


@dataclass(frozen=True, slots=True)
class SignInKey:
    """The content of a genuine key."""

    id: str
    """The id under which it is denied once it was used."""
    expires_at: Millis
    """When it expires."""


class SignInKeys:
    def __init__(self, secret: bytes, tokens: Tokens, clock: Clock) -> None:
        self._mac_key = hmac.digest(secret, b"everkin: sign-in keys", "sha256")
        self._tokens = tokens
        self._clock = clock

    def issue(self, seconds: int) -> str:
        """Return a new key that expires after `seconds`."""
        expires_at = self._clock.now() + seconds * 1000
        body = expires_at.to_bytes(8, "big") + secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def read(self, text: str) -> SignInKey:
        """Decode and verify a key, which may have been used before.

        Raises:
            Unauthenticated: the key is missing, forged, of another server, or expired.
        """
        if not text:
            raise Unauthenticated(f"Signing in without a password takes a sign-in key. {_HOW}")
        raw = _decoded(text)
        body, mac = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise Unauthenticated(f"That is not a sign-in key of this Everkin. {_HOW}")
        expires_at = Millis(int.from_bytes(body[:8], "big"))
        if expires_at <= self._clock.now():
            raise Unauthenticated(f"This sign-in key has expired. {_FRESH}")
        return SignInKey(f"sign-in:{body[8:].hex()}", expires_at)

    async def use(self, key: SignInKey) -> None:
        """Use a key. Of several calls with the same key, on any node, exactly one succeeds.

        Raises:
            Unauthenticated: it was used before.
        """
        if not await self._tokens.deny(key.id, Millis(key.expires_at + LEEWAY_SECONDS * 1000)):
            raise Unauthenticated(f"This sign-in key was used before, and each works once. {_FRESH}")

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._mac_key, body, "sha256")[:_MAC_BYTES]


def _decoded(text: str) -> bytes:
    """Return the bytes of a key; empty for text that cannot be one."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if len(raw) == _BODY_BYTES + _MAC_BYTES else b""
