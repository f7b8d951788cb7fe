"""The hot copy of recent conversations, so that a turn re-reads nothing it already holds.

A copy is whole exactly while its revision is the record's: every write returns the conversation's new revision, and a copy
that is not one step behind (another node wrote meanwhile) is dropped and read again.
"""

from collections import OrderedDict
from collections.abc import Iterable

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId
from everkin.domain.record import Appended, Finished, Log, LogEntry
from everkin.turn.ports import Messages


class HotLogs:
    """`keep` entries of each of the `size` conversations used last."""

    def __init__(self, messages: Messages, keep: int, size: int = 4096) -> None:
        self._messages = messages
        self._keep = keep
        self._size = size
        self._logs: OrderedDict[ConversationId, Log] = OrderedDict()

    async def get(self, conversation_id: ConversationId) -> Log:
        """Without a check of rights: NotFound only for what does not exist."""
        if (log := self._logs.get(conversation_id)) is not None:
            self._logs.move_to_end(conversation_id)
            return log
        log = await self._messages.recent(conversation_id, None, self._keep)
        self._store(log)
        return log

    def appended(self, done: Appended) -> None:
        self._advance(done.conversation, (LogEntry(done.message, done.turns),))

    def finished(self, done: Finished) -> None:
        changed = [LogEntry(done.message, (done.turn,))]
        if done.reply is not None:
            changed.append(LogEntry(done.reply))
        self._advance(done.conversation, changed)

    def moved(self, conversation: Conversation) -> None:
        """The conversation changed in a way that is not told entry by entry."""
        self._logs.pop(conversation.id, None)

    def _advance(self, conversation: Conversation, changed: Iterable[LogEntry]) -> None:
        log = self._logs.get(conversation.id)
        if log is None or conversation.revision == log.conversation.revision:
            return
        if conversation.revision != log.conversation.revision + 1:
            del self._logs[conversation.id]
            return
        entries = {entry.message.id: entry for entry in log.entries}
        for entry in changed:
            if entry.message.id in entries or entry.message.seq > log.conversation.last_seq:
                entries[entry.message.id] = entry
        newest = tuple(entries.values())[-self._keep :]
        self._store(Log(conversation, newest, log.more or len(entries) > self._keep))

    def _store(self, log: Log) -> None:
        self._logs[log.conversation.id] = log
        self._logs.move_to_end(log.conversation.id)
        while len(self._logs) > self._size:
            self._logs.popitem(last=False)
