"""The record: all repositories over one database (ports in domain/, memory/ and security/)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from everkin.storage.sql.characters import Characters
from everkin.storage.sql.conversation_counts import ConversationCounts
from everkin.storage.sql.conversations import Conversations
from everkin.storage.sql.database import Database, open_database
from everkin.storage.sql.erasure import RecordErasure
from everkin.storage.sql.erasure_receipts import ErasureReceipts
from everkin.storage.sql.export import PersonalDataExport
from everkin.storage.sql.greetings import Greetings
from everkin.storage.sql.media import Media
from everkin.storage.sql.memories import Memories
from everkin.storage.sql.memory_sources import MemorySources
from everkin.storage.sql.message_search import MessageSearch
from everkin.storage.sql.messages import Messages
from everkin.storage.sql.migrate import migrate
from everkin.storage.sql.reindex import ReindexState
from everkin.storage.sql.retention import RetentionRecord
from everkin.storage.sql.tokens import Tokens
from everkin.storage.sql.turns import Turns
from everkin.storage.sql.unit_of_work import UnitOfWork
from everkin.storage.sql.usage import Usage
from everkin.storage.sql.users import Users
from everkin.storage.sql.write_probe import WriteProbe


class Record:
    """All repositories. The database's schema must be current."""

    def __init__(self, database: Database) -> None:
        ledger = UnitOfWork(database.dialect)
        self.database = database
        self.messages = Messages(database, ledger)
        self.turns = Turns(database, ledger)
        self.conversations = Conversations(database, ledger)
        self.characters = Characters(database)
        self.users = Users(database)
        self.tokens = Tokens(database)
        self.media = Media(database)
        self.counting = ConversationCounts(database)
        self.greetings = Greetings(database, ledger)
        self.memories = Memories(database)
        self.recalling = MemorySources(database)
        self.search = MessageSearch(database)
        self.erasing = RecordErasure(database, ledger)
        self.proofs = ErasureReceipts(database)
        self.exporting = PersonalDataExport(database)
        self.usage = Usage(database)
        self.retention = RetentionRecord(database, ledger)
        self.reindexing = ReindexState(database)
        self.write_probe = WriteProbe(database)


@asynccontextmanager
async def open_record(url: str, data: Path) -> AsyncIterator[Record]:
    """Open the database, upgrade its schema and yield the repositories. `url` is DATABASE_URL, or "" for SQLite in the
    folder `data`. Pending writes are finished on exit.

    Raises StartError if the database cannot be opened.
    """
    database = await open_database(url, data)
    try:
        await migrate(database)
        yield Record(database)
    finally:
        await database.close()
