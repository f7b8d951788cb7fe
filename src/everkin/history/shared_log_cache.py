"""The tier behind the hot copies that nodes share: `chat:{conversation}` in the cache, the packed log.

Order of a turn's end: the record first, the index second (by its own watermark), this last and off everybody's path. A copy
is believed only when its revision is the record's, so one that is old, broken or missing costs a reading and nothing more.
"""

import dataclasses
import logging
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec

from everkin.cache.port import CHAT, TTL_CHAT, TTL_CHAT_IDLE, Cache, chat_key
from everkin.domain.conversation import Conversation
from everkin.domain.errors import EverkinError, NotFound
from everkin.domain.ids import ConversationId, Millis
from everkin.domain.memory import Erased
from everkin.domain.message import Message, SenderType
from everkin.domain.record import Log
from everkin.domain.repositories import Revisions
from everkin.domain.turn import Turn
from everkin.history.log_codec import pack, unpack
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.hot")

PAUSE = 1.0
"""Seconds between two copies of one conversation; what happens in between is in the next one."""
MOST_WAITING = 4096
ACTIVE_MS = round(TTL_CHAT * 1000)

Current = Callable[[ConversationId, int], Awaitable[Log]]
"""The log as of this revision or a later one."""


class SharedHistoryCache:
    """`present`: whether somebody has a conversation open on this node.

    Counters: `hits`; `misses` (nothing there), `stale` (of another revision, or too short), `broken`, which all end in reading
    the record; `written`; `failures` of writing; `skipped`: not written because MOST_WAITING others waited."""

    def __init__(
        self,
        cache: Cache,
        counting: Revisions,
        clock: Clock,
        present: Callable[[ConversationId], bool] = lambda _: False,
    ) -> None:
        self.hits = self.misses = self.stale = self.broken = 0
        self.written = self.failures = self.skipped = 0
        self._cache = cache
        self._counting = counting
        self._clock = clock
        self._present = present
        self._current: Current | None = None
        self._lose: Callable[[ConversationId], None] | None = None
        self._waiting: OrderedDict[ConversationId, float] = OrderedDict()
        self._writing: ConversationId | None = None
        self._voided = False
        self._closed = False
        self._tasks = Tasks("shared logs")
        self._writer: object | None = None
        cache.watch(self._heard)

    def serve(self, current: Current, lose: Callable[[ConversationId], None]) -> None:
        """`current`: what is to be written; `lose`: drops what the process holds of a conversation whose copy was dropped
        by another node."""
        self._current, self._lose = current, lose

    async def close(self) -> None:
        """What is not yet written is read from the record by whoever needs it."""
        self._closed = True
        self._waiting.clear()
        await self._tasks.close()

    def figures(self) -> dict[str, float]:
        names = ("hits", "misses", "stale", "broken", "written", "failures", "skipped")
        return {f"shared_{name}": float(getattr(self, name)) for name in names}

    async def get(self, conversation_id: ConversationId, keep: int) -> Log | None:
        """A copy of the newest `keep` entries that is whole, or none. StorageUnavailable when the record cannot say."""
        packed = await self._cache.get(chat_key(conversation_id))
        if packed is None:
            self.misses += 1
            return None
        if (found := _read(packed, conversation_id)) is None:
            self.broken += 1
            return None
        revision = (await self._counting.revisions([conversation_id])).get(conversation_id)
        if found.conversation.revision != revision or (found.more and len(found.entries) < keep):
            self.stale += 1
            return None
        self.hits += 1
        more = found.more or len(found.entries) > keep
        return replace(found, entries=found.entries[-keep:], more=more)

    def note(self, conversation_id: ConversationId) -> None:
        """There is something new to be copied, or nothing yet where there should be a copy."""
        if self._closed or self._current is None or conversation_id in self._waiting:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.skipped += 1
            return
        self._waiting[conversation_id] = self._clock.monotonic() + PAUSE
        if self._writer is None:
            self._writer = self._tasks.start(self._write_all())

    async def drop(self, conversation_id: ConversationId) -> None:
        """When it returns the copy is gone, and a writing that was under way has not brought it back."""
        self._void([conversation_id])
        await self._cache.delete(chat_key(conversation_id))

    async def forget(self, erased: Erased) -> None:
        """As memory/erasure.py asks of everything that holds copies."""
        for conversation_id in erased.conversations:
            await self.drop(conversation_id)

    # -- writing ------------------------------------------------------------------------------------------------------

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                conversation_id, due = next(iter(self._waiting.items()))
                await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
                if self._waiting.pop(conversation_id, None) is not None:
                    await self._write(conversation_id)
        finally:
            self._writer = None

    async def _write(self, conversation_id: ConversationId) -> None:
        self._writing, self._voided = conversation_id, False
        try:
            await self._copy(conversation_id)
        except NotFound:
            await self._cache.delete(chat_key(conversation_id))
        except EverkinError as error:
            self.failures += 1
            log.warning("a hot copy could not be shared (%s); the record has it", error)
        finally:
            self._writing = None

    async def _copy(self, conversation_id: ConversationId) -> None:
        """Looks at the record again after writing: what was erased meanwhile, here or on another node, does not stay."""
        if self._current is None:
            return
        newest = await self._current(conversation_id, await self._revision(conversation_id))
        if self._voided:
            return
        key = chat_key(conversation_id)
        await self._cache.set(key, _written(newest), self._seconds(newest))
        self.written += 1
        if self._voided:
            await self._cache.delete(key)
        elif await self._revision(conversation_id) != newest.conversation.revision:
            self.note(conversation_id)

    async def _revision(self, conversation_id: ConversationId) -> int:
        found = await self._counting.revisions([conversation_id])
        if conversation_id not in found:
            raise NotFound
        return found[conversation_id]

    def _seconds(self, newest: Log) -> float:
        since = Millis(self._clock.now() - ACTIVE_MS)
        active = self._present(newest.conversation.id) or any(_seen(each.message, since) for each in newest.entries)
        return TTL_CHAT if active else TTL_CHAT_IDLE

    # -- what was dropped ---------------------------------------------------------------------------------------------

    def _heard(self, keys: Sequence[str] | None) -> None:
        """None: somebody dropped keys by pattern, or word of some may have been missed. The copies in the process are not the
        cache's, and stay."""
        if keys is None:
            self._voided = True
            return
        self._void([ConversationId(key.removeprefix(CHAT)) for key in keys if key.startswith(CHAT)])

    def _void(self, conversation_ids: Sequence[ConversationId]) -> None:
        for conversation_id in conversation_ids:
            self._waiting.pop(conversation_id, None)
            self._voided = self._voided or conversation_id == self._writing
            if self._lose is not None:
                self._lose(conversation_id)


def _seen(message: Message, since: Millis) -> bool:
    """Whether it shows a person who was there since then: they said it, or read it."""
    if message.sender_type is SenderType.USER:
        return message.created_at > since
    return message.read_at is not None and message.read_at > since


_FORM = b"%08x " % zlib.crc32(
    repr(
        [(each.name, each.type) for kind in (Conversation, Message, Turn) for each in dataclasses.fields(kind)]
    ).encode()
)
"""Changes when the fields do: what another version of Everkin wrote is not believed."""


def _written(newest: Log) -> bytes:
    return _FORM + pack(newest)


def _read(packed: bytes, conversation_id: ConversationId) -> Log | None:
    """None for what is broken, of another form, or somebody else's."""
    if not packed.startswith(_FORM):
        return None
    try:
        found = unpack(packed[len(_FORM) :])
    except (zlib.error, msgspec.MsgspecError, ValueError, LookupError, TypeError, RuntimeError):
        return None
    return found if found.conversation.id == conversation_id else None
