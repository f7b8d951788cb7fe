"""How often passwords may be guessed: by address, by account and by known device, each counted apart.

A known device (security/devices.py) is held by its own limit alone, so that nobody else can shut it out.
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
    """One try of a password."""

    login: str
    """In its normal form."""
    address: str
    """As `address_key` gives it."""
    device: str = ""
    """The id of a known device; empty: a stranger's."""


class LoginLimits:
    """Counts what went wrong. Known and unknown logins are treated alike. Shared by all nodes where `counts` is; the growing
    wait of an account is each node's own."""

    def __init__(self, counts: Counts, clock: Clock) -> None:
        self._counts = counts
        self._slow_down = SlowDown(clock)

    async def attempt(self, login: str, address: str, device: str) -> Attempt:
        """A device that has used up its own tries counts as a stranger's."""
        attempt = Attempt(login, address_key(address), device)
        if device and await self._counts.check(_by_device(device)) is not None:
            return replace(attempt, device="")
        return attempt

    async def check(self, attempt: Attempt) -> None:
        """TooMany, with the seconds to wait, when this may not be tried now. Counts nothing."""
        limit = _by_device(attempt.device) if attempt.device else _by_address(attempt.address)
        if (refusal := await self._counts.check(limit)) is not None:
            raise _wrong_passwords(refusal)
        if not attempt.device:
            self._slow_down.check(attempt.login)

    async def begin(self, attempt: Attempt) -> None:
        """Called right before a password is checked, so that guesses made at the same time count too. TooMany."""
        await self.check(attempt)
        if not attempt.device:
            self._slow_down.attempt(attempt.login)

    async def failed(self, attempt: Attempt) -> None:
        await self._counts.take(_by_device(attempt.device) if attempt.device else _by_address(attempt.address))

    def succeeded(self, attempt: Attempt) -> None:
        if not attempt.device:
            self._slow_down.succeeded(attempt.login)

    async def register(self, address: str) -> None:
        """Counts a new account. TooMany."""
        limit = Limit(f"register:address:{address_key(address)}", REGISTERED_BY_ADDRESS, REGISTER_SECONDS)
        if (refusal := await self._counts.take(limit)) is not None:
            raise _too_many("Too many accounts were made from your network.", refusal)

    async def refresh(self, address: str) -> None:
        """Before a refresh token that is none of ours is refused. Counts nothing. TooMany."""
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
    until: float
    """Monotonic seconds: when the next may be made."""
    last: float


class SlowDown:
    """After five wrong passwords for a login the next try waits 1 s, then 2, 4... up to a minute; forgotten after an hour
    without a try. Remembers the 10 000 logins tried last, known or not, so that neither memory nor an answer tells who has
    an account."""

    FREE, LONGEST_WAIT, REMEMBERED, FORGOTTEN_AFTER = 5, 60.0, 10_000, 3600.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def check(self, login: str) -> None:
        """TooMany, with the seconds to wait."""
        known = self._tries.get(login)
        if known and (wait := known.until - self._clock.monotonic()) > 0:
            raise TooMany("Too many wrong passwords. Wait a moment, then try again.", retry_after=round(wait, 1))

    def attempt(self, login: str) -> None:
        """Checks and counts."""
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
