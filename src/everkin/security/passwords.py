"""Hashing of passwords with argon2id, and their rules."""

import asyncio
import unicodedata
from contextlib import AbstractAsyncContextManager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from everkin.domain.errors import Invalid
from everkin.security.hashing_queue import Applicant, HashingQueue

SHORTEST, LONGEST = 8, 256


class Passwords:
    """Hashes and verifies passwords. A hash takes 64 MiB and some 50 ms of a core; it is computed outside the event
    loop, within a `turn` only."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._queue = HashingQueue()
        self._decoy: str | None = None

    def turn(self, applicant: Applicant) -> AbstractAsyncContextManager[None]:
        """Entered when the applicant may hash. Raises Busy."""
        return self._queue.turn(applicant)

    async def hash(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, normal_password(password))

    async def verify(self, known: str | None, password: str) -> bool:
        """Verify a password. `known` None (no such user, or no password): as slow as a real check, and False."""
        return await asyncio.to_thread(self._verify, known, normal_password(password))

    def outdated(self, known: str) -> bool:
        """Whether `known` was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    def _verify(self, known: str | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(known or self._decoy, password)
        except (Argon2Error, InvalidHashError):
            return False
        return known is not None


def check_password(password: str, login: str) -> None:
    """Raise Invalid, with how to improve it, for a password that is too easy."""
    text = normal_password(password)
    if len(text) < SHORTEST:
        raise Invalid(
            f"The password is too short: use {SHORTEST} characters or more.", field="password", limit=SHORTEST
        )
    if text.casefold() == login.casefold() or len(set(text)) < 3:
        raise Invalid(
            "The password is too easy to guess. Use a few words that mean something to you.", field="password"
        )


def normal_password(password: str) -> str:
    """Normalize a password: typed on another keyboard it may arrive in another Unicode form. Raises Invalid for text
    that cannot be a password."""
    if len(password) > LONGEST:
        raise Invalid(f"The password is longer than {LONGEST} characters.", field="password", limit=LONGEST)
    text = unicodedata.normalize("NFKC", password)
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid("The password holds a character that cannot be typed.", field="password")
    return text
