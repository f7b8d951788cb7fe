"""The message repository (domain/repositories.py)."""

from collections.abc import Mapping, Sequence
from typing import Any

from everkin.domain.conversation import Conversation
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.record import Appended, Finished, HelpLine, Log, LogEntry, NewMessage, Outcome, SentMessage
from everkin.storage.sql.append import Append
from everkin.storage.sql.changes import Again, Ask, Changes, Delete, Edit
from everkin.storage.sql.database import Database
from everkin.storage.sql.finish import Finish, FinishTogether
from everkin.storage.sql.log import LogReader
from everkin.storage.sql.newest import NewestTurns
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.read_receipts import ReadReceipts, Receipt
from everkin.storage.sql.unit_of_work import UnitOfWork


class Messages:
    def __init__(self, database: Database, ledger: UnitOfWork) -> None:
        newest = NewestTurns(database.dialect)
        changes, receipts = Changes(ledger, newest), ReadReceipts(ledger)
        self._database = database
        self._reader = LogReader(newest)
        self._append = Append(database.dialect, ledger, newest)
        self._finish = Finish(database.dialect, ledger)
        self._finish_together = FinishTogether(self._finish)
        self._again = PerItem(changes.again)
        self._ask = PerItem(changes.ask)
        self._edit = PerItem(changes.edit)
        self._delete = PerItem(changes.delete)
        self._mark_read = PerItem(receipts.read)
        self._mark_delivered = PerItem(receipts.delivered)

    async def append(self, new: NewMessage) -> Appended:
        return await self._database.write(self._append, new)

    async def find_sent(self, sent: SentMessage) -> Appended | None:
        return await self._database.read(lambda connection: self._append.find_sent(connection, sent))

    async def finish(self, outcome: Outcome) -> Finished | None:
        return await self._database.write(self._finish, outcome)

    async def finish_together(self, outcomes: Sequence[Outcome]) -> Sequence[Finished | None]:
        return await self._database.write(self._finish_together, outcomes)

    async def again(
        self, message_id: MessageId, user_id: UserId, turn_id: TurnId, owner: str, lease_until: Millis, at: Millis
    ) -> Appended:
        return await self._database.write(self._again, Again(message_id, user_id, turn_id, owner, lease_until, at))

    async def ask(
        self,
        conversation_id: ConversationId,
        user_id: UserId,
        character_id: CharacterId,
        turn_id: TurnId,
        owner: str,
        lease_until: Millis,
        at: Millis,
    ) -> Appended:
        asked = Ask(conversation_id, user_id, character_id, turn_id, owner, lease_until, at)
        return await self._database.write(self._ask, asked)

    async def edit(
        self,
        message_id: MessageId,
        user_id: UserId,
        content: str,
        at: Millis,
        metadata: Mapping[str, Any] | None = None,
        help_line: HelpLine | None = None,
    ) -> Appended:
        edit = Edit(message_id, user_id, content, at, metadata or {}, help_line)
        return await self._database.write(self._edit, edit)

    async def delete(self, message_id: MessageId, user_id: UserId, at: Millis) -> Appended:
        return await self._database.write(self._delete, Delete(message_id, user_id, at))

    async def mark_read(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation:
        return await self._database.write(self._mark_read, Receipt(conversation_id, user_id, up_to_seq, at))

    async def mark_delivered(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation:
        return await self._database.write(self._mark_delivered, Receipt(conversation_id, user_id, up_to_seq, at))

    async def get(self, message_id: MessageId, user_id: UserId) -> tuple[LogEntry, Conversation]:
        return await self._database.read(lambda connection: self._reader.entry(connection, message_id, user_id))

    async def recent(self, conversation_id: ConversationId, user_id: UserId | None, limit: int) -> Log:
        reader = self._reader
        return await self._database.read(lambda connection: reader.newest(connection, conversation_id, user_id, limit))

    async def page(
        self, conversation_id: ConversationId, user_id: UserId, *, before: int | None, after: int | None, limit: int
    ) -> Log:
        reader = self._reader
        if after is not None:
            return await self._database.read(
                lambda connection: reader.after(connection, conversation_id, user_id, after, limit)
            )
        return await self._database.read(
            lambda connection: reader.before(connection, conversation_id, user_id, before, limit)
        )

    async def missed(
        self, conversation_id: ConversationId, user_id: UserId, last_seq: int, last_revision: int | None, limit: int
    ) -> Log:
        reader = self._reader
        return await self._database.read(
            lambda connection: reader.missed(connection, conversation_id, user_id, last_seq, last_revision, limit)
        )
