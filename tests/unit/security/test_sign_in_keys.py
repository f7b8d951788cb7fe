"""Sign-in keys: genuine, in time, of this house, and once."""

import asyncio
import base64

import pytest
from accounts_in_memory import SECRET, Desk

from everkin.domain.errors import Unauthenticated
from everkin.security.sign_in_keys import SignInKeys


def test_a_key_says_when_it_expires_and_no_two_are_alike() -> None:
    desk = Desk()
    keys = desk.accounts.sign_in_keys
    first, second = keys.issue(60), keys.issue(60)
    assert keys.read(first).expires_at == desk.clock.now() + 60_000
    assert keys.read(first).id != keys.read(second).id
    assert len(first) <= 48, "it has to fit into a printed address"


async def test_it_expires() -> None:
    desk = Desk()
    key = desk.accounts.sign_in_keys.issue(60)
    await desk.clock.advance(59)
    desk.accounts.sign_in_keys.read(key)
    await desk.clock.advance(1)
    with pytest.raises(Unauthenticated, match=r"has expired\. Run `everkin link`"):
        desk.accounts.sign_in_keys.read(key)


def test_one_of_another_house_and_one_that_was_changed_open_nothing() -> None:
    desk = Desk()
    keys = desk.accounts.sign_in_keys
    stranger = SignInKeys(b"another secret of thirty-two byte", desk.tokens, desk.clock)
    raw = bytearray(base64.urlsafe_b64decode(keys.issue(60)))
    changed = []
    for at in range(len(raw)):
        other = raw.copy()
        other[at] ^= 1
        changed.append(base64.urlsafe_b64encode(other).decode())
    for forged in (stranger.issue(60), *changed, keys.issue(60)[:-1], keys.issue(60) + "AAAA", "ü", "\ud800", "a b"):
        with pytest.raises(Unauthenticated, match="not a sign-in key"):
            keys.read(forged)


async def test_it_works_once_on_all_nodes_and_after_a_restart() -> None:
    desk = Desk()
    here, there = desk.accounts.sign_in_keys, desk.another().sign_in_keys
    text = here.issue(60)
    tried = await asyncio.gather(
        *[keys.use(keys.read(text)) for keys in (here, there, here, there)], return_exceptions=True
    )
    assert [error for error in tried if error is None] == [None]
    restarted = SignInKeys(SECRET, desk.tokens, desk.clock)
    with pytest.raises(Unauthenticated, match=r"works once\. Run `everkin link`"):
        await restarted.use(restarted.read(text))


async def test_a_used_key_is_remembered_as_long_as_it_could_be_used() -> None:
    desk = Desk()
    keys = desk.accounts.sign_in_keys
    text = keys.issue(60)
    await keys.use(keys.read(text))
    await desk.clock.advance(59)
    await desk.accounts.forget_expired()
    with pytest.raises(Unauthenticated):
        await keys.use(keys.read(text))
