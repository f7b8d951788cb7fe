"""Access tokens: what is let in, and every known way of forging one."""

import base64
from typing import Any

import jwt
import pytest
from accounts_in_memory import SECRET, Desk, hand_signed
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from everkin.domain.errors import Unauthenticated


def forged(desk: Desk, key: Any = SECRET, algorithm: str | None = "HS256", **changes: Any) -> str:
    now = desk.clock.now() // 1000
    owner = next(iter(desk.users.by_id))
    claims = {"iss": "everkin", "aud": "everkin", "sub": owner, "iat": now, "exp": now + 900, "jti": "f.1", **changes}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm)


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.accounts.ensure_owner()
    return desk


async def refused(desk: Desk, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await desk.accounts.caller_of(token)


async def test_a_fresh_token_is_its_owner(desk: Desk) -> None:
    pair = await desk.accounts.owner_tokens()
    caller = await desk.accounts.caller_of(pair.access)
    assert caller.is_owner
    assert caller.user_id == pair.user.id
    assert caller.expires_at == pair.expires_at == desk.clock.now() + 15 * 60_000


async def test_a_hand_made_but_right_token_is_taken(desk: Desk) -> None:
    assert (await desk.accounts.caller_of(forged(desk))).token_id == "f.1"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iss": "another"},
        {"iss": None},
        {"jti": None},
        {"jti": 7},
        {"sub": None},
        {"sub": "usr_nobody"},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": 1e300},
        {"iat": None},
        {"iat": []},
        {"nbf": 4_000_000_000},
    ],
)
async def test_a_claim_that_is_wrong_or_missing(desk: Desk, changes: dict[str, Any]) -> None:
    await refused(desk, forged(desk, **changes))


async def test_another_secret(desk: Desk) -> None:
    await refused(desk, forged(desk, key=SECRET[::-1]))


async def test_algorithm_none(desk: Desk) -> None:
    await refused(desk, forged(desk, key="", algorithm="none"))


async def test_another_hmac(desk: Desk) -> None:
    await refused(desk, forged(desk, key=SECRET * 2, algorithm="HS512"))


async def test_an_rsa_public_key_is_no_secret(desk: Desk) -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    public = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(forged(desk), options={"verify_signature": False})
    await refused(desk, hand_signed(claims, public))
    assert await desk.accounts.caller_of(hand_signed(claims, SECRET)), "only the key was wrong"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.ü.ß", "\ud800", "x" * 100_000, "eyJhbGciOiJIUzI1NiJ9.."])
async def test_what_is_no_token_at_all(desk: Desk, token: str) -> None:
    await refused(desk, token)


async def test_a_header_nested_out_of_reason(desk: Desk) -> None:
    head = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
    await refused(desk, f"{head}.e30.e30")


async def test_clocks_may_differ_by_a_minute_and_no_more(desk: Desk) -> None:
    now = desk.clock.now() // 1000
    await desk.accounts.caller_of(forged(desk, iat=now + 30))
    await desk.accounts.caller_of(forged(desk, exp=now - 30))
    await refused(desk, forged(desk, iat=now + 61))
    await refused(desk, forged(desk, exp=now - 60))


async def test_what_stays_connected_ends_when_the_token_does(desk: Desk) -> None:
    caller = await desk.accounts.caller_of((await desk.accounts.owner_tokens()).access)
    await desk.clock.advance(15 * 60 - 1)
    assert await desk.accounts.still_valid(caller)
    await desk.clock.advance(1)
    assert not await desk.accounts.still_valid(caller)
