"""Passwords: argon2id, and a slow-down for whoever guesses."""

import asyncio
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from everkin.domain.errors import Busy, Invalid, TooMany
from everkin.kit.clock import Clock

P = ParamSpec("P")
R = TypeVar("R")

SHORTEST, LONGEST = 8, 256
_WAITING_AT_MOST = 64


class Passwords:
    """Hashing takes 64 MiB and some 50 ms of a core, so at most two run at once, off the event loop, and few may wait."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = asyncio.Semaphore(2)
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(self._hash, _normal(password))

    async def verify(self, known: str | None, password: str) -> bool:
        """`known` None (no such user, or no password): as slow as a real check, and False."""
        return await self._run(self._verify, known, _normal(password))

    def outdated(self, known: str) -> bool:
        """Whether `known` was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    async def _run(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        if self._waiting >= _WAITING_AT_MOST:
            raise Busy("Too many people are signing in at once. Try again in a moment.", retry_after=2)
        self._waiting += 1
        try:
            async with self._gate:
                return await asyncio.to_thread(work, *arguments, **named)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def _verify(self, known: str | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(known or self._decoy, password)
        except (Argon2Error, InvalidHashError):
            return False
        return known is not None


def check_password(password: str, login: str) -> None:
    """Invalid, with what to change, for a password that is too easy."""
    text = _normal(password)
    if len(text) < SHORTEST:
        raise Invalid(
            f"The password is too short: use {SHORTEST} characters or more.", field="password", limit=SHORTEST
        )
    if text.casefold() == login.casefold() or len(set(text)) < 3:
        raise Invalid(
            "The password is too easy to guess. Use a few words that mean something to you.", field="password"
        )


def _normal(password: str) -> str:
    """The same password typed on another keyboard may arrive in another Unicode form."""
    if len(password) > LONGEST:
        raise Invalid(f"The password is longer than {LONGEST} characters.", field="password", limit=LONGEST)
    text = unicodedata.normalize("NFKC", password)
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid("The password holds a character that cannot be typed.", field="password")
    return text


@dataclass(slots=True)
class _Failures:
    count: int
    until: float


class SlowDown:
    """After five wrong passwords for a login the next try waits 1 s, then 2, 4... up to a minute. Remembers the 10 000
    logins tried last, known or not, so that neither memory nor an answer tells who has an account."""

    FREE, LONGEST_WAIT, REMEMBERED = 5, 60.0, 10_000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def attempt(self, login: str) -> None:
        """Called before a password is checked, so that guesses made at the same time count too. TooMany, with the seconds to
        wait."""
        known = self._failures.get(login)
        if known and (wait := known.until - self._clock.monotonic()) > 0:
            raise TooMany("Too many wrong passwords. Wait a moment, then try again.", retry_after=round(wait, 1))
        count = known.count + 1 if known else 1
        wait = min(2.0 ** (count - self.FREE), self.LONGEST_WAIT) if count >= self.FREE else 0.0
        self._failures[login] = _Failures(min(count, 32), self._clock.monotonic() + wait)
        self._failures.move_to_end(login)
        while len(self._failures) > self.REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, login: str) -> None:
        self._failures.pop(login, None)
