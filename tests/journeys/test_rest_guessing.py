"""Guesses of many connections at the door, and people who sign in beside them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from everkin.domain.errors import StartError
from everkin.interfaces.sockets.chat import SocketConfig
from everkin.interfaces.web import WebConfig
from everkin.security.login_limits import BAD_REFRESHES_BY_ADDRESS
from tests.journeys.processes import ServerProcess
from tests.journeys.rest_house import PASSWORD, Answer, Client, RestHouse, open_rest_house

SCRIPTED = ("--model", "scripted")
PROXIED = WebConfig(trusted_proxies=("127.0.0.0/8",))


@pytest.fixture
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[RestHouse]:
    async with open_rest_house(tmp_path, getattr(request, "param", PROXIED)) as opened:
        await opened.app.accounts.add_user("robin", PASSWORD, "Robin")
        yield opened


async def sign_in(client: Client, login: str, password: str, forwarded: str = "", **more: Any) -> Answer:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return await client.post("auth/login", {"login": login, "password": password, **more}, headers=headers)


async def guess(client: Client, forwarded: str = "") -> Answer:
    """A refresh token nobody was given: as limited as passwords are, and cheap to refuse."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return await client.post("auth/refresh", {"refresh": "made.up"}, headers=headers)


async def spend(client: Client, forwarded: str = "") -> Answer:
    """All wrong tries of one address; the answer to one more."""
    for _ in range(BAD_REFRESHES_BY_ADDRESS):
        assert (await guess(client, forwarded)).status == 401
    return await guess(client, forwarded)


async def test_150_guessing_connections_and_a_person_on_a_known_device(house: RestHouse) -> None:
    device = (await sign_in(house.stranger, "robin", PASSWORD, "192.0.2.1")).body["device"]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        crowd = Client(session, house.url)
        guesses = [
            asyncio.ensure_future(sign_in(crowd, f"login-{number}", "a wrong guess", f"198.51.100.{number % 30}"))
            for number in range(150)
        ]
        await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
        answer = await sign_in(house.stranger, "robin", PASSWORD, "198.51.100.0", device=device)
        assert answer.status == 200
        assert {each.result().status for each in guesses if each.done()} == {401, 429}
        for each in guesses:
            each.cancel()


async def test_an_address_is_refused_alone_and_told_how_long(house: RestHouse) -> None:
    refused = await spend(house.stranger, "203.0.113.9")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["retry-after"] == str(refused.body["retryAfter"])
    assert (await guess(house.stranger, "10.9.9.9, 203.0.113.9")).status == 429, "the right-most counts"
    assert (await guess(house.stranger, "203.0.113.9, 10.9.9.9")).status == 401


@pytest.mark.parametrize("house", [WebConfig()], indirect=True)
async def test_nobody_is_believed_who_was_not_named(house: RestHouse) -> None:
    assert (await spend(house.stranger)).status == 429
    assert (await guess(house.stranger, "192.0.2.1")).status == 429, "not by inventing an address"


async def test_sockets_are_counted_by_the_address_a_trusted_proxy_tells(tmp_path: Path) -> None:
    config = WebConfig(trusted_proxies=("127.0.0.1",), sockets=SocketConfig(per_address=1))
    async with open_rest_house(tmp_path, config) as house:
        ends = [
            (await house.stranger.get("/socket.io/?EIO=4&transport=polling", headers={"x-forwarded-for": each})).status
            for each in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2")
        ]
    assert [status == 200 for status in ends] == [True, False, True, True, False]


async def test_a_forwarded_request_is_never_the_owners_own(house: RestHouse) -> None:
    for forwarded in ("127.0.0.1", "192.0.2.1", ""):
        answer = await house.stranger.post("auth/local", house.key(), headers={"x-forwarded-for": forwarded})
        assert (answer.status, answer.code) == (403, "forbidden")
    assert (await house.stranger.post("auth/local", house.key())).status == 200


@pytest.mark.parametrize("proxies", [("nginx",), ("10.0.0.1/8",), ("*",), ("10.0.0.0/8", "")])
async def test_a_proxy_that_is_no_address_is_refused_at_the_start(tmp_path: Path, proxies: tuple[str, ...]) -> None:
    with pytest.raises(StartError, match="TRUSTED_PROXIES"):
        async with open_rest_house(tmp_path, WebConfig(trusted_proxies=proxies)):
            pass


async def test_the_server_process_reads_the_setting(tmp_path: Path) -> None:
    """And no variable of the server library beneath it."""
    with ServerProcess(tmp_path, *SCRIPTED, cwd=tmp_path, FORWARDED_ALLOW_IPS="*") as server:
        async with aiohttp.ClientSession() as session:
            crowd = Client(session, server.url)
            assert (await spend(crowd)).status == 429
            assert (await guess(crowd, "192.0.2.1")).status == 429
    with ServerProcess(tmp_path, *SCRIPTED, cwd=tmp_path, TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8") as server:
        async with aiohttp.ClientSession() as session:
            crowd = Client(session, server.url)
            assert (await spend(crowd, "192.0.2.1, 10.1.2.3")).status == 429
            assert (await guess(crowd, "192.0.2.2")).status == 401
