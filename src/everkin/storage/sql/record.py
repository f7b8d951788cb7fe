"""The record: everything that is kept, behind the ports of turn/ and trust/."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from everkin.storage.sql.characters import Characters
from everkin.storage.sql.conversations import Conversations
from everkin.storage.sql.counting import Counting
from everkin.storage.sql.database import Database, open_database
from everkin.storage.sql.erasing import Erasing
from everkin.storage.sql.exporting import Exporting
from everkin.storage.sql.greetings import Greetings
from everkin.storage.sql.ledger import Ledger
from everkin.storage.sql.media import Media
from everkin.storage.sql.memories import Memories
from everkin.storage.sql.messages import Messages
from everkin.storage.sql.migrating import migrate
from everkin.storage.sql.proofs import Proofs
from everkin.storage.sql.recalling import Recalling
from everkin.storage.sql.reindexing import Reindexing
from everkin.storage.sql.retention import Retention
from everkin.storage.sql.searching import Searching
from everkin.storage.sql.tokens import Tokens
from everkin.storage.sql.turns import Turns
from everkin.storage.sql.usage import Usage
from everkin.storage.sql.users import Users
from everkin.storage.sql.write_probe import WriteProbe


class Record:
    """Over a database whose schema is current."""

    def __init__(self, database: Database) -> None:
        ledger = Ledger(database.dialect)
        self.database = database
        self.messages = Messages(database, ledger)
        self.turns = Turns(database, ledger)
        self.conversations = Conversations(database, ledger)
        self.characters = Characters(database)
        self.users = Users(database)
        self.tokens = Tokens(database)
        self.media = Media(database)
        self.counting = Counting(database)
        self.greetings = Greetings(database, ledger)
        self.memories = Memories(database)
        self.recalling = Recalling(database)
        self.searching = Searching(database)
        self.erasing = Erasing(database, ledger)
        self.proofs = Proofs(database)
        self.exporting = Exporting(database)
        self.usage = Usage(database)
        self.retention = Retention(database, ledger)
        self.reindexing = Reindexing(database)
        self.write_probe = WriteProbe(database)


@asynccontextmanager
async def open_record(url: str, data: Path) -> AsyncIterator[Record]:
    """`url`: DATABASE_URL, or empty for SQLite in the folder `data`. Brings the schema up to date. On leaving, what
    waits is written first. StartError when the record cannot be opened."""
    database = await open_database(url, data)
    try:
        await migrate(database)
        yield Record(database)
    finally:
        await database.close()
