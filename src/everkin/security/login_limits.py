"""Limits on guessing passwords: by address, by account and by known device, each counted separately.

A known device (security/devices.py) has only its own limit, so that others cannot lock it out.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

from everkin.domain.cache import Limit, Refusal
from everkin.domain.errors import TooMany
from everkin.kit.clock import Clock
from everkin.security.addresses import address_key
from everkin.security.ports import Counts

_MINUTE = 60.0
WRONG_BY_ADDRESS, ADDRESS_SECONDS = 30, 10 * _MINUTE
WRONG_BY_DEVICE, DEVICE_SECONDS = 10, 15 * _MINUTE
REGISTERED_BY_ADDRESS, REGISTER_SECONDS = 300, 60 * _MINUTE
BAD_REFRESHES_BY_ADDRESS, REFRESH_SECONDS = 60, 5 * _MINUTE


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in with a password."""

    login: str
    """The login in its normal form."""
    address: str
    """The address as returned by `address_key`."""
    device: str = ""
    """The id of a known device; empty: an unknown one."""


class LoginLimits:
    """Counts failed attempts. Known and unknown logins are treated alike. Shared by all nodes if `counts` is; the
    growing delay of an account is counted by each node separately."""

    def __init__(self, counts: Counts, clock: Clock) -> None:
        self._counts = counts
        self._slow_down = SlowDown(clock)

    async def attempt(self, login: str, address: str, device: str) -> Attempt:
        """Return the attempt. A device that has used up its own attempts counts as unknown."""
        attempt = Attempt(login, address_key(address), device)
        if device and await self._counts.check(_by_device(device)) is not None:
            return replace(attempt, device="")
        return attempt

    async def check(self, attempt: Attempt) -> None:
        """Raise TooMany, with the seconds to wait, when this attempt is not allowed now. Counts no attempt."""
        limit = _by_device(attempt.device) if attempt.device else _by_address(attempt.address)
        if (refusal := await self._counts.check(limit)) is not None:
            raise _wrong_passwords(refusal)
        if not attempt.device:
            self._slow_down.check(attempt.login)

    async def begin(self, attempt: Attempt) -> None:
        """Count an attempt right before its password is checked, so that simultaneous guesses count too. Raises
        TooMany."""
        await self.check(attempt)
        if not attempt.device:
            self._slow_down.attempt(attempt.login)

    async def failed(self, attempt: Attempt) -> None:
        await self._counts.take(_by_device(attempt.device) if attempt.device else _by_address(attempt.address))

    def succeeded(self, attempt: Attempt) -> None:
        if not attempt.device:
            self._slow_down.succeeded(attempt.login)

    async def register(self, address: str) -> None:
        """Count a new account. Raises TooMany."""
        limit = Limit(f"register:address:{address_key(address)}", REGISTERED_BY_ADDRESS, REGISTER_SECONDS)
        if (refusal := await self._counts.take(limit)) is not None:
            raise _too_many("Too many accounts were made from your network.", refusal)

    async def refresh(self, address: str) -> None:
        """Check before an unknown refresh token is refused. Counts no attempt. Raises TooMany."""
        if (refusal := await self._counts.check(_bad_refreshes(address))) is not None:
            raise _too_many("Too many expired sign-ins from your network.", refusal)

    async def refresh_failed(self, address: str) -> None:
        await self._counts.take(_bad_refreshes(address))


def _by_address(address: str) -> Limit:
    return Limit(f"login:address:{address}", WRONG_BY_ADDRESS, ADDRESS_SECONDS)


def _by_device(device: str) -> Limit:
    return Limit(f"login:device:{device}", WRONG_BY_DEVICE, DEVICE_SECONDS)


def _bad_refreshes(address: str) -> Limit:
    return Limit(f"refresh:address:{address_key(address)}", BAD_REFRESHES_BY_ADDRESS, REFRESH_SECONDS)


def _wrong_passwords(refusal: Refusal) -> TooMany:
    return _too_many("Too many wrong passwords came from your network.", refusal)


def _too_many(what: str, refusal: Refusal) -> TooMany:
    wait = max(1, round(refusal.wait))
    return TooMany(f"{what} Try again in {wait} seconds.", retry_after=wait)


@dataclass(slots=True)
class _Tries:
    count: int
    """Attempts without a success."""
    until: float
    """When the next attempt is allowed (monotonic seconds)."""
    last: float
    """When the last attempt was made (monotonic seconds)."""


class SlowDown:
    """After five wrong passwords for a login the next attempt waits 1 s, then 2, 4... up to a minute; reset after an
    hour without an attempt. Keeps the 10 000 logins tried last, known or not, so that neither memory nor an answer
    reveals which logins exist."""

    FREE, LONGEST_WAIT, REMEMBERED, FORGOTTEN_AFTER = 5, 60.0, 10_000, 3600.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def check(self, login: str) -> None:
        """Raise TooMany, with the seconds to wait, when the next attempt comes too early."""
        known = self._tries.get(login)
        if known and (wait := known.until - self._clock.monotonic()) > 0:
            raise TooMany("Too many wrong passwords. Wait a moment, then try again.", retry_after=round(wait, 1))

    def attempt(self, login: str) -> None:
        """Check and count an attempt. Raises TooMany."""
        self.check(login)
        now = self._clock.monotonic()
        known = self._tries.get(login)
        count = known.count + 1 if known and now - known.last < self.FORGOTTEN_AFTER else 1
        wait = min(2.0 ** (count - self.FREE), self.LONGEST_WAIT) if count >= self.FREE else 0.0
        self._tries[login] = _Tries(min(count, 32), now + wait, now)
        self._tries.move_to_end(login)
        while len(self._tries) > self.REMEMBERED:
            self._tries.popitem(last=False)

    def succeeded(self, login: str) -> None:
        self._tries.pop(login, None)
