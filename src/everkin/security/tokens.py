"""Everkin's own access tokens: JWT, HS256, short-lived. A token's id is `<sign-in>.<random>`, so that logging out,
which knows only the id, can end the whole sign-in. Times are checked against the Clock, not by the JWT library."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options

from everkin.domain.caller import User
from everkin.domain.errors import Unauthenticated
from everkin.domain.ids import Millis, UserId
from everkin.kit.clock import Clock

ISSUER = AUDIENCE = "everkin"
ALGORITHM = "HS256"
LEEWAY_SECONDS = 60
LONGEST_TOKEN = 8192
REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti"]

SIGNATURE_AND_NAMES: Options = {"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
"""The checks done by the library; `check_times` does the rest."""

BAD_TOKEN = (jwt.PyJWTError, ValueError, TypeError, RecursionError)
"""All exceptions that decoding a hostile token may raise."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The content of a genuine token."""

    user_id: UserId
    """The user's id."""
    token_id: str
    """The token's id: `<sign-in>.<random>`."""
    expires_at: Millis
    """When it ends."""

    @property
    def family(self) -> str:
        return family_of(self.token_id)


def new_family() -> str:
    """Return the id of a new sign-in, shared by its refresh tokens and access tokens."""
    return secrets.token_hex(12)


def family_of(token: str) -> str:
    """Return the sign-in of an access token's id or a refresh token."""
    return token.partition(".")[0]


class AccessTokens:
    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def issue(self, user: User, family: str, minutes: float) -> tuple[str, Millis]:
        """Return a token and when it ends."""
        now = self._clock.now() // 1000
        expires = now + round(minutes * 60)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user.id,
            "iat": now,
            "exp": expires,
            "jti": f"{family}.{secrets.token_hex(8)}",
        }
        return jwt.encode(claims, self._secret, ALGORITHM), Millis(expires * 1000)

    def read(self, token: str) -> Claims:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options=SIGNATURE_AND_NAMES,
            )
        except BAD_TOKEN:
            raise Unauthenticated from None
        expires_at = check_times(claims, self._clock.now())
        return Claims(UserId(claims["sub"]), claims["jti"], expires_at)


def algorithm_of(token: str) -> str:
    """Return the algorithm in the token's header, to choose the verifier; it proves nothing. Raises Unauthenticated."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated
    try:
        return str(jwt.get_unverified_header(token).get("alg"))
    except BAD_TOKEN:
        raise Unauthenticated from None


def check_times(claims: Mapping[str, Any], now: Millis) -> Millis:
    """Return `exp` in milliseconds. Raises Unauthenticated when now is not between `iat`/`nbf` and `exp`; clocks may
    differ by LEEWAY_SECONDS."""
    seconds = now / 1000
    expires = _number(claims["exp"])
    earliest = max(_number(claims.get(name, 0)) for name in ("iat", "nbf"))
    if expires + LEEWAY_SECONDS <= seconds or earliest - LEEWAY_SECONDS > seconds:
        raise Unauthenticated
    return Millis(int(expires * 1000))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e12:
        raise Unauthenticated
    return float(value)
