"""A table whose rows come, grow, shrink and go, so that its pages are rebuilt and split all the time. Each text begins with a token
that is used once. Run as a process: works on it until it is killed.

    python -m tests.contracts.overwriting_scene FOLDER SEED write|pass
"""

import asyncio
import random
import re
import sys
from pathlib import Path

from sqlalchemy import Connection, insert

from everkin.storage.sql import scrubbing_sqlite
from everkin.storage.sql.record import Record, open_record
from everkin.storage.sql.tables import unscrubbed

TOKEN = re.compile(rb"token-[0-9a-f]{16}-")
LENGTHS = (10, 30, 200, 900, 3000, 10_000)


class Workload:
    """`alive` is what the table holds; `dead` the tokens of all that was there once."""

    def __init__(self, record: Record, seed: int) -> None:
        self.alive: dict[int, str] = {}
        self.dead: set[bytes] = set()
        self._record = record
        self._rng = random.Random(seed)

    async def set_up(self) -> None:
        await self._record.database.change(_make_tables)

    async def work(self, steps: int, new: float = 0.45) -> None:
        """In transactions of ten steps; each is an erasure. `new`: share of the steps that make a row."""
        for _ in range(steps // 10):
            await self._record.database.change(lambda connection: self._ten(connection, new))

    def _ten(self, connection: Connection, new: float) -> None:
        connection.execute(insert(unscrubbed).values(words=False))
        for _ in range(10):
            kind = self._rng.random()
            if kind < new or not self.alive:
                self._put(connection, self._rng.getrandbits(30))
            elif kind < new + 0.55 * (1 - new):
                self._put(connection, self._rng.choice(list(self.alive)))
            else:
                self._drop(connection, self._rng.choice(list(self.alive)))

    def _put(self, connection: Connection, n: int) -> None:
        self._buried(n)
        token = f"token-{self._rng.getrandbits(64):016x}-"
        text = self.alive[n] = token + "words " * (self._rng.choice(LENGTHS) // 6)
        row = {"n": n, "t": text, "m": int(self._rng.getrandbits(30))}
        connection.exec_driver_sql("INSERT OR REPLACE INTO scraps (n, t, m) VALUES (:n, :t, :m)", row)
        connection.exec_driver_sql("DELETE FROM keyed WHERE n = :n", row)
        if len(text) < 1000:
            connection.exec_driver_sql("INSERT OR REPLACE INTO keyed (t, n) VALUES (:t, :n)", row)

    def _drop(self, connection: Connection, n: int) -> None:
        self._buried(n)
        connection.exec_driver_sql("DELETE FROM scraps WHERE n = ?", (n,))
        connection.exec_driver_sql("DELETE FROM keyed WHERE n = ?", (n,))

    def _buried(self, n: int) -> None:
        if (text := self.alive.pop(n, None)) is not None:
            self.dead.add(text[:23].encode())


def _make_tables(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE scraps (n INTEGER PRIMARY KEY, t TEXT, m INTEGER)")
    connection.exec_driver_sql("CREATE INDEX scraps_m ON scraps (m, t)")
    connection.exec_driver_sql("CREATE TABLE keyed (t TEXT, n INTEGER UNIQUE, PRIMARY KEY (t)) WITHOUT ROWID")


def tokens_in(folder: Path) -> set[bytes]:
    """Of all files. In the process that has the record open only where nobody else has: closing a file gives its locks up."""
    return {token for file in folder.glob("everkin.db*") for token in TOKEN.findall(file.read_bytes())}


async def main(folder: Path, seed: int, what: str) -> None:
    scrubbing_sqlite.BATCH = 2  # many small ones: a test comes in between
    async with open_record("", folder) as record:
        workload = Workload(record, seed)
        while True:
            if what == "write":
                await workload.work(10)
                await asyncio.sleep(0.01)  # as busy as a process can be that is not one loop
            else:
                await record.erasing.scrub()
            sys.stdout.write("done\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
