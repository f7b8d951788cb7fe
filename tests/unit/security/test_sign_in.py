"""Signing in, staying in, signing out."""

import pytest
from accounts_in_memory import PASSWORD, SECRET, Desk

from everkin.domain.caller import Role
from everkin.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    StartError,
    StorageUnavailable,
    TooMany,
    Unauthenticated,
)
from everkin.security.accounts import AccountsConfig


@pytest.fixture
async def desk() -> Desk:
    desk = Desk(signup=True)
    await desk.accounts.add_user("Robin", PASSWORD, "Robin G.")
    return desk


async def test_login_without_regard_to_case_or_keyboard(desk: Desk) -> None:
    assert (await desk.accounts.login(" ROBIN ", PASSWORD)).user.name == "Robin G."
    await desk.accounts.add_user("ines", "contraseña larga")
    assert (await desk.accounts.login("ines", "contrasen\u0303a larga")).user.login == "ines"


async def test_an_unknown_login_costs_a_check_like_a_known_one(desk: Desk) -> None:
    for login in ("robin", "nobody"):
        before = desk.hasher.checked
        with pytest.raises(Unauthenticated) as wrong:
            await desk.accounts.login(login, "not the password")
        assert desk.hasher.checked == before + 1
        assert wrong.value.sentence == "The login or the password is wrong."


async def test_the_owner_has_no_password_to_guess(desk: Desk) -> None:
    await desk.accounts.ensure_owner()
    with pytest.raises(Unauthenticated):
        await desk.accounts.login("owner", "nobody's password")


@pytest.mark.parametrize("login", ["\ud800", "a\0b", "x" * 10_000, ""])
async def test_a_login_that_is_no_text_is_only_wrong(desk: Desk, login: str) -> None:
    with pytest.raises(Unauthenticated):
        await desk.accounts.login(login, PASSWORD)


async def test_guessing_slows_down_and_time_forgives(desk: Desk) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await desk.accounts.login("robin", "a wrong guess")
    checked = desk.hasher.checked
    with pytest.raises(TooMany) as slowed:
        await desk.accounts.login("robin", PASSWORD)
    assert desk.hasher.checked == checked
    assert slowed.value.retry_after == 1.0
    await desk.clock.advance(1)
    assert await desk.accounts.login("robin", PASSWORD)
    assert await desk.accounts.login("robin", PASSWORD)


async def test_an_unknown_login_slows_down_alike(desk: Desk) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await desk.accounts.login("nobody", "a wrong guess")
    with pytest.raises(TooMany):
        await desk.accounts.login("nobody", "a wrong guess")


async def test_the_wait_is_never_longer_than_a_minute(desk: Desk) -> None:
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await desk.accounts.login("robin", "a wrong guess")
        await desk.clock.advance(60)
    assert await desk.accounts.login("robin", PASSWORD)


@pytest.mark.parametrize(
    ("login", "password"),
    [("mia", "abc12"), ("mia", "aaaaaaaaaa"), ("miamiamia", "MiaMiaMia"), ("mia", "x" * 257), ("mia", "abc\0defghi")],
)
async def test_a_weak_password_is_named(desk: Desk, login: str, password: str) -> None:
    with pytest.raises(Invalid) as weak:
        await desk.accounts.register(login, password)
    assert weak.value.field == "password"
    assert password not in weak.value.sentence


async def test_a_login_is_one_persons(desk: Desk) -> None:
    with pytest.raises(Conflict):
        await desk.accounts.register("ＲＯＢＩＮ", PASSWORD)
    with pytest.raises(Conflict):
        await desk.accounts.register("owner", PASSWORD)
    with pytest.raises(Invalid):
        await desk.accounts.register("robin <b>", PASSWORD)


async def test_strangers_only_where_they_are_welcome() -> None:
    with pytest.raises(Forbidden):
        await Desk(signup=False).accounts.register("mia", PASSWORD)
    assert (await Desk(signup=True).accounts.register("mia", PASSWORD)).user.role is Role.USER


async def test_refresh_goes_on_from_pair_to_pair(desk: Desk) -> None:
    first = await desk.accounts.login("robin", PASSWORD)
    second = await desk.accounts.refresh(first.refresh)
    third = await desk.accounts.refresh(second.refresh)
    assert len({first.access, second.access, third.access}) == 3
    assert (await desk.accounts.caller_of(third.access)).user_id == first.user.id
    assert not any(pair.refresh in desk.tokens.refresh for pair in (first, second, third))


async def test_a_refresh_token_used_twice_ends_the_whole_sign_in(desk: Desk) -> None:
    other = await desk.accounts.login("robin", PASSWORD)
    first = await desk.accounts.login("robin", PASSWORD)
    second = await desk.accounts.refresh(first.refresh)
    thief = await desk.accounts.caller_of(second.access)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(first.refresh)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(second.refresh)
    assert not await desk.accounts.still_valid(thief)
    assert await desk.accounts.caller_of(other.access)


async def test_a_refresh_token_ends(desk: Desk) -> None:
    pair = await desk.accounts.login("robin", PASSWORD)
    await desk.clock.advance(30 * 24 * 3600)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(pair.refresh)


@pytest.mark.parametrize("refresh", ["", "x", "a.b", "\ud800", "é"])
async def test_what_is_no_refresh_token(desk: Desk, refresh: str) -> None:
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(refresh)


async def test_logout_ends_every_token_of_the_sign_in_at_once(desk: Desk) -> None:
    first = await desk.accounts.login("robin", PASSWORD)
    second = await desk.accounts.refresh(first.refresh)
    callers = [await desk.accounts.caller_of(pair.access) for pair in (first, second)]
    await desk.accounts.logout(callers[1])
    assert not any([await desk.accounts.still_valid(caller) for caller in callers])
    with pytest.raises(Unauthenticated):
        await desk.accounts.caller_of(first.access)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(second.refresh)


async def test_another_node_feels_a_logout_within_seconds(desk: Desk) -> None:
    elsewhere = desk.another()
    pair = await desk.accounts.login("robin", PASSWORD)
    caller = await elsewhere.caller_of(pair.access)
    await desk.accounts.logout(caller)
    await desk.clock.advance(3)
    assert not await elsewhere.still_valid(caller)


async def test_a_thousand_sockets_ask_the_record_once_in_seconds(desk: Desk) -> None:
    callers = [await desk.accounts.caller_of((await desk.accounts.login("robin", PASSWORD)).access) for _ in range(50)]
    asked = desk.users.asked + desk.tokens.asked
    for _ in range(6):
        for caller in callers * 20:
            assert await desk.accounts.still_valid(caller)
        await desk.clock.advance(1)
    assert desk.users.asked + desk.tokens.asked - asked <= 2, "6 seconds"


async def test_what_the_record_cannot_answer_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = await desk.accounts.login("robin", PASSWORD)

    async def gone(now: object) -> frozenset[str]:
        raise StorageUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(desk.tokens, "denials", gone)
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                await desk.accounts.caller_of(pair.access)
    assert await desk.accounts.caller_of(pair.access)


async def test_who_is_switched_off_or_gone_is_out_before_long(desk: Desk) -> None:
    pair = await desk.accounts.login("robin", PASSWORD)
    caller = await desk.accounts.caller_of(pair.access)
    desk.users.switch_off(caller.user_id)
    await desk.clock.advance(30)
    assert not await desk.accounts.still_valid(caller)
    with pytest.raises(Unauthenticated):
        await desk.accounts.login("robin", PASSWORD)
    with pytest.raises(Unauthenticated):
        await desk.accounts.refresh(pair.refresh)
    del desk.users.by_id[caller.user_id]
    await desk.clock.advance(30)
    with pytest.raises(Unauthenticated):
        await desk.accounts.caller_of(pair.access)


async def test_expired_denials_are_forgotten(desk: Desk) -> None:
    pair = await desk.accounts.login("robin", PASSWORD)
    await desk.accounts.logout(await desk.accounts.caller_of(pair.access))
    assert await desk.accounts.forget_expired() == 0
    await desk.clock.advance(17 * 60)
    assert await desk.accounts.forget_expired() == 2


async def test_a_new_password_ends_what_the_old_one_began(desk: Desk) -> None:
    before = await desk.accounts.login("robin", PASSWORD)
    await desk.accounts.set_password("Robin", "another heron, louder")
    for attempt in (desk.accounts.login("robin", PASSWORD), desk.accounts.refresh(before.refresh)):
        with pytest.raises(Unauthenticated):
            await attempt
    with pytest.raises(Unauthenticated):
        await desk.accounts.caller_of(before.access)
    after = await desk.accounts.login("robin", "another heron, louder")
    assert await desk.accounts.caller_of(after.access)
    with pytest.raises(NotFound):
        await desk.accounts.set_password("nobody", PASSWORD)


async def test_the_first_run_owner_is_made_once() -> None:
    desk = Desk()
    first, second = await desk.accounts.owner_tokens(), await desk.another().owner_tokens()
    assert first.user == second.user
    assert first.user.role is Role.OWNER
    assert first.user.password_hash is None


async def test_a_token_for_scripts_lives_as_long_as_asked() -> None:
    desk = Desk()
    pair = await desk.accounts.owner_tokens(minutes=24 * 60)
    assert pair.expires_at == desk.clock.now() + 24 * 3600_000
    with pytest.raises(Invalid):
        await desk.accounts.owner_tokens(minutes=24 * 60 + 1)


@pytest.mark.parametrize("bad", [{"secret": b"short"}, {"access_minutes": 16}, {"access_minutes": 0}])
def test_no_start_with_weak_settings(bad: dict[str, object]) -> None:
    with pytest.raises(StartError):
        AccountsConfig(**{"secret": SECRET, **bad})  # type: ignore[arg-type]
