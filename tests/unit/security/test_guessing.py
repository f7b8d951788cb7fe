"""Logins under attack: limits by address, by account and by known device, each apart."""

import asyncio
from collections import Counter

import pytest
from accounts_in_memory import PASSWORD, SECRET, Desk

from everkin.domain.errors import Busy, EverkinError, Invalid, TooMany, Unauthenticated
from everkin.kit.clock import settle
from everkin.security.accounts import AccountsConfig
from everkin.security.addresses import address_key
from everkin.security.hashing_queue import RUNNING
from everkin.security.login_limits import (
    ADDRESS_SECONDS,
    BAD_REFRESHES_BY_ADDRESS,
    REGISTERED_BY_ADDRESS,
    WRONG_BY_ADDRESS,
    WRONG_BY_DEVICE,
    SlowDown,
)

HOME, ELSEWHERE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
async def desk() -> Desk:
    desk = Desk(signup=True)
    await desk.accounts.add_user("robin", PASSWORD, "Robin")
    return desk


async def device_of(desk: Desk, login: str = "robin") -> str:
    return (await desk.accounts.login(login, PASSWORD, address=HOME)).device


async def guess(desk: Desk, login: str = "robin", address: str = ELSEWHERE, device: str = "") -> type[EverkinError]:
    with pytest.raises(EverkinError) as wrong:
        await desk.accounts.login(login, "a wrong guess", address=address, device=device)
    return wrong.type


@pytest.mark.parametrize("addresses", [1, 30, 150])
async def test_150_guessers_at_once_do_not_keep_a_known_device_waiting(desk: Desk, addresses: int) -> None:
    device = await device_of(desk)
    guesses = [
        asyncio.ensure_future(guess(desk, f"login-{number}", f"198.51.100.{number % addresses}"))
        for number in range(150)
    ]
    await settle(3)
    before = desk.hasher.checked
    pair = await desk.accounts.login("robin", PASSWORD, address="198.51.100.0", device=device)
    assert pair.user.password_hash in desk.hasher.seen[before : before + RUNNING + 1], "next after those under way"
    ends = Counter(await asyncio.gather(*guesses))
    assert ends[Busy] > 0
    assert set(ends) <= {Busy, Unauthenticated, TooMany}


async def test_20_wrong_tries_from_elsewhere_do_not_stop_the_right_password_on_a_known_device(desk: Desk) -> None:
    device = await device_of(desk)
    for _ in range(20):
        await guess(desk)
    assert await guess(desk) is TooMany
    assert await desk.accounts.login("robin", PASSWORD, address=HOME, device=device)
    with pytest.raises(TooMany):
        await desk.accounts.login("robin", PASSWORD, address=HOME)


async def test_a_new_device_gets_in_within_a_minute_of_an_attack(desk: Desk) -> None:
    for number in range(100):
        await guess(desk, address=f"198.51.100.{number}")
        await desk.clock.advance(61)
    await guess(desk, address="198.51.100.200")
    with pytest.raises(TooMany) as slowed:
        await desk.accounts.login("robin", PASSWORD, address=HOME)
    assert slowed.value.retry_after is not None
    assert slowed.value.retry_after <= SlowDown.LONGEST_WAIT == 60
    await desk.clock.advance(slowed.value.retry_after)
    assert await desk.accounts.login("robin", PASSWORD, address=HOME)


async def test_an_account_left_alone_for_an_hour_is_slow_no_longer(desk: Desk) -> None:
    for _ in range(12):
        await guess(desk)
        await desk.clock.advance(61)
    await desk.clock.advance(3600)
    for _ in range(4):
        assert await guess(desk, address=HOME) is Unauthenticated
    assert await desk.accounts.login("robin", PASSWORD, address=HOME)


async def test_an_address_that_guesses_is_refused_alone_and_for_a_while(desk: Desk) -> None:
    for number in range(WRONG_BY_ADDRESS):
        assert await guess(desk, f"login-{number}") is Unauthenticated
    checked = desk.hasher.checked
    with pytest.raises(TooMany) as refused:
        await desk.accounts.login("robin", PASSWORD, address=ELSEWHERE)
    assert desk.hasher.checked == checked
    assert refused.value.retry_after == ADDRESS_SECONDS
    assert await desk.accounts.login("robin", PASSWORD, address=HOME)
    await desk.clock.advance(ADDRESS_SECONDS)
    assert await desk.accounts.login("robin", PASSWORD, address=ELSEWHERE)


async def test_behind_a_proxy_nobody_told_of_a_known_device_still_gets_in(desk: Desk) -> None:
    device = await device_of(desk)
    for number in range(WRONG_BY_ADDRESS + 5):
        await guess(desk, f"login-{number}", address="127.0.0.1")
    for _ in range(7):
        await guess(desk, address="127.0.0.1")
    assert await desk.accounts.login("robin", PASSWORD, address="127.0.0.1", device=device)


@pytest.mark.parametrize("login", ["robin", "nobody"])
async def test_known_and_unknown_logins_are_answered_alike(desk: Desk, login: str) -> None:
    other = await device_of(desk)
    told = []
    for number in range(12):
        device = other if login == "nobody" else "no token"
        before = desk.hasher.checked
        with pytest.raises(EverkinError) as wrong:
            await desk.accounts.login(login, "a wrong guess", address=f"198.51.100.{number}", device=device)
        told.append((wrong.value.code, wrong.value.sentence, wrong.value.retry_after, desk.hasher.checked - before))
    wrong_pair = ("unauthenticated", "The login or the password is wrong.", None, 1)
    slowed = ("rate_limited", "Too many wrong passwords. Wait a moment, then try again.", 1.0, 0)
    assert told == [wrong_pair] * 5 + [slowed] * 7


async def test_a_stolen_device_token_buys_a_few_guesses_only(desk: Desk) -> None:
    device = await device_of(desk)
    for _ in range(WRONG_BY_DEVICE):
        assert await guess(desk, device=device) is Unauthenticated
    ends = [await guess(desk, device=device) for _ in range(8)]
    assert ends == [Unauthenticated] * 5 + [TooMany] * 3, "as a stranger's"


async def test_guesses_sent_at_once_do_not_pass_a_limit_together(desk: Desk) -> None:
    device = await device_of(desk)
    for known, most in ((device, WRONG_BY_DEVICE), ("", WRONG_BY_ADDRESS)):
        before = desk.hasher.checked
        await asyncio.gather(
            *(guess(desk, "robin" if known else f"{number}", device=known) for number in range(66)),
        )
        assert desk.hasher.checked - before < most + RUNNING


async def test_a_device_is_known_to_one_person_only(desk: Desk) -> None:
    await desk.accounts.add_user("kim", PASSWORD)
    kims = await device_of(desk, "kim")
    for _ in range(5):
        await guess(desk, device=kims)
    assert await guess(desk, device=kims) is TooMany


async def test_a_new_password_makes_every_device_a_stranger(desk: Desk) -> None:
    device = await device_of(desk)
    await desk.accounts.set_password("robin", "another heron, louder")
    for _ in range(5):
        await guess(desk)
    with pytest.raises(TooMany):
        await desk.accounts.login("robin", "another heron, louder", address=HOME, device=device)


async def test_a_device_stays_known_while_it_is_used(desk: Desk) -> None:
    device = await device_of(desk)
    for _ in range(3):
        await desk.clock.advance(300 * 24 * 3600)
        device = (await desk.accounts.login("robin", PASSWORD, device=device)).device
    await desk.clock.advance(400 * 24 * 3600)
    for _ in range(5):
        await guess(desk)
    with pytest.raises(TooMany):
        await desk.accounts.login("robin", PASSWORD, address=HOME, device=device)


async def test_another_node_knows_the_device(desk: Desk) -> None:
    device = await device_of(desk)
    elsewhere = desk.another()
    foreign = desk.another(AccountsConfig(SECRET[::-1]))
    for node in (elsewhere, foreign):
        for _ in range(5):
            with pytest.raises(Unauthenticated):
                await node.login("robin", "a wrong guess", address=ELSEWHERE)
    assert await elsewhere.login("robin", PASSWORD, address=HOME, device=device)
    with pytest.raises(TooMany):
        await foreign.login("robin", PASSWORD, address=HOME, device=device)


@pytest.mark.parametrize("device", ["", "x", "é", "\ud800", "A" * 80, "====", "AAAA"])
async def test_what_is_no_device_token_is_a_strangers(desk: Desk, device: str) -> None:
    assert await desk.accounts.login("robin", PASSWORD, device=device)
    assert await guess(desk, device=device) is Unauthenticated


async def test_what_cannot_be_a_password_counts_against_nobody(desk: Desk) -> None:
    for _ in range(20):
        with pytest.raises(Invalid):
            await desk.accounts.login("robin", "a\0b", address=ELSEWHERE)
    assert await desk.accounts.login("robin", PASSWORD, address=ELSEWHERE)


async def test_accounts_made_by_one_address_are_limited(desk: Desk) -> None:
    for number in range(REGISTERED_BY_ADDRESS):
        await desk.accounts.register(f"login-{number}", PASSWORD, address=ELSEWHERE)
    with pytest.raises(TooMany):
        await desk.accounts.register("one-more", PASSWORD, address=ELSEWHERE)
    pair = await desk.accounts.register("kim", PASSWORD, address=HOME)
    for _ in range(5):
        await guess(desk, "kim")
    assert await desk.accounts.login("kim", PASSWORD, address=HOME, device=pair.device)


async def test_made_up_refresh_tokens_are_limited_by_address_and_ours_are_looked_at(desk: Desk) -> None:
    pair = await desk.accounts.login("robin", PASSWORD, address=HOME)
    for number in range(BAD_REFRESHES_BY_ADDRESS):
        with pytest.raises(Unauthenticated):
            await desk.accounts.refresh(f"{number}.x", address=ELSEWHERE)
    with pytest.raises(TooMany):
        await desk.accounts.refresh("one.more", address=ELSEWHERE)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh("one.more", address=HOME)
    second = await desk.accounts.refresh(pair.refresh, address=ELSEWHERE)
    for copied in (pair.refresh, second.refresh):
        with pytest.raises(Unauthenticated):
            await desk.accounts.refresh(copied, address=ELSEWHERE)


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x" * 1000, "x" * 64),
    ],
)
def test_what_an_address_counts_as(host: str, key: str) -> None:
    assert address_key(host) == key
