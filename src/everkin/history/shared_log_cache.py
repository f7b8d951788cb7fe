"""The second tier behind HistoryCache, shared by nodes: compressed messages under `chat:{conversation}` in the cache.

Order at the end of a turn: the database first, the search index second (by its own watermark), this copy last and
asynchronously. A copy is used only if its revision equals the database's, so an outdated, broken or missing one only
costs a read.
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
"""Least seconds between two writes for one conversation; changes in between are part of the next write."""
MOST_WAITING = 4096
"""Most conversations that wait to be written."""
ACTIVE_MS = round(TTL_CHAT * 1000)
"""Milliseconds after a user's last activity in which a conversation counts as active."""

Current = Callable[[ConversationId, int], Awaitable[Log]]
"""Returns the messages as of this revision or a later one."""


class SharedHistoryCache:
    """Reads and writes the shared copies.

    `present` returns True if a user has the conversation open on this node.

    Counters: `hits`; `misses` (no copy), `stale` (another revision, or too few entries) and `broken`, all of which lead
    to a read of the database; `written`; `failures` of writes; `skipped`: not written because MOST_WAITING others were
    waiting.
    """

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
        """Set the callbacks. `current` returns the messages to write; `lose` drops this process's copy of a
        conversation whose shared copy another node deleted."""
        self._current, self._lose = current, lose

    async def close(self) -> None:
        """Stop writing. Pending copies are discarded; they can be read from the database."""
        self._closed = True
        self._waiting.clear()
        await self._tasks.close()

    def figures(self) -> dict[str, float]:
        """Return the counters by name, for metrics."""
        names = ("hits", "misses", "stale", "broken", "written", "failures", "skipped")
        return {f"shared_{name}": float(getattr(self, name)) for name in names}

    async def get(self, conversation_id: ConversationId, keep: int) -> Log | None:
        """Return a complete copy of the newest `keep` entries, if any. Raises StorageUnavailable when the
        revision cannot be read from the database."""
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
        """Schedule a write of the conversation's copy."""
        if self._closed or self._current is None or conversation_id in self._waiting:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.skipped += 1
            return
        self._waiting[conversation_id] = self._clock.monotonic() + PAUSE
        if self._writer is None:
            self._writer = self._tasks.start(self._write_all())

    async def drop(self, conversation_id: ConversationId) -> None:
        """Delete the copy; after it returns it is gone, and a concurrent write does not restore it."""
        self._void([conversation_id])
        await self._cache.delete(chat_key(conversation_id))

    async def forget(self, erased: Erased) -> None:
        """Delete the copies of erased conversations (called by memory/erasure.py)."""
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
        """Write the copy and check the database again afterwards: data erased meanwhile, on any node, does not stay."""
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

    # -- deletions ----------------------------------------------------------------------------------------------------

    def _heard(self, keys: Sequence[str] | None) -> None:
        """Handle deletions. None: keys were deleted by pattern, or messages about deletions may have been lost; the
        copies in this process are not part of the cache and stay."""
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
    """Return True if the message was sent or read by a user after `since`."""
    if message.sender_type is SenderType.USER:
        return message.created_at > since
    return message.read_at is not None and message.read_at > since


_FORM = b"%08x " % zlib.crc32(
    repr(
        [(each.name, each.type) for kind in (Conversation, Message, Turn) for each in dataclasses.fields(kind)]
    ).encode()
)
"""Changes with the fields, so that copies written by another version of Everkin are ignored."""


def _written(newest: Log) -> bytes:
    return _FORM + pack(newest)


def _read(packed: bytes, conversation_id: ConversationId) -> Log | None:
    """Return the decoded copy, unless it is broken, of another format or of another conversation."""
    if not packed.startswith(_FORM):
        return None
    try:
        found = unpack(packed[len(_FORM) :])
    except (zlib.error, msgspec.MsgspecError, ValueError, LookupError, TypeError, RuntimeError):
        return None
    return found if found.conversation.id == conversation_id else None
