"""Tokens of another issuer, against a real server on loopback that publishes its keys."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest
from accounts_in_memory import SECRET, Desk, hand_signed
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from everkin.domain.errors import StartError, Unauthenticated, Unavailable
from everkin.kit.clock import ManualClock
from everkin.security.external import ExternalConfig, ExternalIssuer

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
FOREIGN_KEY = rsa.generate_private_key(65537, 2048)


class Issuer:
    """Publishes keys, counts who asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.up = True
        self.url = ""
        self.keys: list[dict[str, Any]] = [
            {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "r1", "use": "sig"},
            {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "e1", "alg": "ES256"},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
            {"kty": "RSA", "kid": "for-secrecy", "use": "enc"},
        ]

    async def publish(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response({"keys": self.keys}) if self.up else web.Response(status=503)

    def token(
        self, clock: ManualClock, key: Any = RSA_KEY, algorithm: str = "RS256", kid: str = "r1", **claims: Any
    ) -> str:
        now = clock.now() // 1000
        whole = {
            "iss": self.url,
            "aud": "authenticated",
            "sub": "b7e1",
            "iat": now,
            "exp": now + 3600,
            "email": "robin@example.org",
            **claims,
        }
        return jwt.encode({k: v for k, v in whole.items() if v is not None}, key, algorithm, headers={"kid": kid})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    application = web.Application()
    application.router.add_get("/auth/v1/.well-known/jwks.json", issuer.publish)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    issuer.url = f"http://127.0.0.1:{port}/auth/v1"
    yield issuer
    await runner.cleanup()


@pytest.fixture
async def desk(issuer: Issuer) -> AsyncIterator[Desk]:
    clock = ManualClock()
    async with aiohttp.ClientSession() as session:
        external = ExternalIssuer(ExternalConfig(issuer.url, "authenticated"), session, clock)
        yield Desk(external=external, clock=clock)


async def refused(desk: Desk, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await desk.accounts.caller_of(token)


async def test_first_sight_makes_an_account_later_ones_find_it(desk: Desk, issuer: Issuer) -> None:
    first = await desk.accounts.caller_of(issuer.token(desk.clock))
    second = await desk.accounts.caller_of(issuer.token(desk.clock, EC_KEY, "ES256", "e1"))
    assert first.user_id == second.user_id
    assert first.name == "robin"
    assert not first.is_owner
    assert len(desk.users.by_id) == 1
    other = await desk.accounts.caller_of(issuer.token(desk.clock, sub="c9", user_metadata={"full_name": "Mia W."}))
    assert other.user_id != first.user_id
    assert other.name == "Mia W."


async def test_our_own_tokens_go_on_working(desk: Desk) -> None:
    assert (await desk.accounts.caller_of((await desk.accounts.owner_tokens()).access)).is_owner


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"aud": "anon"}, {"aud": None}, {"exp": None}, {"sub": None}, {"sub": ""}],
)
async def test_wrong_claims(desk: Desk, issuer: Issuer, claims: dict[str, Any]) -> None:
    await refused(desk, issuer.token(desk.clock, **claims))


async def test_expired(desk: Desk, issuer: Issuer) -> None:
    await refused(desk, issuer.token(desk.clock, exp=desk.clock.now() // 1000 - 61))


async def test_keys_that_are_not_theirs(desk: Desk, issuer: Issuer) -> None:
    await refused(desk, issuer.token(desk.clock, FOREIGN_KEY))
    await refused(desk, issuer.token(desk.clock, EC_KEY, "ES256", "r1"))
    await refused(desk, issuer.token(desk.clock, RSA_KEY, "RS256", "for-secrecy"))


async def test_never_a_shared_secret(desk: Desk, issuer: Issuer) -> None:
    await refused(desk, issuer.token(desk.clock, SECRET, "HS256", "shared"))
    claims = jwt.decode(issuer.token(desk.clock), options={"verify_signature": False})
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        public = RSA_KEY.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        await refused(desk, hand_signed(claims, public, kid="r1"))
    await refused(desk, issuer.token(desk.clock, "", "none", "r1"))


async def test_keys_are_fetched_once_and_again_for_an_unknown_one_at_most_once_a_minute(
    desk: Desk, issuer: Issuer
) -> None:
    for _ in range(20):
        await desk.accounts.caller_of(issuer.token(desk.clock))
    assert issuer.asked == 1
    issuer.keys.append({**issuer.keys[0], "kid": "r2"})
    for _ in range(20):
        await refused(desk, issuer.token(desk.clock, kid="r2"))
    assert issuer.asked == 1
    await desk.clock.advance(60)
    assert await desk.accounts.caller_of(issuer.token(desk.clock, kid="r2"))
    assert issuer.asked == 2


async def test_an_issuer_that_is_away(desk: Desk, issuer: Issuer) -> None:
    issuer.up = False
    with pytest.raises(Unavailable):
        await desk.accounts.caller_of(issuer.token(desk.clock))
    issuer.up = True
    await desk.clock.advance(60)
    assert await desk.accounts.caller_of(issuer.token(desk.clock))
    issuer.up = False
    await desk.clock.advance(3600)
    assert await desk.accounts.caller_of(issuer.token(desk.clock)), "the keys already known go on being used"


async def test_a_withdrawn_key_is_forgotten(desk: Desk, issuer: Issuer) -> None:
    await desk.accounts.caller_of(issuer.token(desk.clock))
    issuer.keys = issuer.keys[1:]
    await desk.clock.advance(15 * 60)
    await refused(desk, issuer.token(desk.clock))


async def test_logout_holds_for_tokens_without_a_number(desk: Desk, issuer: Issuer) -> None:
    token = issuer.token(desk.clock)
    caller = await desk.accounts.caller_of(token)
    await desk.accounts.logout(caller)
    await refused(desk, token)


async def test_keys_come_over_https_or_from_this_machine(issuer: Issuer) -> None:
    async with aiohttp.ClientSession() as session:
        for url in ("http://auth.example.org", "file:///etc", "http://127.0.0.1.example.org"):
            with pytest.raises(StartError):
                ExternalIssuer(ExternalConfig(url, "authenticated"), session, ManualClock())
