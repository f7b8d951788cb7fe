"""Messages sent again under the client id of an earlier try: the answer is the message that was stored then.

A resend is recognised by the record when it is appended, which costs a first send nothing. Only where a send is refused the
record is asked beforehand whether it was accepted earlier. A resend counts towards no limit.
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
    def __init__(self, messages: Messages, rates: Allowance, clock: Clock) -> None:
        self._messages = messages
        self._rates = rates
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, sent: SentMessage, send: Callable[[str], Coroutine[Any, Any, Appended]]) -> Appended:
        """What `send` returns, given the mark under which the message is to count. Where it refuses, the message of an
        earlier try that was accepted; sends of one key wait for each other, so that none of them is refused while another
        is being stored. The refusals of `send`; KeyReused."""
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
        """The message of an earlier try, as it is now. NotFound; KeyReused."""
        return await self._messages.find_sent(sent) if sent.client_id is not None else None

    def _is_counted_no_more(self, appended: Appended) -> bool:
        """A message counts for a minute. What counts under its mark later than that is a resend."""
        return self._clock.now() - appended.message.created_at >= WINDOW_SECONDS * 1000


def _mark(*key: str) -> str:
    return hashlib.blake2b("\0".join(key).encode(), digest_size=12).hexdigest()
