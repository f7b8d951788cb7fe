"""The deny-list: tokens, and whole sign-ins, that ended before they expired. Kept in memory, because every event checks
it."""

import asyncio

from everkin.domain.ids import Millis
from everkin.kit.clock import Clock
from everkin.security.ports import Tokens
from everkin.security.tokens import family_of

FRESH_SECONDS = 3.0
"""Denials of another node (or the command line) take effect after this time at the latest; this node's own at once."""


class Denials:
    """Reads the deny-list at most once in FRESH_SECONDS, however many tokens are checked."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._known: frozenset[str] = frozenset()
        self._own: dict[str, Millis] = {}
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def add(self, token_id: str, until: Millis) -> None:
        """Deny a token, or the sign-in it begins with. `until`: when the last of the denied tokens expires."""
        await self._tokens.deny(token_id, until)
        self._own[token_id] = until

    async def hold(self, token_id: str) -> bool:
        await self._ask_if_stale()
        family = family_of(token_id)
        return any(each in self._known or each in self._own for each in (token_id, family))

    async def _ask_if_stale(self) -> None:
        if self._is_fresh():
            return
        async with self._asking:
            if self._is_fresh():
                return
            asked_at, now = self._clock.monotonic(), self._clock.now()
            self._known = await self._tokens.denials(now)
            self._asked_at = asked_at
            self._own = {token_id: until for token_id, until in self._own.items() if until > now}

    def _is_fresh(self) -> bool:
        return self._asked_at is not None and self._clock.monotonic() - self._asked_at < FRESH_SECONDS
