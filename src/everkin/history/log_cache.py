"""The in-memory cache of conversations' recent messages, so that a turn reads no message twice.

A copy is complete exactly while its revision equals the database's. Each write returns the new revision; a copy that is
not exactly one step behind (another node wrote meanwhile) is dropped and read again. Copies that are not used for a
while are compressed to a few kilobytes. The database holds all data, so dropping a copy is always safe. Nodes may share
copies behind this cache (history/shared_log_cache.py).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId
from everkin.domain.record import Appended, Finished, Log, LogEntry
from everkin.domain.repositories import Messages
from everkin.domain.turn import TurnState
from everkin.history.log_codec import pack, unpack
from everkin.history.shared_log_cache import SharedHistoryCache

RESTING_BYTES = 3712
"""Most bytes of a compressed copy; larger ones are dropped and read again from the database when needed. With the
other data of a session this limits an idle session to 5 KiB."""


@dataclass(frozen=True, slots=True)
class _Resting:
    """A compressed copy."""

    revision: int
    """The conversation's revision."""
    packed: bytes
    """The output of `pack`."""


class HistoryCache:
    """Caches the newest `keep` entries of each of the `size` most recently used conversations.

    Compressed copies contain the newest `keep_resting` entries (None: all); at most `most_resting` of them are kept.
    """

    def __init__(
        self,
        messages: Messages,
        keep: int,
        size: int = 4096,
        *,
        keep_resting: int | None = None,
        most_resting: int = 65_536,
        shared: SharedHistoryCache | None = None,
    ) -> None:
        self._shared = shared
        if shared is not None:
            shared.serve(self.current, self.drop)
        self._messages = messages
        self._keep = keep
        self._keep_resting = keep if keep_resting is None else keep_resting
        self._size = size
        self._most_resting = most_resting
        self._logs: OrderedDict[ConversationId, Log] = OrderedDict()
        self._resting: OrderedDict[ConversationId, _Resting] = OrderedDict()
        self._used: set[ConversationId] = set()

    @property
    def awake(self) -> int:
        """Number of uncompressed copies."""
        return len(self._logs)

    @property
    def resting(self) -> int:
        """Number of compressed copies."""
        return len(self._resting)

    def __len__(self) -> int:
        return len(self._logs)

    async def get(self, conversation_id: ConversationId) -> Log:
        """Return the conversation's newest messages without a check of access rights. Raises NotFound if it does not
        exist."""
        if (log := self._wake(conversation_id)) is not None:
            return log
        return await self._read(conversation_id)

    async def current(self, conversation_id: ConversationId, revision: int) -> Log:
        """Return the messages as of `revision` or later. Does not count as a use."""
        log = self.peek(conversation_id)
        if (
            log is not None
            and log.conversation.revision >= revision
            and (len(log.entries) >= self._keep or not log.more)
        ):
            return log
        return await self._messages.recent(conversation_id, None, self._keep)

    async def _read(self, conversation_id: ConversationId) -> Log:
        read = await self._shared.get(conversation_id, self._keep) if self._shared is not None else None
        if read is None:
            read = await self._messages.recent(conversation_id, None, self._keep)
            self._note(conversation_id)
        kept = self._wake(conversation_id)
        if kept is not None and kept.conversation.revision >= read.conversation.revision:
            return kept  # newer: a write was applied during the read
        self._store(read)
        return read

    def peek(self, conversation_id: ConversationId) -> Log | None:
        """Return the cached copy, if any. Does not count as a use."""
        if (log := self._logs.get(conversation_id)) is not None:
            return log
        resting = self._resting.get(conversation_id)
        return unpack(resting.packed) if resting is not None else None

    def revision(self, conversation_id: ConversationId) -> int | None:
        """Return the revision of the cached copy, if any."""
        if (log := self._logs.get(conversation_id)) is not None:
            return log.conversation.revision
        resting = self._resting.get(conversation_id)
        return resting.revision if resting is not None else None

    def appended(self, done: Appended) -> None:
        """Apply a stored message to the copy."""
        note = (LogEntry(done.note),) if done.note is not None else ()
        self._advance(done.conversation, (LogEntry(done.message, done.turns), *note))
        if not any(turn.state is TurnState.PENDING for turn in done.turns):
            self._note(done.conversation.id)

    def finished(self, done: Finished) -> None:
        """Apply the end of a turn to the copy."""
        changed = [LogEntry(done.message, (done.turn,))]
        if done.reply is not None:
            changed.append(LogEntry(done.reply))
        changed += [LogEntry(note) for note in done.notes]
        self._advance(done.conversation, changed)
        self._note(done.conversation.id)

    def moved(self, conversation: Conversation) -> None:
        """Drop the copy after a change that is not described by single entries."""
        self.drop(conversation.id)
        self._note(conversation.id)

    async def forget(self, conversation_id: ConversationId) -> None:
        """Drop the copy here and the one nodes share; after it returns, this process can reach no copy."""
        self.drop(conversation_id)
        if self._shared is not None:
            await self._shared.drop(conversation_id)

    def drop(self, conversation_id: ConversationId) -> None:
        """Drop the copy in this process."""
        self._logs.pop(conversation_id, None)
        self._resting.pop(conversation_id, None)
        self._used.discard(conversation_id)

    def _note(self, conversation_id: ConversationId) -> None:
        if self._shared is not None:
            self._shared.note(conversation_id)

    def keep_only(self, wanted: Container[ConversationId]) -> None:
        """Drop the copies of all conversations outside `wanted`."""
        for conversation_id in [each for each in (*self._logs, *self._resting) if each not in wanted]:
            self.drop(conversation_id)

    async def rest(self) -> int:
        """Compress copies that were not used since the last call and have no pending turn; return their number.

        Yields to the event loop in between: compressing one takes about a millisecond.
        """
        idle = [each for each, log in self._logs.items() if each not in self._used and not _is_waiting(log)]
        self._used.clear()
        packed = 0
        for conversation_id in idle:
            if conversation_id not in self._used and (log := self._logs.pop(conversation_id, None)) is not None:
                self._lay_down(log)
                packed += 1
                await asyncio.sleep(0)
        return packed

    def _wake(self, conversation_id: ConversationId) -> Log | None:
        self._used.add(conversation_id)
        if (log := self._logs.get(conversation_id)) is not None:
            self._logs.move_to_end(conversation_id)
            return log
        if (resting := self._resting.get(conversation_id)) is None:
            return None
        log = unpack(resting.packed)
        self._store(log)
        return log

    def _advance(self, conversation: Conversation, changed: Iterable[LogEntry]) -> None:
        if self.revision(conversation.id) in (None, conversation.revision):
            return
        log = self._wake(conversation.id)
        if log is None or conversation.revision != log.conversation.revision + 1:
            self.drop(conversation.id)
            return
        entries = {entry.message.id: entry for entry in log.entries}
        for entry in changed:
            if entry.message.id in entries or entry.message.seq > log.conversation.last_seq:
                entries[entry.message.id] = entry
        newest = tuple(entries.values())[-self._keep :]
        self._store(Log(conversation, newest, log.more or len(entries) > self._keep))

    def _store(self, log: Log) -> None:
        conversation_id = log.conversation.id
        self._resting.pop(conversation_id, None)
        self._logs[conversation_id] = log
        self._logs.move_to_end(conversation_id)
        self._used.add(conversation_id)
        while len(self._logs) > self._size:
            oldest, idle = self._logs.popitem(last=False)
            self._used.discard(oldest)
            self._lay_down(idle)

    def _lay_down(self, log: Log) -> None:
        if _is_waiting(log):
            return
        packed = pack(_newest(log, self._keep_resting))
        if len(packed) > RESTING_BYTES:
            return
        self._resting[log.conversation.id] = _Resting(log.conversation.revision, packed)
        while len(self._resting) > self._most_resting:
            self._resting.popitem(last=False)


def _is_waiting(log: Log) -> bool:
    """Return True if a turn is pending: answering an early message needs the messages before it."""
    return any(turn.state is TurnState.PENDING for entry in log.entries for turn in entry.turns)


def _newest(log: Log, count: int) -> Log:
    """Return the newest `count` entries. Deleted messages do not count, because prompts never contain them."""
    left = count
    for index in range(len(log.entries) - 1, -1, -1):
        left -= log.entries[index].message.deleted_at is None
        if left == 0 and index > 0:
            return replace(log, entries=log.entries[index:], more=True)
    return log
