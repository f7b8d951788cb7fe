"""Resends: a message sent again under the client id of an earlier attempt returns the message stored then.

The database recognises a resend when it is appended, so a first send costs no extra query. Only when a send is refused
is the database asked whether an earlier attempt was accepted. A resend counts towards no limit.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from everkin.domain.errors import EverkinError, KeyReused, NotFound
from everkin.domain.record import Appended, SentMessage
from everkin.domain.repositories import Messages
from everkin.kit.clock import Clock
from everkin.turn.limits import WINDOW_SECONDS, Allowance


class Resends:
    """Makes sends with a client id idempotent."""

    def __init__(self, messages: Messages, rates: Allowance, clock: Clock) -> None:
        self._messages = messages
        self._rates = rates
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, sent: SentMessage, send: Callable[[str], Coroutine[Any, Any, Appended]]) -> Appended:
        """Call `send` with the mark under which the message counts towards limits and return its result.

        If `send` refuses, return the message of an earlier accepted attempt instead. Sends with the same key wait for
        each other, so that none is refused while another is being stored. Raises KeyReused and the errors of `send`.
        """
        if sent.client_id is None:
            return await send("")
        mark = _mark(sent.user_id, sent.conversation_id, sent.client_id)
        async with self._locks.setdefault(mark, asyncio.Lock()):
            try:
                appended = await send(mark)
            except (KeyReused, NotFound):
                raise
            except EverkinError:
                known = await self.find(sent)
                if known is None:
                    raise
                appended = known
            if appended.duplicate and self._is_counted_no_more(appended):
                await self._rates.give_back(sent.user_id, mark)
            return appended

    async def find(self, sent: SentMessage) -> Appended | None:
        """Return the message of an earlier attempt in its current state, or None. Raises NotFound, KeyReused."""
        return await self._messages.find_sent(sent) if sent.client_id is not None else None

    def _is_counted_no_more(self, appended: Appended) -> bool:
        """Whether the message is older than the window of one minute: a count under its mark is then a resend's."""
        return self._clock.now() - appended.message.created_at >= WINDOW_SECONDS * 1000


def _mark(*key: str) -> str:
    return hashlib.blake2b("\0".join(key).encode(), digest_size=12).hexdigest()
